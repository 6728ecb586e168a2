import { logRatioEvidence, ratioPValue } from "../../../lifecycle/statistics/sample-ratio";
import { Random } from "../random";

/** What makes a split of 90 to 10 another one. */
export const faults = [
  { name: "none", bypass: 0, retried: 0, lost: 0 },
  { name: "5 % of the callers name the champion", bypass: 0.05, retried: 0, lost: 0 },
  { name: "half of the challenger's requests are retried with the champion", bypass: 0, retried: 0.5, lost: 0 },
  { name: "capture loses 10 % of the challenger's answers", bypass: 0, retried: 0, lost: 0.1 },
] as const;

export interface SplitResult {
  /** Share of runs that are flagged within 50,000 and 100,000 requests. */
  readonly early: number;
  readonly flagged: number;
  /** Mean requests until the flag, of those that were. */
  readonly requests: number;
  /** Share of runs that Pearson's test flags at 1 % at any of the looks. */
  readonly pearson: number;
}

const looks = 100;
const step = 1000;

export function splitOf(fault: (typeof faults)[number], runs: number, seed: number): SplitResult {
  const random = new Random(seed);
  let [early, flagged, requests, pearson] = [0, 0, 0, 0];
  for (let run = 0; run < runs; run++) {
    const served: [number, number] = [0, 0];
    let [seen, peeked] = [0, false];
    for (let look = 1; look <= looks; look++) {
      const bypassing = random.binomial(step, fault.bypass);
      const assigned = random.binomial(step - bypassing, 0.1);
      const lost = random.binomial(assigned, fault.lost);
      const retried = random.binomial(assigned, fault.retried);
      served[0] += step - assigned + retried;
      served[1] += assigned - lost;
      const epoch = { served, weights: [90, 10] };
      if (seen === 0 && logRatioEvidence([epoch]) >= Math.log(100)) seen = look * step;
      peeked ||= ratioPValue(epoch) < 0.01;
    }
    if (peeked) pearson++;
    if (seen === 0) continue;
    flagged++;
    requests += seen;
    if (seen <= 50_000) early++;
  }
  return { early: early / runs, flagged: flagged / runs, requests: requests / flagged, pearson: pearson / runs };
}
