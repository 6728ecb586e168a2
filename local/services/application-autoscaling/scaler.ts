import type { Cloud } from "../../cloud";
import type { Members } from "../../members";
import { handlerOf } from "../../operation";
import { foremost, OBSERVED_MINUTES, track, type ScalingDecision, type Tracking } from "./target-tracking";
import { instancesOf, setCapacity } from "./capacity";
import { keyOfRow, variantOf, type ScalableTarget, type ScalingPolicy, type ScalingRecords } from "./records";

const MINUTE_MS = 60_000;
/** Cooldown when a policy names none (Application Auto Scaling: 300 seconds for SageMaker). */
const COOLDOWN_SECONDS = 300;

/** Watches the policies each minute of cloud time and changes instance counts, as the service behind the API does. */
export class Scaler {
  private timer: NodeJS.Timeout | undefined;
  private busy = false;

  constructor(
    private readonly cloud: Cloud,
    private readonly records: ScalingRecords,
  ) {}

  start(): void {
    this.timer = setInterval(() => void this.evaluate(), Math.max(250, MINUTE_MS / this.cloud.clock.speed));
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Looks at every target once, by all its target tracking policies. */
  async evaluate(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      for (const [key, target] of [...this.records.targets.entries()]) {
        const policies = [...this.records.policies.entries()].filter(
          ([, policy]) => policy.type === "TargetTrackingScaling" && keyOfRow(policy) === key,
        );
        if (policies.length > 0) await this.follow(policies, target);
      }
    } finally {
      this.busy = false;
    }
  }

  private async follow(
    policies: readonly [id: string, policy: ScalingPolicy][],
    target: ScalableTarget,
  ): Promise<void> {
    const current = instancesOf(this.cloud, target.resourceId);
    if (current === undefined) return;
    const nowMs = this.cloud.clock.nowMs();
    const decisions: ScalingDecision[] = [];
    for (const [, { input, lastScaledMs }] of policies) {
      const config = input.TargetTrackingScalingPolicyConfiguration as Members;
      const points = await this.metric(config, target.resourceId, nowMs);
      decisions.push(track(trackingOf(config, target), { nowMs, current, points, lastScaledMs }));
    }
    const chosen = foremost(decisions);
    const decision = decisions[chosen]!;
    if (decision.verdict === "stay") return;
    if (
      decision.verdict === "in"
        ? target.suspended.DynamicScalingInSuspended
        : target.suspended.DynamicScalingOutSuspended
    )
      return;
    const [id, policy] = policies[chosen]!;
    if (setCapacity(this.cloud, this.records, target, decision.desired, `policy ${policy.name}: ${decision.reason}`))
      this.records.policies.put(id, { ...policy, lastScaledMs: nowMs });
  }

  /** The policy's metric per minute. Read inside the cloud, as the service's own alarms would see it. */
  private async metric(config: Members, resourceId: string, nowMs: number): Promise<{ atMs: number; value: number }[]> {
    const { endpoint, variant } = variantOf(resourceId);
    const custom = config.CustomizedMetricSpecification as Members | undefined;
    const statistics = this.cloud.services.get("cloudwatch")?.operations.GetMetricStatistics;
    if (!statistics) return [];
    const statistic = custom?.Statistic ?? "Sum";
    const service = "application-autoscaling.amazonaws.com";
    const principal = { type: "service", arn: service, accountId: this.cloud.accountId, id: service } as const;
    const call = { ...this.cloud.asked(principal, "cloudwatch", "GetMetricStatistics", service), now: new Date(nowMs) };
    const answer = (await handlerOf(statistics)(
      {
        Namespace: custom?.Namespace ?? "AWS/SageMaker",
        MetricName: custom?.MetricName ?? "InvocationsPerInstance",
        Dimensions: custom?.Dimensions ?? [
          { Name: "EndpointName", Value: endpoint },
          { Name: "VariantName", Value: variant },
        ],
        StartTime: new Date(nowMs - (OBSERVED_MINUTES + 1) * MINUTE_MS),
        EndTime: new Date(nowMs - (nowMs % MINUTE_MS)),
        Period: 60,
        Statistics: [statistic],
      },
      call,
    )) as Members;
    return ((answer.Datapoints ?? []) as Members[])
      .map((point) => ({ atMs: new Date(point.Timestamp).getTime(), value: Number(point[statistic]) }))
      .sort((a, b) => a.atMs - b.atMs);
  }
}

function trackingOf(config: Members, target: ScalableTarget): Tracking {
  return {
    target: Number(config.TargetValue),
    min: target.min,
    max: target.max,
    disableScaleIn: config.DisableScaleIn === true,
    scaleOutCooldownMs: (config.ScaleOutCooldown ?? COOLDOWN_SECONDS) * 1000,
    scaleInCooldownMs: (config.ScaleInCooldown ?? COOLDOWN_SECONDS) * 1000,
  };
}
