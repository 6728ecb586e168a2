import { z } from "zod";
import { Metrics } from "../aws/cloudwatch";
import { EventBus } from "../aws/eventbridge";
import { ObjectStore } from "../aws/s3";
import { SageMaker } from "../aws/sagemaker";
import { functionSession, isDenied } from "../aws/session";
import { platformSource } from "../contract/events";
import { forecastStateKey, watchEvent } from "../contract/monitoring";
import { readVariables } from "../contract/variables";
import { isoDay, parseDay } from "../lifecycle/forecasting/calendar";
import { emptyMemory, lookAt, type Look } from "../lifecycle/forecasting/look";
import { forecastNotice, forecastProposal, type Told } from "../lifecycle/forecasting/notice";
import { scoreOf } from "../lifecycle/forecasting/score";
import { type ForecastLimits, watchedOf, watchedSeries, type WatchedSeries } from "../lifecycle/forecasting/watched";
import { ForecastRecords, type ForecastState } from "../records/forecasts";
import { type MetricSources, readSeries, type Subject } from "./forecast/series";

/** What the schedule sends: when it meant to, by its own clock. */
const eventShape = z.object({ time: z.iso.datetime() });

/** What the handler depends on. */
export interface Dependencies extends Subject, MetricSources {
  readonly records: ForecastRecords;
  readonly endpoints: Pick<SageMaker, "describeEndpoint">;
  readonly bus: Pick<EventBus, "put">;
  readonly log: (line: string) => void;
}

/**
 * The day's look at all series: judges what was said before, forecasts, warns of what is new, and remembers. A series
 * that cannot be read is told of and remembered as it was; the others go on.
 * @returns what was found, for the log.
 * @throws Error where another look is under way, or nothing could be read.
 */
export async function forecastAll(event: unknown, dependencies: Dependencies): Promise<string> {
  const { records, log } = dependencies;
  // The last day that is over.
  const today = parseDay(eventShape.parse(event).time)! - 1;
  const day = isoDay(today);
  const { state, tag, damaged } = await records.read();
  if (damaged !== undefined) log(`${forecastStateKey} is damaged, and is made anew: ${damaged}`);
  if (state && state.day >= day) return `${day} was looked at before`;
  const releases = await releasesOf(dependencies, state?.releases ?? [], day);
  // The first configuration is no change.
  const changes = releases.slice(1).map((release) => parseDay(release.day)!);
  const looks = new Map<WatchedSeries, Look>();
  const failed: string[] = [];
  for (const series of watchedSeries)
    try {
      const values = await readSeries(series, dependencies, dependencies, today);
      const before = state?.series[series] ?? emptyMemory;
      looks.set(
        series,
        lookAt(
          watchedOf(series, dependencies.limits, dependencies.environment),
          before as never,
          values,
          today,
          changes,
        ),
      );
    } catch (error) {
      failed.push(`${series}: ${isDenied(error) ? "refused: " : ""}${(error as Error).message}`);
    }
  for (const problem of failed) log(`could not be read: ${problem}`);
  if (looks.size === 0) throw new Error(`nothing could be read: ${failed.join("; ")}`);
  await records.keepDay(day, pageOf(day, looks, failed));
  for (const [series, look] of looks) await tell(series, look, day, dependencies);
  const remembered = Object.fromEntries([...looks].map(([series, { memory }]) => [series, memory]));
  // After people were told: who is told twice is better off than who is not.
  await records.write({ version: 1, day, releases, series: { ...state?.series, ...remembered } } as ForecastState, tag);
  const found = [...looks].map(([series, { forecast }]) => `${series} ${forecast.verdict}`).join(", ");
  log(`${day}: ${found}`);
  return found;
}

/** Endpoint configurations by the day on which they were first seen: after a release, levels may differ. */
async function releasesOf(
  { endpoints, endpoint, log }: Dependencies,
  before: ForecastState["releases"],
  day: string,
): Promise<ForecastState["releases"]> {
  const configuration = (await endpoints.describeEndpoint(endpoint))?.EndpointConfigName;
  if (configuration === undefined) log(`there is no endpoint ${endpoint}`);
  if (configuration === undefined || before.at(-1)?.configuration === configuration) return before;
  return [...before, { day, configuration }].slice(-releasesKept);
}

const releasesKept = 50;

/** What a day's record holds: enough to see why it was said, without the values, which CloudWatch has. */
function pageOf(day: string, looks: ReadonlyMap<WatchedSeries, Look>, failed: readonly string[]): object {
  return {
    day,
    failed,
    series: Object.fromEntries(
      [...looks].map(([series, { outlook, forecast, warning, memory }]) => [
        series,
        { ...forecast, outlook, ...(warning ? { warning } : {}), score: scoreOf(memory.tally) },
      ]),
    ),
  };
}

/** Puts a new warning on the bus, and proposes a retraining where quality is on its way down. */
async function tell(
  series: WatchedSeries,
  { outlook, warning, memory }: Look,
  day: string,
  { bus, records, limits, endpoint, environment }: Dependencies,
): Promise<void> {
  if (!warning || "unknown" in outlook) return;
  const watched = watchedOf(series, limits, environment);
  const evidence = records.uriOf(day);
  const told: Told = { series, watched, outlook, warning, endpoint, evidence, score: scoreOf(memory.tally) };
  await bus.put(platformSource(watched.area), watchEvent.forecast, forecastNotice(told));
  if (watched.trainable && warning.verdict === "will-breach")
    await bus.put(platformSource("model"), watchEvent.retrainingProposed, forecastProposal(told));
}

/** Where AWS publishes what an account owes ("Monitor estimated AWS charges with CloudWatch"). */
const billingRegion = "us-east-1";

/** Lambda's entry point. */
export async function handler(event: unknown): Promise<string> {
  const { ENDPOINT, VARIANT, ENVIRONMENT, ARTIFACTS_BUCKET, EVENT_BUS, LIMITS } = readVariables(
    "forecast",
    process.env,
  );
  const session = functionSession();
  return forecastAll(event, {
    environment: ENVIRONMENT,
    endpoint: ENDPOINT,
    variant: VARIANT,
    limits: JSON.parse(LIMITS) as ForecastLimits,
    metrics: new Metrics(session),
    billing: new Metrics({ ...session, region: billingRegion }),
    records: new ForecastRecords(new ObjectStore(session), ARTIFACTS_BUCKET),
    endpoints: new SageMaker(session),
    bus: new EventBus(session, EVENT_BUS),
    log: (line) => void process.stdout.write(`${line}\n`),
  });
}
