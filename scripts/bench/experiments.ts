import { execFileSync } from "node:child_process";
import { join } from "node:path";
import {
  gammaCdf,
  gammaTail,
  logBeta,
  logIncompleteBeta,
  normalCdf,
  normalQuantile,
  studentCdf,
} from "../../lifecycle/statistics/special";
import { projectDir } from "../project";
import type { Recorder } from "./figures";
import { type Calibration, calibrate } from "./experiments/designs";
import { goldens, goldenTolerance } from "./experiments/goldens";
import { errorFalsePositives, falsePositivesOf, streams } from "./experiments/peeking";
import { nonInferiorPromotions, operationOf, powerOfOneLook, tests } from "./experiments/reference";
import { missesOf, savingsOf } from "./experiments/sequences";
import { faults, splitOf } from "./experiments/split";

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** Sequential statistics beside their sources, and what happens to who looks without them. @param runs of each cell. */
export function benchExperiments(record: Recorder, runs = 2000): void {
  record.about = `Chances by simulation, ${runs} runs of each stream, ten times as many of the reference table: two arms of 504 normal values each, d = 0.2, 5 %. Peeking is an ordinary test of 5 % at every look; in flights it takes each image as independent. Power of 200 designs that were drawn by chance is what the plan predicted and what the judge then found, designs grouped by their power.`;
  const rows: string[][] = [];
  exactness(record);
  peeking(record, runs, rows);
  sequences(record, Math.ceil(runs / 2), rows);
  reference(record, 10 * runs, rows);
  splits(record, runs, rows);
  plans(record, Math.ceil(runs / 20));
  record.table = { columns: ["simulated", "looks", "what", "ours", "others"], rows };
}

/** Equal to the references. */
function exactness(record: Recorder): void {
  const golden = Math.max(...goldens.map(([, ours, theirs]) => Math.abs(ours - theirs)));
  record.figure(`largest difference from confseq's ${goldens.length} golden values`, golden, "", {
    text: "at most 1e-5",
    met: golden <= goldenTolerance,
  });
  const script = join(projectDir, "scripts", "bench", "experiments", "grid.py");
  const grid = JSON.parse(
    execFileSync(join(projectDir, ".venv", "bin", "python"), [script, "10000"], {
      encoding: "utf8",
      maxBuffer: 1 << 28,
    }),
  ) as Record<string, [expected: number, ...values: number[]][]>;
  const functions: Readonly<Record<string, (...values: number[]) => number>> = {
    normal: normalCdf,
    "normal quantile": normalQuantile,
    gamma: gammaCdf,
    "gamma tail": gammaTail,
    beta: (a, b, x) => Math.exp(logIncompleteBeta(a!, b!, x!) - logBeta(a!, b!)),
    Student: studentCdf,
  } as Record<string, (...values: number[]) => number>;
  const points = Object.values(grid).flat().length;
  const worst = Math.max(
    ...Object.entries(functions).map(([name, of]) =>
      grid[name]!.reduce((most, [expected, ...values]) => Math.max(most, Math.abs(of(...values) / expected - 1)), 0),
    ),
  );
  record.figure(`largest relative difference from SciPy, ${points} points of six functions`, worst, "", {
    text: "at most 1e-10",
    met: worst <= 1e-10,
  });
}

/** Above a chance by no more than what this many runs tell by luck once in a hundred. */
function honest(share: number, alpha: number, runs: number): boolean {
  return share <= alpha + 2.33 * Math.sqrt((alpha * (1 - alpha)) / runs);
}

/** Chances of an error under continuous looking. */
function peeking(record: Recorder, runs: number, rows: string[][]): void {
  const found: number[] = [];
  const naive: number[] = [];
  streams.forEach(([name, stream], index) => {
    for (const looks of [14, 56]) {
      const {
        groupSequential,
        alwaysValid,
        peeking: others,
      } = falsePositivesOf(stream, looks, runs, 100 * index + looks);
      found.push(groupSequential, alwaysValid);
      naive.push(others);
      const ours = `group-sequential ${percent(groupSequential)}, always-valid ${percent(alwaysValid)}`;
      rows.push([name, String(looks), "false positives", ours, `peeking ${percent(others)}`]);
      console.log(rows.at(-1)!.join(" | "));
    }
  });
  const errors = errorFalsePositives(120, runs, 7);
  found.push(errors.alwaysValid);
  rows.push([
    "errors of 0.5 %, a tenth of the traffic",
    "120",
    "false positives",
    `e-process ${percent(errors.alwaysValid)}`,
    `peeking ${percent(errors.peeking)}`,
  ]);
  const most = Math.max(...found);
  record.figure("most false positives at any look, nominal 5 %", 100 * most, "%", {
    text: "at most 5 %, or within what chance allows",
    met: found.every((share) => honest(share, 0.05, runs)),
  });
  record.figure("the same of peeking", 100 * Math.max(...naive, errors.peeking), "%");
}

/** Confidence sequences hold at all looks at once, and pairs save labels. */
function sequences(record: Recorder, runs: number, rows: string[][]): void {
  const misses = Object.entries(missesOf(runs, 11));
  for (const [kind, share] of misses)
    rows.push([`95 % confidence sequence of a ${kind}`, "20", "ever wrong", percent(share), ""]);
  record.figure(
    "confidence sequences of 95 % that are ever wrong, most",
    100 * Math.max(...misses.map(([, share]) => share)),
    "%",
    {
      text: "at most 5 %, or within what chance allows",
      met: misses.every(([, share]) => honest(share, 0.05, runs)),
    },
  );
  record.figure("labels that a shadow test saves, scores correlated by 0.8", savingsOf(0.8, 10_000, 12), "times");
}

/** Power near the reference. */
function reference(record: Recorder, runs: number, rows: string[][]): void {
  const known: Readonly<Record<number, readonly [groupSequential: number, alwaysValid: number, msprt: number]>> = {
    14: [0.86, 0.62, 0.63],
    28: [0.86, 0.64, 0.64],
    56: [0.86, 0.65, 0.65],
  };
  let [off, least, mean] = [0, 1, 0];
  for (const [looks, [spending, valid, msprt]] of Object.entries(known)) {
    const operations = tests.map((test, index) => operationOf(test, Number(looks), runs, Number(looks) * 10 + index));
    const of = (name: string) => operations[tests.findIndex((test) => test.name === name)]!;
    [
      ["group-sequential", spending] as const,
      ["always-valid", valid] as const,
      ["mSPRT, tau 0.2", msprt] as const,
    ].forEach(([name, expected]) => (off = Math.max(off, Math.abs(of(name).power - expected))));
    least = Math.min(least, of("group-sequential").power);
    mean = Math.max(mean, of("group-sequential").meanUnits);
    const told = (name: string): string => {
      const { falsePositives, power, meanUnits } = of(name);
      return `${name} ${percent(falsePositives)} false, ${percent(power)} found, ${meanUnits.toFixed(0)} units`;
    };
    rows.push([
      "reference table",
      looks,
      "false positives, power, mean units",
      `${told("group-sequential")}; ${told("always-valid")}`,
      `${told("peeking")}; ${told("Bonferroni")}; ${told("mSPRT, tau 0.2")}`,
    ]);
  }
  record.figure("power, largest distance from the reference table", 100 * off, "points", {
    text: "at most 3 points",
    met: off <= 0.03,
  });
  record.figure("least power of the group-sequential test", 100 * least, "%", {
    text: "at least 85 %",
    met: least >= 0.85,
  });
  record.figure("its most mean units, of 504", mean, "", { text: "at most 330", met: mean <= 330 });
  record.figure("power of one look at the end", 100 * powerOfOneLook(), "%");
  const proven = nonInferiorPromotions(2, 28, Math.ceil(runs / 5), 5);
  record.figure("equal pairs proven no worse at twice the units", 100 * proven, "%", {
    text: "at least 95 %",
    met: proven >= 0.95,
  });
}

/** The split. */
function splits(record: Recorder, runs: number, rows: string[][]): void {
  faults.forEach((fault, index) => {
    const { early, flagged, requests, pearson } = splitOf(fault, runs, 40 + index);
    const none = fault.name === "none";
    const when = flagged > 0 ? `, after ${requests.toFixed(0)} requests` : "";
    rows.push([
      `split of 90 to 10: ${fault.name}`,
      "100",
      "flagged",
      `${percent(flagged)}${when}`,
      `chi-squared of 1 % at each look ${percent(pearson)}`,
    ]);
    if (none)
      record.figure("splits flagged without a fault", 100 * flagged, "%", {
        text: "at most 1 %",
        met: honest(flagged, 0.01, runs),
      });
    else record.figure(`flagged within 50,000 requests: ${fault.name}`, 100 * early, "%");
  });
}

/** Plans against what happens. */
function plans(record: Recorder, runs: number): void {
  const designs = calibrate(200, runs, 77).sort((one, other) => one.predicted - other.predicted);
  const groups = Array.from({ length: 5 }, (_, group) => designs.slice(40 * group, 40 * (group + 1)));
  const off = (group: readonly Calibration[]): number =>
    group.reduce((total, { predicted, won, runs: own }) => total + won / own - predicted, 0) / group.length;
  const worst = Math.max(...groups.map((group) => Math.abs(off(group))));
  record.figure(
    `predicted and simulated power, ${designs.length} designs in five groups, largest difference`,
    100 * worst,
    "points",
    {
      text: "at most 3 points",
      met: worst <= 0.03,
    },
  );
  const apart = designs.filter(({ predicted, won, runs: own }) => {
    const luck = 2.58 * Math.sqrt((predicted * (1 - predicted)) / own);
    return Math.abs(won / own - predicted) > 0.03 + luck;
  }).length;
  record.figure(
    `designs of ${designs.length} whose power differs by more than 3 points and luck (${runs} runs each)`,
    apart,
    "",
  );
}
