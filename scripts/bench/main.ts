import { rmSync } from "node:fs";
import { join } from "node:path";
import { Command, Option } from "commander";
import type { ServerFile } from "../../local/main";
import { environmentOf, startDaemon, stopDaemon } from "../commands/local-daemon";
import { projectDir } from "../project";
import { elapsed } from "../terminal";
import { benchDashboard } from "./dashboard";
import { benchDrift } from "./drift";
import { benchEffects } from "./effects";
import { benchEngine } from "./engine";
import { benchFaults } from "./faults";
import { type Part, parts, Recorder, write } from "./figures";
import { benchExperiments } from "./experiments";
import { benchForecasts } from "./forecasts";
import { benchIam } from "./iam";
import { benchLineage } from "./lineage";
import { benchLog } from "./log";
import { benchMonitoring } from "./monitoring";
import { benchReleases } from "./releases";
import { benchRetraining } from "./retraining";
import { benchScaling } from "./scaling";
import { benchRollouts } from "./rollouts";
import { benchRuns } from "./runs";
import { benchServing } from "./serving";

/** One folder a part: the SDK keeps what it read of a configuration file for as long as the process lives. */
const stateDirOf = (part: Part): string => join(projectDir, ".peregrine", "bench", part);
let stateDir = stateDirOf("serving");

interface Bench {
  /** Cloud seconds per real second. */
  readonly speed: number;
  run(record: Recorder, server: ServerFile): Promise<void>;
}

/** A part that needs no cloud. */
interface Calculation {
  calculate(record: Recorder): Promise<void>;
}

const benches: Readonly<Record<Part, Bench | Calculation>> = {
  serving: { speed: 1, run: benchServing },
  iam: { speed: 1, run: (record) => benchIam(record) },
  engine: { speed: 1, run: (record) => benchEngine(record) },
  scaling: { speed: 60, run: (record, server) => benchScaling(record, server, 60) },
  releases: { speed: 60, run: (record, server) => benchReleases(record, server, 60) },
  faults: { speed: 60, run: (record, server) => benchFaults(record, server, 60, scenario) },
  monitoring: { speed: 1, run: async (record) => benchMonitoring(record, lines ? Number(lines) : undefined) },
  drift: { calculate: async (record) => benchDrift(record, baselines ? Number(baselines) : undefined) },
  retraining: { calculate: benchRetraining },
  forecasts: { calculate: async (record) => benchForecasts(record, runs ? Number(runs) : undefined) },
  rollouts: { calculate: async (record) => benchRollouts(record, runs ? Number(runs) : undefined) },
  log: { calculate: benchLog },
  lineage: { calculate: benchLineage },
  dashboard: { calculate: benchDashboard },
  runs: { calculate: async (record) => benchRuns(record, runs ? Number(runs) : undefined) },
  experiments: { calculate: async (record) => benchExperiments(record, runs ? Number(runs) : undefined) },
  effects: { calculate: async (record) => benchEffects(record, runs ? Number(runs) : undefined) },
};

const { only, scenario, lines, baselines, runs } = new Command("npm run bench --")
  .description("Measure what the project promises; writes bench/results.json and docs/performance.md.")
  .addOption(new Option("--only <part>", "one part alone; the figures of the others stay").choices(Object.keys(parts)))
  .option("--scenario <pattern>", "of the faults, only the scenarios whose names match; the rows of the others stay")
  .option("--lines <count>", "of the monitoring, captured lines of the first run; the second has ten times as many")
  .option("--baselines <count>", "of drift decisions, baselines that are drawn of each stream: more are more exact")
  .option(
    "--runs <count>",
    "of forecasts, rollouts, experiments and effects, runs in each cell; of comparing runs, how many",
  )
  .addOption(new Option("--setup-seconds <seconds>").hideHelp())
  .parse()
  .opts<{ only?: Part; scenario?: string; lines?: string; baselines?: string; runs?: string }>();

async function main(): Promise<void> {
  const started = performance.now();
  for (const part of (only ? [only] : Object.keys(parts)) as Part[]) await measure(part);
  console.log(`measured in ${elapsed(performance.now() - started)}`);
}

/** One part, on a cloud of its own where it needs one. */
async function measure(part: Part): Promise<void> {
  console.log(`\n${parts[part]}`);
  const bench = benches[part];
  const record = new Recorder();
  if ("calculate" in bench) await bench.calculate(record);
  else await onCloud(part, bench, record);
  write(part, record.measured);
  if (!record.met) process.exitCode = 1;
}

async function onCloud(part: Part, { speed, run }: Bench, record: Recorder): Promise<void> {
  stateDir = stateDirOf(part);
  const starting = performance.now();
  const extraImages = { "bench-echo": { entrypoint: [process.execPath, join(__dirname, "echo-container.mjs")] } };
  // The echo endpoint's instances, of which a new account has none.
  const quotas = { "ml.m5.large for endpoint usage": 16 };
  const server = await startDaemon({ stateDir, port: 0, providerPort: 0, fresh: true, speed, extraImages, quotas });
  if (part === "serving") record.figure("start of the local cloud", (performance.now() - starting) / 1000, "s");
  Object.assign(process.env, environmentOf(server));
  try {
    await run(record, server);
  } finally {
    await stopDaemon(stateDir);
    rmSync(stateDir, { recursive: true, force: true, maxRetries: 5 });
  }
}

process.once("SIGINT", () => void stopDaemon(stateDir).finally(() => process.exit(130)));
process.once("SIGTERM", () => void stopDaemon(stateDir).finally(() => process.exit(143)));

main().catch((error: unknown) => {
  console.error((error as Error).stack ?? String(error));
  process.exitCode = 1;
});
