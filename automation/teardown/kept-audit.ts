import { scheduleKeyDeletion } from "../../aws/kms";
import { ObjectStore } from "../../aws/s3";
import type { AwsSession } from "../../aws/session";
import { taggedResources } from "../../aws/tagging";
import { UserError } from "../errors";
import { stillThere } from "./remains";
import { environmentTags } from "../../contract/names";

/** Says that a resource outlives its environment on purpose; `infra/audit` puts it on the audit bucket and its key. */
const keptTag = { kept: "audit" } as const;

/** ARNs of what an environment's teardown leaves on purpose (`peregrine:auditKeep`), as far as it can still be had. */
export async function keptAudit(session: AwsSession, environment: string): Promise<string[]> {
  return stillThere(session, await taggedResources(session, { ...environmentTags(environment), ...keptTag }));
}

/**
 * Deletes what was kept: buckets with their log files, then the keys that open them. A file under a compliance lock
 * stays, with its bucket and the keys.
 * @throws UserError naming what S3 refused.
 * @returns how many resources were deleted.
 */
export async function deleteKeptAudit(session: AwsSession, environment: string): Promise<number> {
  const kept = await keptAudit(session, environment);
  const store = new ObjectStore(session);
  for (const arn of kept.filter((one) => one.split(":")[2] === "s3")) {
    const refusal = await store.deleteLocked(arn.split(":::")[1]!);
    if (refusal)
      throw new UserError(
        `The audit bucket of ${environment} cannot be deleted yet: ${refusal}`,
        "Objects in compliance mode stay until their lock ends: aws s3api get-object-retention says when. Run teardown --with-audit again then.",
      );
  }
  for (const arn of kept.filter((one) => one.split(":")[2] === "kms"))
    await scheduleKeyDeletion(session, arn.split(":key/")[1]!);
  return kept.length;
}
