import { publicKeyOf } from "../../aws/kms";
import { ObjectStore } from "../../aws/s3";
import type { AwsSession } from "../../aws/session";
import { isUnknown, type Unknown } from "../../lifecycle/comparison";
import {
  decisionFolder,
  decisionKey,
  type DecisionKey,
  InvalidDecision,
  readDecision,
  type SignedDecision,
  writeDecision,
} from "../../lifecycle/decision";
import type { FoundDecision } from "../../lifecycle/decision-checks";
import { UserError } from "../errors";
import type { StackOutputs } from "../../contract/outputs";

/**
 * What was decided about packages: one object a decision, below `approvals/` of the registry's bucket. None is ever
 * written over, so what was decided first stays beside what was decided later.
 */
export class Decisions {
  private readonly store: ObjectStore;

  constructor(
    private readonly session: AwsSession,
    private readonly registry: Pick<StackOutputs, "artifactsBucket" | "approvalKeyArn">,
  ) {
    this.store = new ObjectStore(session);
  }

  /** All decisions about a package, oldest first; unknown are those that cannot be read. */
  async list(packageArn: string): Promise<(FoundDecision | (Unknown & { readonly key: string }))[]> {
    const found = await this.store.list(this.registry.artifactsBucket, folderOf(packageArn));
    return Promise.all(found.map(({ key }) => this.read(key)));
  }

  /** The newest decision about a package: their names begin with the time. Undefined when nobody decided. */
  async newest(packageArn: string): Promise<FoundDecision | Unknown | undefined> {
    const newest = (await this.store.list(this.registry.artifactsBucket, folderOf(packageArn))).at(-1);
    return newest && this.read(newest.key);
  }

  /**
   * Lays a signed decision down. One that is there already, byte for byte, counts as written.
   * @throws UserError when another one is.
   */
  async write(signed: SignedDecision): Promise<string> {
    const key = decisionKey(signed.decision);
    const location = { bucket: this.registry.artifactsBucket, key };
    const { outcome } = await this.store.putIf(location, writeDecision(signed), { absent: true }, "application/json");
    if (outcome === "written") return key;
    const there = await this.read(key);
    // A signature is another one each time, also of the same decision.
    if (!isUnknown(there) && decisionKey(there.decision) === key) return key;
    throw new UserError(
      `There is another decision by the name s3://${location.bucket}/${key}.`,
      "Run the same command again.",
    );
  }

  /** The key that decisions are verified with; unknown when it cannot be had. */
  async key(): Promise<DecisionKey | Unknown> {
    const { approvalKeyArn: arn } = this.registry;
    if (!arn) return { unknown: "the registry's environment has no key for decisions; bring it up again" };
    return publicKeyOf(this.session, arn).then(
      (publicKey) => ({ arn, publicKey }),
      (error: Error) => ({ unknown: `${arn} does not answer: ${error.message}` }),
    );
  }

  private async read(key: string): Promise<FoundDecision | (Unknown & { readonly key: string })> {
    const body = await this.store.get({ bucket: this.registry.artifactsBucket, key });
    const read = body ? readDecision(body.toString("utf8")) : { problem: "it is gone" };
    return "problem" in read ? { unknown: `${key}: ${read.problem}`, key } : { ...read, key };
  }
}

function folderOf(packageArn: string): string {
  try {
    return decisionFolder(packageArn);
  } catch (error) {
    if (error instanceof InvalidDecision)
      throw new UserError(
        `Nobody can decide about ${packageArn}: it is not the ARN of a model package version.`,
        "List the packages: npx peregrine status",
        { cause: error },
      );
    throw error;
  }
}
