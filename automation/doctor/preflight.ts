import type { CheckResult, Finding } from "../../lifecycle/health/finding";
import { endpointNeeds } from "../../lifecycle/health/quotas";
import { judgeVersions } from "../../lifecycle/health/versions";
import { NotReady } from "../errors";
import type { Preflight } from "../stack/environment";
import { accountCheck } from "./account";
import { runCheck } from "./checks";
import { quotaCheck } from "./quotas";
import { doctorSettings } from "./settings";

/**
 * The checks before every update: those that are cheap, need nothing of the stack, and whose failure would be met
 * half-way: a wrong account, a wrong engine, no room for the second fleet.
 * @throws NotReady with all that is wrong, each with its cure.
 */
export const preflight: Preflight = async (environment) => {
  const { name, session } = environment;
  const settings = doctorSettings(environment.settings, name);
  const findings = await Promise.all([
    runCheck(
      "AWS account",
      () => accountCheck(session, settings.allowedAccountIds, name),
      `Configure the profile: aws configure --profile ${session.profile ?? "default"}`,
    ),
    runCheck("versions", async (): Promise<CheckResult> => judgeVersions(await environment.versions())),
    runCheck("endpoint quotas", () => quotaCheck(session, endpointNeeds(settings), true)),
  ]);
  refuse(name, findings);
};

/** @throws NotReady when a finding is a failure. */
export function refuse(name: string, findings: readonly Finding[]): void {
  const wrong = findings.filter(({ level }) => level === "failed");
  if (wrong.length === 0) return;
  const lines = wrong.map((one) => `  - ${one.name}: ${one.text}\n    ${one.cure.replaceAll("\n", "\n    ")}`);
  throw new NotReady(
    `${name} is not ready to be updated; nothing was changed:\n${lines.join("\n")}`,
    `Do what each line says, then run the same command again. All that is looked at: npx peregrine doctor --stack ${name}`,
  );
}
