import { championVariant } from "../../contract/variants";
import { Metrics } from "../../aws/cloudwatch";
import { ObjectStore } from "../../aws/s3";
import { SageMaker } from "../../aws/sagemaker";
import { Scaling } from "../../aws/scaling";
import { ParameterStore } from "../../aws/ssm";
import { verifyChain } from "../../records/chain";
import { ledgerOf } from "../release/history";
import { keyNamesLook } from "../release/key-names";
import { EnvironmentLock } from "../release/lock";
import { DesiredReleaseStore } from "../release/desired-release";
import type { Environment } from "../stack/environment";
import type { StackOutputs } from "../../contract/outputs";
import { failed, type Look, ok, warning } from "./finding";

/** Looks at what an environment that is up serves, and at what is being done to it. */
export function environmentLooks(environment: Environment, outputs: StackOutputs): Readonly<Record<string, Look>> {
  const { name, session } = environment;
  const store = new ObjectStore(session);
  const endpoint = outputs.endpointName;
  const desired = new DesiredReleaseStore(new ParameterStore(session), name, outputs.releaseParameter).read();
  const live = new SageMaker(session).describeEndpoint(endpoint);
  // Each look awaits them for itself; without this a failure before the first would end the process.
  for (const asked of [desired, live]) asked.catch(() => undefined);
  return {
    "desired release": async () => ok((await desired)?.modelPackageArn ?? "none yet"),
    endpoint: async () => {
      const [release, found] = await Promise.all([desired, live]);
      const again = `Make a release that was live before live again, or this one anew: npx peregrine rollback --stack ${name} --to RELEASE (docs/runbooks/release-failed.md)`;
      if (!release)
        return found
          ? failed(
              `${endpoint} serves, and nothing is desired`,
              `Bring the stack to what is desired: pulumi up --stack ${name} --policy-pack policies`,
            )
          : ok("none, and none is desired");
      if (!found) return failed(`${endpoint} does not exist`, again);
      const text = `${endpoint} is ${found.EndpointStatus} on ${found.EndpointConfigName}`;
      const well = found.EndpointStatus === "InService" && found.EndpointConfigName === outputs.endpointConfigName;
      return well ? ok(text) : failed(`${text}, wanted ${outputs.endpointConfigName}`, again);
    },
    "instance type": async () => {
      const [release, wanted] = [await desired, environment.settings["servingInstanceType"]];
      const serves = release?.instanceType;
      if (!release || serves === undefined || serves === wanted) return ok(String(wanted));
      return warning(
        `the release serves on ${serves}, the setting says ${String(wanted)}`,
        `The next release brings it, also of the same package: npx peregrine promote ${release.modelPackageArn} --to ${name} (docs/releases.md)`,
      );
    },
    alarms: async () => {
      const raised = Object.entries(await new Metrics(session).alarmStates(`${endpoint}-`))
        .filter(([, state]) => state === "ALARM")
        .map(([alarm]) => alarm);
      if (raised.length === 0) return ok("none is raised");
      return failed(
        `raised: ${raised.join(", ")}`,
        `Look at the endpoint's dashboard and log (/aws/sagemaker/Endpoints/${endpoint}); when the release is to blame: npx peregrine rollback --stack ${name} (docs/runbooks/endpoint-alarm.md)`,
      );
    },
    scaling: async () => {
      const suspended = await new Scaling(session).suspended(endpoint, championVariant);
      if (suspended)
        return failed(
          "stands still",
          "When no release is at work, one was killed while it had scaling stand still: run the same command again (docs/runbooks/stuck-release.md).",
        );
      return ok(suspended === undefined ? "the endpoint does not scale yet" : "follows the load");
    },
    "key names": () => keyNamesLook(environment),
    lock: async () => {
      const held = await EnvironmentLock.look(store, outputs.artifactsBucket);
      if (!held) return ok("free");
      const { operation, holder } = held;
      return failed(
        `${operation.kind} by ${holder.arn} (process ${holder.pid} on ${holder.host}) since ${operation.startedAt}`,
        "Wait for it; when that process is dead, run its command again, which finishes or takes back what it began (docs/runbooks/stuck-release.md).",
      );
    },
    ledger: async () => {
      const { lines, head } = await ledgerOf(environment, outputs).look();
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
