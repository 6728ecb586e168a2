import { z } from "zod";
import { readJson } from "../../contract/json";
import type { Mlflow, MlflowRun } from "../../aws/mlflow";
import { atATime } from "../../aws/at-a-time";
import { lessIsBetter, type MetricOf } from "./facts";

/** Where runs are kept between two commands. */
export interface KeptRuns {
  /** What was kept last, or undefined. */
  load(): Promise<string | undefined>;
  save(text: string): Promise<void>;
}

/** Clocks of those who end runs may differ by so much. */
const clocksMs = 10 * 60_000;
/** Tags of ended runs may change, and runs may be deleted, which no query tells. */
const fullReadMs = 24 * 3_600_000;
const open = ["RUNNING", "SCHEDULED"] as const;

const record = <Kind extends z.ZodType>(value: Kind) => z.record(z.string(), value);
const kept = z.object({
  version: z.literal(1),
  readAtMs: z.number(),
  runs: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      experiment: z.string(),
      status: z.string(),
      startMs: z.number(),
      endMs: z.number().optional(),
      artifactUri: z.string(),
      params: record(z.string()),
      // JSON has no NaN: null.
      metrics: record(
        z
          .number()
          .nullable()
          .transform((value) => value ?? Number.NaN),
      ),
      tags: record(z.string()),
    }),
  ),
});

export interface ReadRuns {
  readonly runs: readonly MlflowRun[];
  /** How they came: all from MLflow, or those that are new or went on since the last time. */
  readonly read: "all" | number;
}

/**
 * All runs of an MLflow. A thousand take MLflow seconds to tell, so they are kept: what ended does not change, and only
 * what goes on or ended since is asked for. Once a day all are read again.
 * @param fresh reads all of them now.
 * @param nowMs by the clock of this machine, which only decides when all are read again.
 */
export async function readRuns(
  mlflow: Mlflow,
  keep: KeptRuns,
  { fresh = false, nowMs }: { readonly fresh?: boolean; readonly nowMs: number },
): Promise<ReadRuns> {
  const experiments = [...(await mlflow.experiments()).keys()];
  const before = fresh ? undefined : await loaded(keep, nowMs);
  if (!before) {
    const runs = await all(mlflow.runs(experiments));
    await keep.save(JSON.stringify({ version: 1, readAtMs: nowMs, runs }));
    return { runs, read: "all" };
  }
  const newestEnd = Math.max(0, ...before.runs.map(({ endMs }) => endMs ?? 0));
  const since = `attributes.end_time > ${newestEnd - clocksMs}`;
  const found = (
    await Promise.all(
      [since, ...open.map((status) => `attributes.status = '${status}'`)].map((filter) =>
        all(mlflow.runs(experiments, filter)),
      ),
    )
  ).flat();
  const changed = new Map(found.map((run) => [run.id, run]));
  // What went on and is in no answer was deleted, or ended by a clock that is far behind.
  const lost = before.runs.filter(({ id, status }) => isOpen(status) && !changed.has(id));
  for (const run of await atATime(lost, ({ id }) => mlflow.run(id))) if (run) changed.set(run.id, run);
  const gone = new Set(lost.map(({ id }) => id).filter((id) => !changed.has(id)));
  const unchanged = before.runs.filter(({ id }) => !changed.has(id) && !gone.has(id));
  const runs = [...changed.values(), ...unchanged].sort((a, b) => b.startMs - a.startMs);
  await keep.save(JSON.stringify({ version: 1, readAtMs: before.readAtMs, runs }));
  return { runs, read: changed.size };
}

/** @returns undefined where nothing is kept, or what is kept is too old or none of ours. */
async function loaded(keep: KeptRuns, nowMs: number): Promise<{ readAtMs: number; runs: MlflowRun[] } | undefined> {
  const text = await keep.load();
  if (text === undefined) return undefined;
  const found = readJson(text, kept);
  if (found.kind !== "value" || nowMs - found.value.readAtMs > fullReadMs) return undefined;
  return found.value;
}

function isOpen(status: string): boolean {
  return open.some((one) => one === status);
}

async function all(runs: AsyncIterable<MlflowRun>): Promise<MlflowRun[]> {
  const found: MlflowRun[] = [];
  for await (const run of runs) found.push(run);
  return found;
}

/**
 * The best value of all steps. One request for each run and metric.
 * @returns what counts for a metric of a run; the last value of metrics that were not asked for.
 */
export async function bestSteps(
  mlflow: Mlflow,
  runs: readonly MlflowRun[],
  metrics: readonly string[],
): Promise<MetricOf> {
  const wanted = runs.flatMap((run) =>
    metrics.filter((metric) => Object.hasOwn(run.metrics, metric)).map((metric) => ({ run, metric })),
  );
  const found = new Map<string, number>();
  await atATime(wanted, async ({ run, metric }) => {
    const values = (await mlflow.history(run.id, metric))
      .map(({ value }) => value)
      .filter((value) => !Number.isNaN(value));
    if (values.length > 0)
      found.set(
        `${run.id} ${metric}`,
        values.reduce((a, b) => (lessIsBetter(metric) ? Math.min(a, b) : Math.max(a, b))),
      );
  });
  return ({ id, metrics: last }, key) =>
    found.get(`${id} ${key}`) ?? (Object.hasOwn(last, key) ? last[key] : undefined);
}
