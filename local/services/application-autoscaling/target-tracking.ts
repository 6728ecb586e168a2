/** Target tracking as Application Auto Scaling does it, without a clock of its own. */
export interface Tracking {
  readonly target: number;
  readonly min: number;
  readonly max: number;
  readonly disableScaleIn: boolean;
  readonly scaleOutCooldownMs: number;
  readonly scaleInCooldownMs: number;
}

export interface Observed {
  readonly nowMs: number;
  readonly current: number;
  /** The metric per minute, oldest first; minutes without data are left out. */
  readonly points: readonly { readonly atMs: number; readonly value: number }[];
  readonly lastScaledMs?: number;
}

export type ScalingDecision =
  | { readonly verdict: "stay"; readonly reason: string }
  | { readonly verdict: "out" | "in"; readonly desired: number; readonly reason: string };

/**
 * What several policies of one target do together: out as far as the one that wants most; in only when all are ready
 * for it, and no further than the one that wants most (Application Auto Scaling user guide, "Target tracking",
 * considerations).
 * @param decisions of the policies that may act, one at least.
 * @returns the index of the policy whose decision it is.
 */
export function foremost(decisions: readonly ScalingDecision[]): number {
  const wants = (decision: ScalingDecision): number => (decision.verdict === "stay" ? 0 : decision.desired);
  const among = (verdict: ScalingDecision["verdict"]): number[] =>
    [...decisions.keys()].filter((index) => decisions[index]!.verdict === verdict);
  const out = among("out");
  const candidates = out.length > 0 ? out : among("stay").length > 0 ? among("stay") : among("in");
  return candidates.reduce((best, index) => (wants(decisions[index]!) > wants(decisions[best]!) ? index : best));
}

/** AlarmHigh of a target tracking policy: above the target for 3 minutes; AlarmLow: below 90 % of it for 15. */
const HIGH_MINUTES = 3;
const LOW_MINUTES = 15;
const LOW_SHARE = 0.9;

/** How many minutes of the metric a decision needs. */
export const OBSERVED_MINUTES = LOW_MINUTES;

/**
 * Says whether the count has to change. Out as soon as three minutes in a row lie above the target, in proportion to
 * how far; in only after fifteen minutes below, and never while data is missing.
 */
export function track(policy: Tracking, observed: Observed): ScalingDecision {
  const { current, points, nowMs, lastScaledMs } = observed;
  const since = lastScaledMs === undefined ? Infinity : nowMs - lastScaledMs;
  const recent = (minutes: number): number[] =>
    points
      .filter((point) => nowMs - point.atMs <= (minutes + 1) * 60_000)
      .slice(-minutes)
      .map((point) => point.value);
  const clamp = (count: number): number => Math.min(policy.max, Math.max(policy.min, count));
  if (current < policy.min)
    return { verdict: "out", desired: policy.min, reason: `${current} is below the minimum capacity ${policy.min}` };
  if (current > policy.max)
    return { verdict: "in", desired: policy.max, reason: `${current} is above the maximum capacity ${policy.max}` };
  const high = recent(HIGH_MINUTES);
  if (high.length === HIGH_MINUTES && high.every((value) => value > policy.target)) {
    const desired = clamp(Math.ceil((current * high.at(-1)!) / policy.target));
    if (desired <= current) return { verdict: "stay", reason: `the maximum capacity ${policy.max} is reached` };
    if (since < policy.scaleOutCooldownMs) return { verdict: "stay", reason: "scale-out cooldown" };
    return { verdict: "out", desired, reason: `the metric was above ${policy.target} for ${HIGH_MINUTES} minutes` };
  }
  const low = recent(LOW_MINUTES);
  if (!policy.disableScaleIn && low.length === LOW_MINUTES && low.every((value) => value < policy.target * LOW_SHARE)) {
    const desired = clamp(Math.max(1, Math.ceil((current * Math.max(...low)) / policy.target)));
    if (desired >= current) return { verdict: "stay", reason: "the present count fits" };
    if (since < policy.scaleInCooldownMs) return { verdict: "stay", reason: "scale-in cooldown" };
    return {
      verdict: "in",
      desired,
      reason: `the metric was below ${policy.target * LOW_SHARE} for ${LOW_MINUTES} minutes`,
    };
  }
  return { verdict: "stay", reason: "the metric is near its target" };
}
