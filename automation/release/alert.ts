import { Notifications } from "../../aws/sns";
import { type ReleaseContent, releaseId } from "../../records/release";
import type { Environment } from "../stack/environment";
import type { StackOutputs } from "../../contract/outputs";

/** What became of a release that failed. */
export type RollbackOutcome = "taken back" | "not taken back" | "nothing to take back";

/** A release that failed: what was wanted, where, and why it is not so. */
export interface Failure {
  readonly environment: string;
  readonly kind: "promote" | "rollback";
  readonly model: ReleaseContent;
  readonly reason: string;
}

/** What people are told. */
interface Notice {
  readonly severity: "warning" | "critical";
  readonly subject: string;
  readonly message: string;
}

interface Words {
  readonly severity: Notice["severity"];
  readonly what: string;
  readonly now: string;
  /** What a person has to do, as a command that can be copied. */
  readonly act?: (failure: Failure) => string;
}

const words: Readonly<Record<RollbackOutcome, Words>> = {
  "taken back": {
    severity: "warning",
    what: "was taken back",
    now: "The release before it is live again; nobody has to act at once.",
  },
  "not taken back": {
    severity: "critical",
    what: "failed and could not be taken back",
    now: "The environment needs a person now: it may serve the failed release, or nothing.",
    act: ({ environment, kind, model }) =>
      `Correct the cause, then go on putting back by the command that failed: ${kind === "promote" ? `npx peregrine promote ${model.modelPackageArn} --to ${environment}` : `npx peregrine rollback --stack ${environment} --to ${releaseId(model)}`}`,
  },
  "nothing to take back": {
    severity: "critical",
    what: "fails its tests while it is live",
    now: "The release that is live needs a person now.",
    act: ({ environment }) => `Go back to the release before: npx peregrine rollback --stack ${environment}`,
  },
};

/**
 * What people are told of a release that failed: what happened, what serves now, what to do, in a checkout of the
 * project.
 */
export function failureNotice(failure: Failure, aftermath: RollbackOutcome): Notice {
  const { environment, kind, model, reason } = failure;
  const { severity, what, now, act } = words[aftermath];
  const subject = subjectOf(environment, severity, `${kind} of ${packageName(model.modelPackageArn)} ${what}`);
  const message = [
    `The ${kind} of ${model.modelPackageArn} (release ${releaseId(model)}) in ${environment} failed:`,
    "",
    reason,
    "",
    now,
    ...(act ? [act(failure)] : []),
    `What is where:    npx peregrine doctor --stack ${environment}`,
    `What happened:    npx peregrine release list --stack ${environment}`,
    "Runbook:          docs/runbooks/release-failed.md",
  ].join("\n");
  return { severity, subject, message };
}

/** A release that is live, and of which its rollout proved nothing. */
export interface Unproven {
  readonly environment: string;
  readonly model: ReleaseContent;
  readonly reasons: readonly string[];
}

/** What people are told of a release that is live without a proof: what is not known, and what to do next. */
export function unprovenNotice({ environment, model, reasons }: Unproven): Notice {
  const id = releaseId(model);
  const message = [
    `The promote of ${model.modelPackageArn} (release ${id}) is live in ${environment}, and its rollout is inconclusive: what both configurations served proves neither that it is no worse than the release before nor that it is.`,
    "",
    ...reasons.map((reason) => `  - ${reason}`),
    "",
    "Nobody has to act at once: no alarm and no golden image speaks against it. Look at it today, and go back if you doubt it.",
    `What was seen:     npx peregrine release show ${id} --stack ${environment}`,
    `Go back:           npx peregrine rollback --stack ${environment}`,
    "Runbook:           docs/runbooks/release-unproven.md",
  ].join("\n");
  return {
    severity: "warning",
    subject: subjectOf(environment, "warning", `${packageName(model.modelPackageArn)} is live and unproven`),
    message,
  };
}

/** Tells people of a release that is live without a proof. */
export function alertUnproven(environment: Environment, outputs: StackOutputs, unproven: Unproven): Promise<void> {
  return publish(environment, outputs, unprovenNotice(unproven));
}

/** A package that the gate refused though it is approved. */
export interface Refusal {
  readonly environment: string;
  readonly modelPackageArn: string;
  readonly reasons: readonly string[];
  /** Somebody decided, and something is not as it was then; otherwise nobody has signed a decision. */
  readonly changed: boolean;
}

/** What people are told of a package that is approved and may not be released all the same. */
function refusalNotice({ environment, modelPackageArn, reasons, changed }: Refusal): Notice {
  const severity = changed ? "critical" : "warning";
  const subject = subjectOf(
    environment,
    severity,
    `release of ${packageName(modelPackageArn)} refused: ${changed ? "not what was approved" : "no signed decision"}`,
  );
  const message = [
    `The gate of ${environment} refused ${modelPackageArn}, whose status is Approved:`,
    "",
    ...reasons.map((reason) => `  - ${reason}`),
    "",
    "Nothing was changed: the release before is live.",
    changed
      ? "Somebody changed what an approver had decided about. Find out who and why before it is approved again; the trail knows every call."
      : "A status alone releases nothing. Have it decided about by an approver.",
    `What was decided: npx peregrine decision show ${modelPackageArn}`,
    `What is where:    npx peregrine doctor --stack ${environment}`,
    "Runbook:          docs/runbooks/release-failed.md",
  ].join("\n");
  return { severity, subject, message };
}

/** Tells people that the gate refused an approved package. */
export function alertRefusal(environment: Environment, outputs: StackOutputs, refusal: Refusal): Promise<void> {
  return publish(environment, outputs, refusalNotice(refusal));
}

/** What people are told of an approved package that does not go live, since one that was approved later did. */
function supersededNotice({ environment, modelPackageArn, reasons }: Omit<Refusal, "changed">): Notice {
  const message = [
    `The approval of ${modelPackageArn} came to its turn after a later one:`,
    "",
    ...reasons.map((reason) => `  - ${reason}`),
    "",
    "Nothing was changed: the later one stays live. Nobody has to act.",
    `Release it all the same: npx peregrine request release ${modelPackageArn} --stack ${environment}`,
  ].join("\n");
  return {
    severity: "warning",
    subject: subjectOf(environment, "warning", `release of ${packageName(modelPackageArn)} superseded`),
    message,
  };
}

/** Tells people that an approved package is superseded. */
export function alertSuperseded(
  environment: Environment,
  outputs: StackOutputs,
  superseded: Omit<Refusal, "changed">,
): Promise<void> {
  return publish(environment, outputs, supersededNotice(superseded));
}

function packageName(modelPackageArn: string): string {
  return modelPackageArn.split("/").slice(1).join(" version ");
}

/** SNS subjects: ASCII, at most 100 characters. */
function subjectOf(environment: string, severity: Notice["severity"], what: string): string {
  return `[${environment}] ${severity.toUpperCase()}: ${what}`.replace(/[^\x20-\x7e]/g, "?").slice(0, 100);
}

/** Tells people that a release failed. */
export function alertFailure(
  environment: Environment,
  outputs: StackOutputs,
  failure: Failure,
  aftermath: RollbackOutcome,
): Promise<void> {
  return publish(environment, outputs, failureNotice(failure, aftermath));
}

async function publish(
  { session }: Environment,
  { alertTopicArns }: StackOutputs,
  { severity, subject, message }: Notice,
): Promise<void> {
  await new Notifications(session).publish(alertTopicArns[severity]!, subject, message);
}
