import { Notifications } from "../aws/sns";
import type { Wanted } from "./rollout";
import type { Environment, EnvironmentOutputs } from "./workspace";

/** What became of a release that failed. */
export type Aftermath = "taken back" | "not taken back" | "nothing to take back";

const words: Readonly<Record<Aftermath, { readonly severity: "warning" | "critical"; readonly what: string; readonly now: string; readonly act?: string }>> = {
  "taken back": { severity: "warning", what: "was taken back", now: "The release before it is live again; nobody has to act at once." },
  "not taken back": {
    severity: "critical",
    what: "failed and could not be taken back",
    now: "The environment needs a person now: it may serve the failed release, or nothing.",
    act: "Go on putting back: the command that failed, once more.",
  },
  "nothing to take back": { severity: "critical", what: "fails its tests while it is live", now: "The release that is live needs a person now.", act: "Go back to the release before: peregrine rollback" },
};

/** Tells people that a release failed, what serves now and what to do. */
export async function alertFailure({ name, session }: Environment, { alertTopicArns }: EnvironmentOutputs, { kind, model }: Wanted, reason: string, aftermath: Aftermath): Promise<void> {
  const { severity, what, now, act } = words[aftermath];
  const release = model.modelPackageArn.split("/").slice(1).join(" version ");
  // SNS subjects: ASCII, at most 100 characters.
  const subject = `[${name}] ${severity.toUpperCase()}: ${kind} of ${release} ${what}`.replace(/[^\x20-\x7e]/g, "?").slice(0, 100);
  const message = [
    `The ${kind} of ${model.modelPackageArn} in ${name} failed:`,
    "",
    reason,
    "",
    now,
    ...(act ? [act] : []),
    `What is where:    peregrine status --stack ${name}`,
    `What happened:    peregrine release list --stack ${name}`,
    "Runbook:          docs/runbooks/release-failed.md",
  ].join("\n");
  await new Notifications(session).publish(alertTopicArns[severity]!, subject, message);
}
