import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectDir } from "../project";
import type { Recorder } from "./figures";

const folder = join(projectDir, "scripts", "bench", "drift");

interface Rate {
  readonly allowed: number;
  readonly alarms: number;
  readonly error: number;
}

/** One stream and size of window, without a shift or with one. */
interface Cell {
  readonly stream: string;
  readonly images: number;
  readonly shift: number;
  readonly windows: number;
  readonly often: Rate;
  readonly rare: Rate;
  /** Least and greatest share of alarms of one baseline, but for the tenth below and the tenth above. */
  readonly of_one: readonly [number, number];
  readonly best_linear: number | null;
  readonly visible: number;
  readonly peers: Readonly<Record<string, number>>;
  readonly peer_windows: number;
}

interface Judged {
  readonly auc: number;
  readonly median_error: number;
  readonly coverage: number;
  readonly found: number;
  readonly quiet: Readonly<Record<string, number>>;
}

interface Images {
  readonly kinds: number;
  readonly test: { readonly known: Judged; readonly left_out: Judged };
  readonly val: { readonly known: Judged; readonly left_out: Judged };
}

const tolerance = 0.25;

/** Drift decisions on streams whose truth is known, and on the project's images. @param baselines drawn of each cell. */
export function benchDrift(record: Recorder, baselines = 64): void {
  const python = (script: string, ...rest: string[]): unknown =>
    JSON.parse(
      execFileSync(join(projectDir, ".venv", "bin", "python"), [script, join(projectDir, "ml"), ...rest], {
        cwd: folder,
        encoding: "utf8",
        // Progress.
        stdio: ["ignore", "pipe", "inherit"],
        maxBuffer: 1 << 26,
      })
        .trim()
        // Libraries print before the last line, which is ours.
        .split("\n")
        .at(-1)!,
    );
  const cells = python("main.py", String(baselines), "4000", "40") as Cell[];
  const work = mkdtempSync(join(tmpdir(), "peregrine-bench-drift-"));
  let images: Images;
  try {
    images = python("images.py", work) as Images;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  record.about =
    "Windows are judged by the code that the container runs, on streams whose truth is known (eight features, correlated by 0.3), beside the default rules of other libraries, re-implemented from their documentation (empty where their reference is too small for their rule). Quiet rows show how often a window alarms by chance: ours for budgets of 36 and of 1 false alarm in 30 days of hourly windows, as a multiple of what the budget allows, with its standard error, before the least relevant shift is asked for, which can only lower it. The budget is one over baselines: all windows of a model are compared with one baseline, which errs about its own mean, and where the window is as large as the baseline this error decides, so that most baselines give hardly any alarms and a few give many. The column 'of one baseline' shows between which multiples of the larger budget eight of ten baselines lie. Other rows show how often a shift of all features is found, beside the best linear test, which knows the shift's direction. Then the project's own images under thirteen kinds of damage at five strengths: harm is a fall of mAP50 by more than 5 points. Features, constants of the estimate and the rule of the score were chosen on these same flights, over some hundred settings: read the figures of images as tuned, not as held out. Coverage is a share of 65 windows at most: its standard error is 0.04.";
  streamFigures(record, cells);
  imageFigures(record, images);
  record.rows = [...cells, images];
  record.table = tableOf(cells);
}

function streamFigures(record: Recorder, cells: readonly Cell[]): void {
  const quiet = cells.filter(({ shift }) => shift === 0);
  for (const [budget, name] of [
    ["often", "36 in 30 days"],
    ["rare", "1 in 30 days"],
  ] as const) {
    const ratios = quiet.map((cell) => cell[budget].alarms / cell[budget].allowed);
    const errors = quiet.map((cell) => cell[budget].error / cell[budget].allowed);
    for (const [which, value] of [
      ["fewest", Math.min(...ratios)],
      ["most", Math.max(...ratios)],
    ] as const)
      record.figure(`${which} false alarms over the budget's (${name})`, value, "times", {
        text: `within ${tolerance * 100} %`,
        met: Math.abs(value - 1) <= tolerance,
      });
    record.figure(`largest standard error of these multiples (${name})`, Math.max(...errors), "times");
  }
  for (const { stream, images, shift, rare, best_linear: best } of cells) {
    if (shift !== 0.2 || images !== 500) continue;
    const linear = stream.includes("independent");
    const value = linear ? rare.alarms : rare.alarms / best!;
    record.figure(
      linear
        ? "0.2 sigma found in 500 images"
        : "power over the best linear test's, 0.2 sigma in 500 images of flights",
      value,
      "",
      { text: `at least ${linear ? 0.9 : 0.8}`, met: value >= (linear ? 0.9 : 0.8) },
    );
  }
}

function imageFigures(record: Recorder, { test, val }: Images): void {
  const { auc, quiet, found } = test.known;
  record.figure("harm against drift score, area under the curve", auc, "", { text: "at least 0.95", met: auc >= 0.95 });
  record.figure("the same on flights that the baseline does not hold", val.known.auc, "");
  record.figure("harmful windows that alarm", found, "");
  const harmless = Math.max(...Object.values(quiet), ...Object.values(val.known.quiet));
  record.figure("highest score without damage or under harmless changes", harmless, "", {
    text: "below 1",
    met: harmless < 1,
  });
  const { median_error: error, coverage } = test.left_out;
  record.figure("estimated mAP50, kinds of damage that it never saw, median error", 100 * error, "points", {
    text: "at most 5 points",
    met: error <= 0.05,
  });
  record.figure("estimated mAP50, kinds of damage that it never saw, coverage of its 90 % interval", coverage, "", {
    text: "0.85 to 0.95",
    met: coverage >= 0.85 && coverage <= 0.95,
  });
  record.figure("the same on other flights, median error", 100 * val.left_out.median_error, "points");
  record.figure("the same on other flights, coverage", val.left_out.coverage, "");
}

function tableOf(cells: readonly Cell[]) {
  const percent = (value: number): string => `${(100 * value).toFixed(value < 0.01 ? 2 : 0)} %`;
  const multiple = ({ alarms, error, allowed }: Rate): string =>
    `${(alarms / allowed).toFixed(2)} ± ${(error / allowed).toFixed(2)} of the budget`;
  const peers = Object.keys(cells[0]?.peers ?? {});
  return {
    columns: [
      "stream",
      "images",
      "shift",
      "36 in 30 days",
      "of one baseline",
      "1 in 30 days",
      "best linear test",
      "shows",
      ...peers,
    ],
    rows: cells.map(({ stream, images, shift, often, rare, best_linear: best, visible, of_one, peers: others }) => [
      stream,
      String(images),
      shift === 0 ? "none" : `${shift} sigma`,
      shift === 0 ? multiple(often) : percent(often.alarms),
      shift === 0 ? of_one.map((share) => (share / often.allowed).toFixed(2)).join(" to ") : "",
      shift === 0 ? multiple(rare) : percent(rare.alarms),
      best === null ? "" : percent(best),
      `${visible.toFixed(2)} sigma`,
      ...peers.map((name) => (others[name] === undefined ? "" : percent(others[name]))),
    ]),
  };
}
