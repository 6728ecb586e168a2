import { interruptedSeries, toleratedPlacebos } from "../../lifecycle/effect/interrupted";
import { randomisedEffect } from "../../lifecycle/effect/randomised";
import { isRefusal, type Rung } from "../../lifecycle/effect/result";
import { stagedEffect } from "../../lifecycle/effect/staged";
import { changeDay, type HistoryOptions, historyOf, stagedRows, trialOf } from "./effects/histories";
import { plainRegression } from "./effects/plain";
import type { Recorder } from "./figures";
import { errorOfShare } from "./forecasts/runs";

/** What came of many histories. */
interface Tally {
  runs: number;
  /** An effect was claimed. */
  found: number;
  /** The interval held the truth. */
  held: number;
  /** The usual dashboard would have claimed one. */
  plain: number;
}

const phis = [0, 0.3, 0.6, 0.8] as const;
const lengths = [60, 120] as const;
const split = { unit: "flight", weights: { champion: 1, challenger: 1 }, early: false } as const;

/** How honest effects are: what is claimed where nothing happened, what intervals hold, what is found. */
export function benchEffects(record: Recorder, runs = 1000): void {
  record.about = `KPIs with a standard deviation of 1 a day (AR(1)), a change after two thirds of the days, an effect of 0 or of 1; each cell ${runs} histories, what stands after ± is the standard error. Plain regression: a step by ordinary least squares, as dashboards have it. A claim needs an interval without 0 that the placebo dates do not contradict.`;
  const rows: string[][] = [];
  const [worst, coverage] = [{ found: 0 }, { low: 100, high: 0 }];
  for (const days of lengths)
    for (const phi of phis) {
      const kind = { days, phi };
      const quiet = ofSeries(kind, runs, 0);
      const planted = ofSeries(kind, runs, 1);
      rows.push([`C, ${days} days, AR(1) ${phi}`, ...cells(quiet, planted)]);
      worst.found = Math.max(worst.found, share(quiet.found, quiet));
      for (const tally of [quiet, planted]) {
        coverage.low = Math.min(coverage.low, share(tally.held, tally));
        coverage.high = Math.max(coverage.high, share(tally.held, tally));
      }
      console.log(rows.at(-1)!.join(" | "));
    }
  const rough = { days: 120, phi: 0.6, trend: 0.02, weekend: 2, missing: 0.1 };
  rows.push([
    "C, 120 days, AR(1) 0.6, trend, weekends, missing days",
    ...cells(ofSeries(rough, runs, 0), ofSeries(rough, runs, 1)),
  ]);
  const trial = ofTrials(runs, 0);
  const found = ofTrials(runs, 1);
  const adjusted = [ofTrials(runs, 0, 0.8), ofTrials(runs, 1, 0.8)] as const;
  rows.push(["A, 20 flights of 30 images an arm", ...cells(trial, found)]);
  rows.push(["A, the same, with a past (CUPED)", ...cells(...adjusted)]);
  const staged = [ofSites(runs, 0, 10), ofSites(runs, 1, 10)] as const;
  const few = [ofSites(Math.ceil(runs / 4), 0, 4), ofSites(Math.ceil(runs / 4), 1, 4)] as const;
  rows.push(["B, 10 of 20 sites", ...cells(...staged)]);
  rows.push(["B, 4 of 8 sites (randomisation inference)", ...cells(...few)]);
  for (const row of rows.slice(-5)) console.log(row.join(" | "));
  record.figure("false claims at nominal 5 %, worst cell of grade C", worst.found, "%", {
    text: "at most 7",
    met: worst.found <= 7,
  });
  record.figure("95 % intervals that hold, least of grade C", coverage.low, "%", {
    text: "93 to 97",
    met: coverage.low >= 93,
  });
  record.figure("95 % intervals that hold, most of grade C", coverage.high, "%", {
    text: "93 to 97",
    met: coverage.high <= 97,
  });
  const held = share(trial.held, trial);
  record.figure("95 % intervals that hold, grade A", held, "%", { text: "93 to 97", met: held >= 93 && held <= 97 });
  const power = share(found.found, found);
  record.figure("effects of 1 sd that are found, grade A", power, "%", { text: "at least 80", met: power >= 80 });
  record.table = {
    columns: [
      "histories",
      "nothing happened: claimed",
      "plain regression claims",
      "interval holds",
      "effect of 1 sd: found",
      "interval holds it",
    ],
    rows,
  };
}

function ofSeries(kind: Omit<HistoryOptions, "seed" | "effect">, runs: number, effect: number): Tally {
  return tallied(runs, effect, (seed) => {
    const points = historyOf({ ...kind, effect, seed });
    const change = changeDay(kind.days);
    return { rung: interruptedSeries(points, change), plain: plainRegression(points, change) };
  });
}

function ofTrials(runs: number, effect: number, past?: number): Tally {
  return tallied(runs, effect, (seed) => {
    const { rows, history } = trialOf({
      seed,
      flights: 20,
      images: 30,
      correlation: 0.2,
      effect,
      ...(past === undefined ? {} : { past }),
    });
    return { rung: randomisedEffect(rows, split, history), plain: false };
  });
}

function ofSites(runs: number, effect: number, half: number): Tally {
  return tallied(runs, effect, (seed) => ({
    rung: stagedEffect(stagedRows({ seed, changed: half, others: half, days: 60, phi: 0.5, effect }), "new", {
      from: -Infinity,
      to: Infinity,
    }),
    plain: false,
  }));
}

function tallied(
  runs: number,
  effect: number,
  one: (seed: number) => { readonly rung: Rung; readonly plain: boolean },
): Tally {
  const tally: Tally = { runs: 0, found: 0, held: 0, plain: 0 };
  for (let run = 0; run < runs; run++) {
    const { rung, plain } = one(70_000 + run);
    // Refused ones claim nothing, and have no interval.
    if (isRefusal(rung)) continue;
    tally.runs++;
    const { low, high, placebo } = rung;
    const confirmed = !placebo || placebo.asExtreme <= toleratedPlacebos(placebo.dates);
    if ((low > 0 || high < 0) && confirmed) tally.found++;
    if (low <= effect && high >= effect) tally.held++;
    if (plain) tally.plain++;
  }
  return tally;
}

function share(count: number, { runs }: Tally): number {
  return (100 * count) / runs;
}

function cells(quiet: Tally, planted: Tally): string[] {
  const cell = (count: number, tally: Tally): string =>
    `${share(count, tally).toFixed(1)} ± ${errorOfShare(count, tally.runs, 100).toFixed(1)} %`;
  return [
    cell(quiet.found, quiet),
    quiet.plain > 0 ? cell(quiet.plain, quiet) : "–",
    cell(quiet.held, quiet),
    cell(planted.found, planted),
    cell(planted.held, planted),
  ];
}
