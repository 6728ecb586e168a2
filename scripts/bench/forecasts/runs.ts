import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { mersenne } from "pure-rand/generator/mersenne";
import { median } from "../../../lifecycle/forecasting/robust";
import type { Rule } from "./rules";
import { firstDay, type StreamOptions, streamOf } from "./streams";

/** What came of many runs of one kind. */
export interface RunResults {
  readonly runs: number;
  /** Runs with a warning of any kind in time: before the breach, or at all where there is none. */
  readonly warned: number;
  /** Those with one that says `will-breach` before it says anything else. */
  readonly onTheWay: number;
  /** Median days from the first warning to the breach, of the runs that were warned. */
  readonly leadDays: number | undefined;
  /** Its standard error, by resampling the runs. */
  readonly leadError: number;
}

export type RunKind = Omit<StreamOptions, "seed" | "days">;

/** Days of history before the first look, where nothing else is said. */
const historyDays = 120;
/** Days that a quiet run is looked at. */
const quietDays = 150;

/** Looks at many streams, each day, until the first warning. @param seed of the first stream; the next is one higher. */
export function runsOf(
  rule: Rule,
  kind: RunKind,
  runs: number,
  seed: number,
  { history = historyDays, quiet = quietDays }: { readonly history?: number; readonly quiet?: number } = {},
): RunResults {
  const declines = (kind.slope ?? 0) > 0;
  const from = declines ? (kind.from ?? history) : history;
  const leads: number[] = [];
  let [warned, onTheWay] = [0, 0];
  for (let run = 0; run < runs; run++) {
    const length = declines ? from + Math.ceil((kind.headroom * 0.01) / kind.slope!) : from + quiet;
    const { values, breach } = streamOf({ ...kind, from, seed: seed + run, days: length });
    const looked = firstDay + (declines ? Math.max(21, from - 5) : from);
    const last = firstDay + length - 1;
    const said = rule(values, looked, last);
    const first = said.findIndex((verdict) => !["quiet", "unknown"].includes(verdict));
    if (first < 0 || (breach !== undefined && looked + first >= breach)) continue;
    warned++;
    if (said[first] === "will-breach") onTheWay++;
    if (breach !== undefined) leads.push(breach - looked - first);
  }
  const leadDays = leads.length > 0 ? median(leads) : undefined;
  return { runs, warned, onTheWay, leadDays, leadError: errorOfMedian(leads, seed) };
}

/** Standard error of a share, in the same unit as `whole`. @param count that hold. @param whole 1, or 100 for per cent. */
export function errorOfShare(count: number, runs: number, whole = 1): number {
  const share = count / runs;
  return whole * Math.sqrt((share * (1 - share)) / runs);
}

const resamples = 200;

function errorOfMedian(values: readonly number[], seed: number): number {
  if (values.length < 2) return 0;
  const random = mersenne(seed);
  const draw = () => values[Math.floor(uniformFloat64(random) * values.length)]!;
  const medians = Array.from({ length: resamples }, () => median(values.map(draw)));
  const mean = medians.reduce((sum, value) => sum + value, 0) / resamples;
  return Math.sqrt(medians.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (resamples - 1));
}
