import { decideRollout } from "../../../lifecycle/rollout/decision";
import { evidenceAfter, evidenceBefore } from "../../../lifecycle/rollout/evidence";
import { type RolloutRules, usualRules } from "../../../lifecycle/rollout/rules";
import type { Served } from "../../../lifecycle/rollout/served";
import type { Trace } from "./traces";

/** How a release ended, and when. */
export interface Ending {
  readonly verdict: "promote" | "roll back" | "inconclusive";
  readonly minutes: number;
}

/** A way to decide about releases. */
export type Rule = (trace: Trace) => Ending;

/** Of the requests, those that must succeed. */
const objective = 0.99;
export const historyMinutes = 720;

/** Ours: a tenth of the traffic, after 5 minutes a quarter, after 10 a half. */
export function ours(trace: Trace, rules: RolloutRules = usualRules): Ending {
  let evidence = evidenceBefore(trace.history(historyMinutes));
  for (let minute = 1; ; minute++) {
    evidence = evidenceAfter(evidence, trace.minute(minute <= 5 ? 10 : minute <= 10 ? 25 : 50), rules);
    const { verdict } = decideRollout(evidence, rules);
    if (verdict !== "hold") return { verdict, minutes: minute };
  }
}

/**
 * Flagger's documented example (docs.flagger.app, "Canary analysis": interval 1m, threshold 10, maxWeight 50, stepWeight
 * 2, request-success-rate at least 99): a check that fails, or finds no values, counts; ten roll back. Others raise the
 * weight, and at the highest promote.
 */
export function flagger(trace: Trace): Ending {
  trace.history(historyMinutes);
  let [weight, failed] = [2, 0];
  for (let minute = 1; ; minute++) {
    const { new: served } = trace.minute(weight);
    if (successOf(served) >= objective) {
      if (weight >= 50) return { verdict: "promote", minutes: minute };
      weight += 2;
    } else if (++failed >= 10) return { verdict: "roll back", minutes: minute };
  }
}

/**
 * Argo Rollouts' documented analysis (argo-rollouts.readthedocs.io, "Analysis": interval 5m, failureLimit 3; without one
 * it is 0) beside the canary steps 20, 40, 60 and 80 % of ten minutes each: more failures than the limit abort, and so do
 * more than four measurements in a row that are errors, as without traffic.
 */
export function argo(failureLimit: number): Rule {
  return (trace) => {
    trace.history(historyMinutes);
    let [failures, errors] = [0, 0];
    for (let step = 0; step < 8; step++) {
      const minutes = Array.from({ length: 5 }, () => trace.minute(20 * (1 + Math.floor(step / 2))).new);
      const requests = minutes.reduce((total, one) => total + one.requests, 0);
      const failing = minutes.reduce((total, one) => total + one.errors, 0);
      errors = requests === 0 ? errors + 1 : 0;
      if (requests > 0 && 1 - failing / requests < objective) failures++;
      if (failures > failureLimit || errors > 4) return { verdict: "roll back", minutes: 5 * (step + 1) };
    }
    return { verdict: "promote", minutes: 40 };
  };
}

/** NaN where nobody asked. */
function successOf({ requests, errors }: Served): number {
  return 1 - errors / requests;
}
