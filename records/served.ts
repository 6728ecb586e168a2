import type { Metrics } from "../aws/cloudwatch";
import type { Logs } from "../aws/logs";
import { answerTallyOf, answerTallyPattern, servingLogGroup } from "../contract/answer-tally";
import { consistent, nothingServed, type Served, servedTogether } from "../lifecycle/rollout/served";

/** What is asked about. */
export interface ServedQuery {
  readonly endpoint: string;
  readonly variant: string;
  /** Whole minutes, the end not included. */
  readonly from: Date;
  readonly to: Date;
}

/** What was served, by the beginning of each minute, epoch milliseconds; minutes in which nothing was are left out. */
export type ServedByMinute = ReadonlyMap<number, Served>;

export const minuteMs = 60_000;

/** The beginning of a minute, epoch milliseconds. */
export function minuteOf(ms: number): number {
  return Math.floor(ms / minuteMs) * minuteMs;
}

/**
 * Requests of a variant, with those that failed and those that were slow, by CloudWatch's metrics. During an update both
 * fleets count, but where a configuration is named: "EndpointConfigName" limits a metric to the fleet that runs it
 * (developer guide, "Auto-rollback configuration and monitoring").
 * @param latencyMs a request whose model takes longer is slow.
 */
export async function requestsByMinute(
  metrics: Pick<Metrics, "points">,
  { endpoint, variant, from, to }: ServedQuery,
  latencyMs: number,
  config?: string,
): Promise<ServedByMinute> {
  const dimensions = {
    EndpointName: endpoint,
    VariantName: variant,
    ...(config === undefined ? {} : { EndpointConfigName: config }),
  };
  const points = (name: string, statistic: string) =>
    metrics.points({ namespace: "AWS/SageMaker", name, dimensions, statistic, periodSeconds: 60 }, from, to);
  const [requests, errors, slow] = await Promise.all([
    points("Invocations", "Sum"),
    points("Invocation5XXErrors", "Sum"),
    // How many values lie above a limit, here in microseconds (CloudWatch user guide, "Statistics definitions": TC).
    points("ModelLatency", `TC(${latencyMs * 1000}:)`),
  ]);
  const counts = [
    ...requests.map((point) => ({ ...point, signal: "requests" as const })),
    ...errors.map((point) => ({ ...point, signal: "errors" as const })),
    ...slow.map((point) => ({ ...point, signal: "slow" as const })),
  ];
  return byMinute(counts.map(({ time, value, signal }) => [time, { [signal]: Math.round(value) }]));
}

/**
 * What the answers of a variant were like, as its containers say, by the package that answered; those of a container
 * that was not told its package are under an empty name.
 */
export async function answersByMinute(
  logs: Pick<Logs, "linesBetween">,
  { endpoint, variant, from, to }: ServedQuery,
): Promise<ReadonlyMap<string, ServedByMinute>> {
  const lines = await logs.linesBetween(servingLogGroup(endpoint), {
    streams: `${variant}/`,
    pattern: answerTallyPattern,
    from,
    to,
  });
  const said = new Map<string, [Date, Partial<Served>][]>();
  for (const { at, text } of lines) {
    const tally = answerTallyOf(text);
    if (!tally) continue;
    const { answers, empty, unsure } = tally;
    const counts = said.get(tally.package) ?? [];
    counts.push([at, { answers, empty, unsure }]);
    said.set(tally.package, counts);
  }
  return new Map([...said].map(([name, counts]) => [name, byMinute(counts)]));
}

/** Minutes of several sources together. */
export function minutesTogether(...all: readonly ServedByMinute[]): ServedByMinute {
  return byMinute(all.flatMap((one) => [...one].map(([minute, served]) => [new Date(minute), served] as const)));
}

function byMinute(counts: readonly (readonly [time: Date, counted: Partial<Served>])[]): ServedByMinute {
  const minutes = new Map<number, Served>();
  for (const [time, counted] of counts) {
    const minute = minuteOf(time.getTime());
    minutes.set(minute, servedTogether(minutes.get(minute) ?? nothingServed, { ...nothingServed, ...counted }));
  }
  return new Map([...minutes].map(([minute, served]) => [minute, consistent(served)]));
}
