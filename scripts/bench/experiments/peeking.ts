import {
  clusteredMean,
  type ClusterTally,
  noClusters,
  tallyOf,
  together,
} from "../../../lifecycle/statistics/clusters";
import { mixtureBounds } from "../../../lifecycle/statistics/confidence-sequence";
import { differenceOf } from "../../../lifecycle/statistics/difference";
import { spendingBounds, spent } from "../../../lifecycle/statistics/group-sequential";
import { logHarm, noEvidence, withBlock } from "../../../lifecycle/statistics/two-rates";
import { Random } from "../random";

/** Values of one arm for one look, by clusters. */
type Stream = (random: Random) => number[][];

const alone = (values: number[]): number[][] => values.map((value) => [value]);

/** Streams of equal arms, in which nothing is to be found. */
export const streams: readonly (readonly [name: string, stream: Stream])[] = [
  ["latency, log-normal", (random) => alone(times(40, () => Math.exp(0.5 * random.normal())))],
  // Many perfect images and a tail of bad ones.
  ["score of images", (random) => alone(times(40, () => (random.chance(0.5) ? 1 : random.uniform())))],
  [
    "score of images in flights, ICC 0.2",
    (random) =>
      times(5, () => {
        const shared = Math.sqrt(0.2) * random.normal();
        return times(40, () => shared + Math.sqrt(0.8) * random.normal());
      }),
  ],
];

/** Chances to call two equal arms different at any of the looks. */
export interface FalsePositives {
  readonly groupSequential: number;
  readonly alwaysValid: number;
  /** A test of 5 % at each look, each value taken as independent. */
  readonly peeking: number;
}

const alpha = 0.05;

export function falsePositivesOf(stream: Stream, looks: number, runs: number, seed: number): FalsePositives {
  const random = new Random(seed);
  const shares = times(looks, (look) => (look + 1) / looks);
  const bounds = {
    groupSequential: spendingBounds({ information: shares, spent: shares.map((t) => spent(alpha / 2, t, 2)) }),
    alwaysValid: mixtureBounds(shares, alpha, 1),
    peeking: shares.map(() => 1.959964),
  };
  const wrong = { groupSequential: 0, alwaysValid: 0, peeking: 0 };
  for (let run = 0; run < runs; run++) {
    let [one, other] = [noClusters, noClusters];
    const crossed = { groupSequential: false, alwaysValid: false, peeking: false };
    for (let look = 0; look < looks; look++) {
      one = together(one, tallyOf(stream(random)));
      other = together(other, tallyOf(stream(random)));
      const [mine, theirs] = [clusteredMean(one), clusteredMean(other)];
      if (!mine || !theirs) continue;
      const z = Math.abs(differenceOf(mine, theirs)?.z ?? 0);
      crossed.groupSequential ||= z >= bounds.groupSequential[look]!;
      crossed.alwaysValid ||= z >= bounds.alwaysValid[look]!;
      const naive = Math.abs(mine.mean - theirs.mean) / Math.sqrt(byValue(one) + byValue(other));
      crossed.peeking ||= naive >= bounds.peeking[look]!;
    }
    for (const kind of Object.keys(wrong) as (keyof typeof wrong)[]) if (crossed[kind]) wrong[kind]++;
  }
  return {
    groupSequential: wrong.groupSequential / runs,
    alwaysValid: wrong.alwaysValid / runs,
    peeking: wrong.peeking / runs,
  };
}

/** Errors of 0.5 % with both configurations, looked at each minute: the e-process, and a z-test at each look. */
export function errorFalsePositives(
  minutes: number,
  runs: number,
  seed: number,
): Omit<FalsePositives, "groupSequential"> {
  const random = new Random(seed);
  let [valid, peeking] = [0, 0];
  for (let run = 0; run < runs; run++) {
    let evidence = noEvidence;
    const total = { mine: 0, theirs: 0 };
    const crossed = { valid: false, peeking: false };
    for (let minute = 1; minute <= minutes; minute++) {
      const block = {
        new: { requests: 120, events: random.binomial(120, 0.005) },
        old: { requests: 1080, events: random.binomial(1080, 0.005) },
      };
      evidence = withBlock(evidence, block, { accepted: 1, margin: 2, cap: Infinity, dispersion: 1 });
      crossed.valid ||= logHarm(evidence) >= Math.log(1 / alpha);
      total.mine += block.new.events;
      total.theirs += block.old.events;
      const pooled = (total.mine + total.theirs) / (1200 * minute);
      const difference = total.mine / (120 * minute) - total.theirs / (1080 * minute);
      const deviation = Math.sqrt(pooled * (1 - pooled) * (1 / (120 * minute) + 1 / (1080 * minute)));
      crossed.peeking ||= difference >= 1.644854 * deviation && pooled > 0;
    }
    if (crossed.valid) valid++;
    if (crossed.peeking) peeking++;
  }
  return { alwaysValid: valid / runs, peeking: peeking / runs };
}

/** Variance of the mean, if all values were independent. */
function byValue({ values, sum, squares }: ClusterTally): number {
  return (squares - sum ** 2 / values) / (values - 1) / values;
}

function times<Value>(count: number, of: (index: number) => Value): Value[] {
  return Array.from({ length: count }, (_, index) => of(index));
}
