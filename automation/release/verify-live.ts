import { setTimeout as delay } from "node:timers/promises";
import type { DescribeEndpointOutput } from "@aws-sdk/client-sagemaker";
import { Metrics } from "../../aws/cloudwatch";
import { SageMaker } from "../../aws/sagemaker";
import { ReleaseRejected } from "../errors";
import type { Environment } from "../stack/environment";
import type { StackOutputs } from "../../contract/outputs";

/**
 * The live endpoint must run the configuration that the program wants. When SageMaker takes an update back, the update
 * looks like a success to the engine (terraform-provider-aws #48997): the name is the only evidence.
 * @param since when the update began, service time.
 * @returns the name.
 * @throws ReleaseRejected with the cause, as far as AWS tells it.
 */
export async function verifyLive(target: Environment, outputs: StackOutputs, since: Date): Promise<string> {
  const wanted = outputs.endpointConfigName;
  const live = await new SageMaker(target.session).describeEndpoint(outputs.endpointName);
  if (!wanted || !live)
    throw new ReleaseRejected(
      `Environment ${target.name} has no endpoint after its update.`,
      "Run: pulumi preview, and compare the desired release with the plan.",
    );
  if (live.EndpointStatus === "InService" && live.EndpointConfigName === wanted && !live.PendingDeploymentSummary)
    return wanted;
  const { cause, next } = await causeOfRevert(target, live, since);
  throw new ReleaseRejected(
    `The endpoint ${outputs.endpointName} is ${live.EndpointStatus} on ${live.EndpointConfigName}, wanted ${wanted}: SageMaker took the update back${cause}`,
    next,
  );
}

const pollMs = 500;

/**
 * The endpoint once no update is under way, as it is then; undefined when there is none. Its steps offer no event to a
 * laptop, so it is asked.
 */
export async function endpointSteady(
  sagemaker: SageMaker,
  name: string | undefined,
  onWait: (what: string) => void,
): Promise<DescribeEndpointOutput | undefined> {
  for (let reported = ""; ;) {
    const live = name ? await sagemaker.describeEndpoint(name) : undefined;
    if (!live || !/^(Creating|Updating|SystemUpdating|RollingBack|Deleting)$/.test(live.EndpointStatus ?? ""))
      return live;
    if (live.EndpointStatus !== reported) onWait(`waiting for the endpoint, which is ${live.EndpointStatus}`);
    reported = live.EndpointStatus ?? "";
    await delay(pollMs);
  }
}

/** SageMaker keeps no record of a rollback, so its alarms are asked. */
async function causeOfRevert(
  target: Environment,
  live: DescribeEndpointOutput,
  since: Date,
): Promise<{ cause: string; next: string }> {
  const metrics = new Metrics(target.session);
  const names = (live.LastDeploymentConfig?.AutoRollbackConfiguration?.Alarms ?? []).map(({ AlarmName }) => AlarmName!);
  const fired: string[] = [];
  for (const name of names)
    for (const reason of (await metrics.alarmReasons(name, since)).slice(0, 1)) fired.push(`  - ${name}: ${reason}`);
  const logs = `/aws/sagemaker/Endpoints/${live.EndpointName}`;
  if (fired.length > 0)
    return { cause: ` by alarm:\n${fired.join("\n")}`, next: `Look at what the model answered: log group ${logs}` };
  return {
    cause:
      ". No alarm of the deployment fired: the new fleet did not come up, or SageMaker ended the update for a reason of its own.",
    next: `Look whether the container starts: log group ${logs}`,
  };
}
