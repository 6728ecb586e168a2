import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { oneSentenceALine } from "../docs/sentences";
import { projectDir } from "../project";

/** The parts of the bench, in the order in which they run and are shown. */
export const parts = {
  serving: "Local cloud",
  iam: "IAM evaluator",
  engine: "Engine",
  scaling: "Scaling",
  releases: "Releases under load",
  faults: "Faults",
  monitoring: "Monitoring",
  drift: "Drift decisions",
  retraining: "Retraining policies",
  forecasts: "Forecasts",
  rollouts: "Guarded rollouts",
  experiments: "Experiments",
  effects: "Effects on business metrics",
  log: "Log",
  lineage: "Lineage",
  dashboard: "Dashboard",
  runs: "Comparing runs",
} as const;
export type Part = keyof typeof parts;

/** One measured figure; a budget is what the project promises for it. */
interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly budget?: string;
  readonly met?: boolean;
}

/** Rows that are read side by side. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A file beside the page. */
interface Picture {
  readonly file: string;
  readonly alt: string;
}

interface Measured {
  /** What was measured and how, for the reader of the page. */
  readonly about?: string;
  readonly figures: readonly Figure[];
  readonly table?: Table;
  readonly picture?: Picture;
  /** What the table shows, as data. */
  readonly rows?: readonly object[];
}

interface Results {
  readonly node: string;
  readonly parts: Partial<Record<Part, Measured>>;
}

const resultsFile = join(projectDir, "bench", "results.json");
const page = join(projectDir, "docs", "performance.md");

/** What one part measures, shown at once. */
export class Recorder {
  about?: string;
  table?: Table;
  picture?: Picture;
  rows?: readonly object[];
  private readonly figures: Figure[] = [];

  figure(name: string, value: number, unit: string, budget?: { text: string; met: boolean }): void {
    // Four digits say more than the measurement does; what is counted stays whole.
    this.figures.push({
      name,
      value: Number.isInteger(value) ? value : Number(value.toPrecision(4)),
      unit,
      budget: budget?.text,
      met: budget?.met,
    });
    console.log(
      `${name}: ${`${this.figures.at(-1)!.value} ${unit}`.trim()}${budget ? ` (${budget.text}${budget.met ? "" : ", NOT MET"})` : ""}`,
    );
  }

  get met(): boolean {
    return this.figures.every(({ met }) => met !== false);
  }

  get measured(): Measured {
    return { about: this.about, figures: this.figures, table: this.table, picture: this.picture, rows: this.rows };
  }
}

/** What an earlier run measured of a part. */
export function measuredBefore(part: Part): Measured | undefined {
  return readParts()[part];
}

function readParts(): Results["parts"] {
  return existsSync(resultsFile) ? ((JSON.parse(readFileSync(resultsFile, "utf8")) as Results).parts ?? {}) : {};
}

/** Writes the figures of one part into bench/results.json and docs/performance.md; those of the other parts stay. */
export function write(part: Part, measured: Measured): void {
  const all: Results["parts"] = { ...readParts(), [part]: measured };
  const ordered = Object.fromEntries(
    (Object.keys(parts) as Part[]).flatMap((name) => (all[name] ? [[name, all[name]]] : [])),
  ) as Results["parts"];
  mkdirSync(join(projectDir, "bench"), { recursive: true });
  writeFileSync(
    resultsFile,
    `${JSON.stringify({ node: process.version, parts: ordered } satisfies Results, undefined, 2)}\n`,
  );
  writeFileSync(page, oneSentenceALine(pageOf(ordered)));
}

function pageOf(all: Results["parts"]): string {
  const intro =
    "Written by `npm run bench` (one part alone: `npm run bench -- --only faults`); figures of one machine, so read ratios first. Parts, and scenarios of faults, that were not run keep the figures of an earlier run. The data is in [bench/results.json](../bench/results.json).";
  const sections = (Object.entries(all) as [Part, Measured][]).flatMap(([part, { about, figures, table, picture }]) => [
    `## ${parts[part]}`,
    ...(about ? [about] : []),
    tableOf({
      columns: ["what", "measured", "budget"],
      rows: figures.map(({ name, value, unit, budget, met }) => [
        name,
        `${value} ${unit}`.trim(),
        budget ? `${budget}: ${met ? "met" : "**not met**"}` : "",
      ]),
    }),
    ...(picture ? [`![${picture.alt}](${picture.file})`] : []),
    ...(table ? [tableOf(table)] : []),
  ]);
  return `${["# Performance", intro, ...sections].join("\n\n")}\n`;
}

function tableOf({ columns, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(columns), `|${columns.map(() => "---").join("|")}|`, ...rows.map(line)].join("\n");
}
