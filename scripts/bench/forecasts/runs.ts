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
  return { runs, warned, onTheWay, leadDays: leads.length > 0 ? median(leads) : undefined };
}
