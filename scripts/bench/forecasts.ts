import { coverageOf } from "./forecasts/coverage";
import { holt, leastSquares, ours, type Rule } from "./forecasts/rules";
import { errorOfShare, type RunKind, type RunResults, runsOf } from "./forecasts/runs";
import type { Recorder } from "./figures";

/** Streams that nothing is wrong with, or whose level declines, as their row says. */
const rows: readonly (RunKind & { readonly name: string })[] = [
  { name: "3 sigma away, quiet", headroom: 3, phi: 0.6 },
  { name: "3 sigma away, quiet, independent days", headroom: 3, phi: 0 },
  {
    name: "4 sigma away, weekends 3, quiet, with missing days and incidents",
    ...{ headroom: 4, phi: 0.6 },
    ...rough(),
  },
  { name: "3 sigma away, falls by 0.001 a day", headroom: 3, phi: 0.6, slope: 0.001 },
  { name: "7 sigma away, quiet", headroom: 7, phi: 0.6 },
  { name: "7 sigma away, falls by 4 sigma at once, then quiet", headroom: 7, phi: 0.6, step: { day: 150, size: 4 } },
  { name: "7 sigma away, falls by 0.001 a day", headroom: 7, phi: 0.6, slope: 0.001 },
  { name: "7 sigma away, falls by 0.003 a day", headroom: 7, phi: 0.6, slope: 0.003 },
  { name: "7 sigma away, falls by 0.001 a day, roughly", ...{ headroom: 7, phi: 0.6, slope: 0.001 }, ...rough() },
];

function rough(): Pick<RunKind, "weekend" | "missing" | "incidents"> {
  return { weekend: 1, missing: 0.15, incidents: 0.01 };
}

const rules: readonly (readonly [name: string, rule: Rule])[] = [
  ["ours", ours],
  ["trend line", leastSquares],
  ["Holt", holt],
];

/** Forecasts of a score whose days remember each other (AR(1), 0.6): false warnings, misses, lead times, coverage. */
export function benchForecasts(record: Recorder, runs = 400): void {
  record.about = `Warnings about a score with daily noise of one sigma (0.01, AR(1) of 0.6 unless the row says otherwise), looked at each day, after 120 quiet days: a quiet run for 150 days, a decline until its level passes the limit. ${runs} runs a cell, warnings of any kind; what stands after ± is the standard error. Trend line: least squares through 21 days, the line 14 days ahead beyond the limit with a chance above 80 %; Holt: smoothing of 0.2 and 0.05, the same rule.`;
  const table: string[][] = [];
  const found = new Map<string, RunResults>();
  for (const { name, ...kind } of rows) {
    const results = rules.map(([, rule], index) => {
      const result = runsOf(rule, kind, runs, 10_000);
      if (index === 0) found.set(name, result);
      return result;
    });
    console.log(`${name}: ${results.map(cellOf).join(" | ")}`);
    table.push([name, ...results.map(cellOf)]);
  }
  const share = (name: string): number => (100 * found.get(name)!.warned) / found.get(name)!.runs;
  const quiet = share("3 sigma away, quiet");
  record.figure("quiet runs that are warned, 3 sigma", quiet, "%", { text: "at most 5", met: quiet <= 5 });
  for (const [name, most] of [
    ["3 sigma away, falls by 0.001 a day", 10],
    ["7 sigma away, falls by 0.001 a day", 2],
    ["7 sigma away, falls by 0.003 a day", 2],
  ] as const) {
    const missed = 100 - share(name);
    record.figure(`missed: ${name}`, missed, "%", { text: `at most ${most}`, met: missed <= most });
  }
  for (const [name, least] of [
    ["7 sigma away, falls by 0.001 a day", 10],
    ["7 sigma away, falls by 0.003 a day", 7],
  ] as const) {
    const lead = found.get(name)!.leadDays ?? 0;
    record.figure(`days ahead: ${name}`, lead, "days", { text: `at least ${least}`, met: lead >= least });
  }
  for (const [name, kind] of [
    ["quiet", { headroom: 7, phi: 0.6 }],
    ["quiet, independent days", { headroom: 7, phi: 0 }],
    ["quiet, weekends, missing days, incidents", { headroom: 7, phi: 0.6, weekend: 1, missing: 0.15 }],
    ["after 30 days of decline", { headroom: 7, phi: 0.6, slope: 0.001 }],
  ] as const) {
    const held = 100 * coverageOf(kind, 4 * runs, 50_000);
    record.figure(`90 % intervals that hold: ${name}`, held, "%", { text: "85 to 95", met: held >= 85 && held <= 95 });
  }
  record.table = { columns: ["runs", ...rules.map(([name]) => name)], rows: table };
}

function cellOf({ runs, warned, leadDays, leadError }: RunResults): string {
  const share = `${((100 * warned) / runs).toFixed(1)} ± ${errorOfShare(warned, runs, 100).toFixed(1)} % warned`;
  return leadDays === undefined ? share : `${share}, ${leadDays.toFixed(0)} ± ${leadError.toFixed(1)} days ahead`;
}
