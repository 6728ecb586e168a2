import { championVariant } from "../../contract/variants";
import { Metrics } from "../../aws/cloudwatch";
import { ObjectStore } from "../../aws/s3";
import { SageMaker } from "../../aws/sagemaker";
import { Scaling } from "../../aws/scaling";
import { ParameterStore } from "../../aws/ssm";
import { failed, ok } from "../../lifecycle/health/finding";
import { judgeAlarms, judgeEndpoint, judgeInstanceType, judgeScaling } from "../../lifecycle/health/serving";
import { verifyChain } from "../../records/chain";
import { DesiredReleaseStore } from "../release/desired-release";
import { logOf } from "../audit/log";
import { ledgerOf } from "../release/history";
import { keyAliasCheck } from "../release/key-aliases";
import { EnvironmentLock } from "../release/lock";
import type { Environment } from "../stack/environment";
import type { StackOutputs } from "../../contract/outputs";
import type { Check } from "./checks";

/** Checks of what an environment that is up serves, and of what is being done to it. */
export function environmentChecks(environment: Environment, outputs: StackOutputs): Readonly<Record<string, Check>> {
  const { name, session, settings } = environment;
  const store = new ObjectStore(session);
  const endpoint = outputs.endpointName;
  const desired = new DesiredReleaseStore(new ParameterStore(session), name, outputs.releaseParameter).read();
  const live = new SageMaker(session).describeEndpoint(endpoint);
  // Each check awaits them for itself; without this a failure before the first would end the process.
  for (const asked of [desired, live]) asked.catch(() => undefined);
  return {
    "desired release": async () => ok((await desired)?.modelPackageArn ?? "none yet"),
    endpoint: async () => {
      const [release, found] = await Promise.all([desired, live]);
      return judgeEndpoint({
        environment: name,
        name: endpoint,
        desired: release !== undefined,
        endpoint: found && { status: found.EndpointStatus, configName: found.EndpointConfigName },
        wantedConfigName: outputs.endpointConfigName,
      });
    },
    "instance type": async () => judgeInstanceType(name, await desired, settings["servingInstanceType"]),
    alarms: async () => judgeAlarms(name, endpoint, await new Metrics(session).alarmStates(`${endpoint}-`)),
    scaling: async () => judgeScaling(await new Scaling(session).suspended(endpoint, championVariant)),
    "key names": () => keyAliasCheck(environment),
    lock: async () => {
      const held = await EnvironmentLock.peek(store, outputs.artifactsBucket);
      if (!held) return ok("free");
      const { operation, holder } = held;
      return failed(
        `${operation.kind} by ${holder.arn} (process ${holder.pid} on ${holder.host}) since ${operation.startedAt}`,
        "Wait for it; when that process is dead, run its command again, which finishes or takes back what it began (docs/runbooks/stuck-release.md).",
      );
    },
    log: async () => {
      const { ok: holds, problems, checkpoint, witnessed } = await (await logOf(environment, outputs)).verify();
      const seen = witnessed
        ? `${witnessed.by} has seen ${witnessed.size} of them`
        : "no other environment has seen them";
      return holds
        ? ok(checkpoint ? `${checkpoint.size} entries lead to its signed root; ${seen}` : "no entries yet")
        : failed(problems.join("; "), "Tell the auditor (docs/runbooks/stuck-release.md).");
    },
    ledger: async () => {
      const { lines, head } = await ledgerOf(environment, outputs).read();
      const { ok: holds, problems } = verifyChain(lines, head);
      const noted = head ? `, up to entry ${head.sequence} as it was noted` : "";
      return holds
        ? ok(`the hash chain holds${noted}`)
        : failed(
            problems.map(({ text }) => text).join("; "),
            "Tell the auditor, and put an earlier version of ledger/ledger.jsonl back (docs/runbooks/stuck-release.md).",
          );
    },
  };
}
