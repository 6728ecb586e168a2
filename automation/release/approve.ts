import { signDigest } from "../../aws/kms";
import { SageMaker } from "../../aws/sagemaker";
import { type AwsSession, isDenied } from "../../aws/session";
import { callerIdentity } from "../../aws/sts";
import { isUnknown } from "../../lifecycle/comparison";
import { canonicalJson } from "../../lifecycle/canonical";
import {
  checkWords,
  decide,
  decisionDigest,
  InvalidDecision,
  type PackageDecision,
  verifyDecision,
} from "../../lifecycle/decision";
import { type FoundDecision, imageOf } from "../../lifecycle/decision-checks";
import { Decisions } from "./decisions";
import { UserError } from "../errors";
import { type PackageFacts, readPackage } from "./package-facts";
import type { StackOutputs } from "../../contract/outputs";

/** What somebody decides, in their own words. */
export interface Verdict {
  readonly verdict: PackageDecision["verdict"];
  readonly why: string;
}

/** A decision that was made: where it lies, and whether an earlier, interrupted command had signed it. */
export interface DecisionResult {
  readonly decision: PackageDecision;
  readonly key: string;
  readonly resumed: boolean;
}

/**
 * Decides about a model package, as the approver's own calls: reads what is decided about, signs its digests, lays the
 * decision beside the evidence, and sets the status last. Killed in between, the same command goes on: until the status
 * is set nothing is released.
 * @param session the approver's.
 * @param registry outputs of the environment whose registry holds the package.
 * @param show is told what is decided, before it is.
 * @throws UserError with all that keeps the package from being decided about, or what refused.
 */
export async function decideAbout(
  session: AwsSession,
  registry: StackOutputs,
  packageArn: string,
  { verdict, why }: Verdict,
  show: (facts: PackageFacts) => void,
): Promise<DecisionResult> {
  const { approvalKeyArn: keyArn } = registry;
  try {
    checkWords({ packageArn, why });
    const facts = await readPackage(session, packageArn);
    show(facts);
    const decisions = new Decisions(session, registry);
    const [caller, newest, key] = await Promise.all([
      callerIdentity(session),
      decisions.newest(packageArn),
      decisions.key(),
    ]);
    const content = {
      packageArn,
      verdict,
      why: why.trim(),
      by: caller.arn,
      person: caller.arn.split(/[/:]/).at(-1)!,
      keyArn,
      digests: facts.digests,
    };
    const signed = newest && !isUnknown(newest) ? newest : undefined;
    const before =
      signed && !isUnknown(key) && verifyDecision(signed, key) && sameDecision(signed, content) ? signed : undefined;
    const { decision, key: place } =
      before ?? (await sign(session, decisions, decide({ ...content, at: later(caller.at, signed) })));
    await new SageMaker(session).setApproval(packageArn, verdict, decision.why);
    return { decision, key: place, resumed: before !== undefined };
  } catch (error) {
    throw explained(error, packageArn, verdict);
  }
}

async function sign(
  session: AwsSession,
  decisions: Decisions,
  decision: PackageDecision,
): Promise<Pick<DecisionResult, "decision" | "key">> {
  const signature = await signDigest(session, decision.keyArn, decisionDigest(decision));
  return {
    decision,
    key: await decisions.write({ decision, algorithm: "ECDSA_SHA_256", signature: signature.toString("base64") }),
  };
}

/** Whether a decision says the same, of the same, by the same person. */
function sameDecision(
  { decision: { schema: _schema, at: _at, ...content } }: FoundDecision,
  wanted: Omit<PackageDecision, "schema" | "at">,
): boolean {
  return canonicalJson(content) === canonicalJson(wanted);
}

/**
 * Service time, which counts whole seconds, and in any case after the decision before: the newest one is what counts.
 */
function later(now: Date, before: FoundDecision | undefined): string {
  return new Date(Math.max(now.getTime(), before ? Date.parse(before.decision.at) + 1 : 0)).toISOString();
}

function explained(error: unknown, packageArn: string, verdict: string): unknown {
  if (error instanceof InvalidDecision)
    return new UserError(
      `${packageArn} cannot be ${verdict}:\n${error.problems.map((problem) => `  - ${problem}`).join("\n")}`,
      "An approval is about an archive, an image, an evaluation and its dataset, all by digest. Reject what lacks them: --reject",
    );
  if (isDenied(error))
    return new UserError(
      `Cannot set ${packageArn} to ${verdict}: ${(error as Error).message}`,
      "Act as the approver: --profile approver",
      { cause: error },
    );
  return error;
}

/** What is decided about, line by line, for the person who decides. */
export function decidedText({
  described,
  evaluation,
  digests,
  imageName,
  modelDataUrl,
  touchedBy,
}: PackageFacts): string {
  const numbers = isUnknown(evaluation)
    ? `not known: ${evaluation.unknown}`
    : `mAP50 ${evaluation.map50.toFixed(3)}${evaluation.comparison ? `, ${signed(evaluation.comparison.map50Gain)} against the champion` : ", no champion to compare with"}; p99 ${evaluation.latencyMs.p99} ms`;
  const lines: [string, string][] = [
    ["package", `${described.ModelPackageArn}, ${described.ModelApprovalStatus}`],
    ["evaluation", numbers],
    ["", `sha256 ${digests.evaluationSha256 ?? "unknown"}, of the dataset ${digests.datasetDigest ?? "unknown"}`],
    ["archive", `${modelDataUrl ?? "none"}`],
    ["", `sha256 ${digests.archiveSha256 ?? "unknown: there is no such object"}`],
    ["image", imageName ?? "none"],
    ["", imageOf(digests) ?? "unknown: there is no such image"],
    ["content", Object.keys(digests.content).join(", ")],
    ...(touchedBy
      ? [["last changed", `by ${touchedBy.arn}${touchedBy.at ? ` on ${touchedBy.at}` : ""}`] as [string, string]]
      : []),
  ];
  return `${lines.map(([name, text]) => `${name.padEnd(13)}${text}`).join("\n")}\n`;
}

function signed(gain: number): string {
  return `${gain < 0 ? "" : "+"}${gain.toFixed(3)}`;
}
