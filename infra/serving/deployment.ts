import type * as aws from "@pulumi/aws";
import type { RolloutSettings, ServingSettings } from "../settings/serving";

/** Seconds that starting a fleet may take, beside the waits that are asked for. */
const fleetStartSeconds = 1800;

/**
 * How SageMaker replaces one fleet by the next: traffic, waits, and the alarms that take it back. It is sent with every
 * update, since the service keeps none, and without alarms nothing would be taken back.
 */
export function deploymentConfig(
  { rollout }: ServingSettings,
  alarmNames: readonly aws.cloudwatch.MetricAlarm["name"][],
): aws.types.input.sagemaker.EndpointDeploymentConfig {
  const waits = watchedSeconds(rollout) + rollout.bakeSeconds;
  return {
    blueGreenUpdatePolicy: {
      trafficRoutingConfiguration: routing(rollout),
      terminationWaitInSeconds: rollout.bakeSeconds,
      // 600 to 28800 s, and more than all waits together (SageMaker API, BlueGreenUpdatePolicy).
      maximumExecutionTimeoutInSeconds: Math.min(28_800, fleetStartSeconds + waits),
    },
    autoRollbackConfiguration: { alarms: alarmNames.map((alarmName) => ({ alarmName })) },
  };
}

type Routing = aws.types.input.sagemaker.EndpointDeploymentConfigBlueGreenUpdatePolicyTrafficRoutingConfiguration;

function routing(rollout: RolloutSettings): Routing {
  if (rollout.kind === "all-at-once") return { type: "ALL_AT_ONCE", waitIntervalInSeconds: 0 };
  const { kind, stepPercent, waitSeconds } = rollout;
  const size = { type: "CAPACITY_PERCENT", value: stepPercent };
  return kind === "canary"
    ? { type: "CANARY", waitIntervalInSeconds: waitSeconds, canarySize: size }
    : { type: "LINEAR", waitIntervalInSeconds: waitSeconds, linearStepSize: size };
}

/** How long all steps of a rollout are watched, seconds. */
function watchedSeconds(rollout: RolloutSettings): number {
  switch (rollout.kind) {
    case "all-at-once":
      return 0;
    case "canary":
      return rollout.waitSeconds;
    case "linear":
      return Math.ceil(100 / rollout.stepPercent) * rollout.waitSeconds;
  }
}
