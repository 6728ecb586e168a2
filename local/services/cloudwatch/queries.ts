import { AwsError } from "../../errors";
import { isStatistic, statistic } from "./aggregate";
import type { Values } from "./expressions";
import { evaluateExpression, idsIn } from "./expressions";
import { dimensionRecord, type MetricStore } from "./metric-store";

/** One entry of GetMetricData's queries, and of an alarm's `Metrics`. */
export interface MetricQuery {
  readonly Id: string;
  readonly MetricStat?: {
    readonly Metric: {
      readonly Namespace: string;
      readonly MetricName: string;
      readonly Dimensions?: readonly { Name: string; Value: string }[];
    };
    readonly Period: number;
    readonly Stat: string;
    readonly Unit?: string;
  };
  readonly Expression?: string;
  readonly Label?: string;
  readonly ReturnData?: boolean;
  readonly Period?: number;
}

/** @throws ValidationError when queries contradict one another. */
export function checkQueries(queries: readonly MetricQuery[]): void {
  const problem = (message: string): AwsError => new AwsError("ValidationError", message);
  const ids = new Set<string>();
  for (const query of queries) {
    if (!/^[a-z][a-zA-Z0-9_]*$/.test(query.Id))
      throw problem(
        `The value ${query.Id} for parameter Id is invalid: it must start with a lowercase letter and hold letters, digits and underscores only.`,
      );
    if (ids.has(query.Id)) throw problem(`The value ${query.Id} for parameter Id is used more than once.`);
    ids.add(query.Id);
    if ((query.MetricStat === undefined) === (query.Expression === undefined))
      throw problem(`Exactly one of MetricStat and Expression must be specified for Id ${query.Id}.`);
    if (query.MetricStat && !isStatistic(query.MetricStat.Stat))
      throw problem(
        `The value ${query.MetricStat.Stat} for parameter MetricDataQueries.member.MetricStat.Stat is not supported.`,
      );
    if (query.MetricStat) checkPeriod(query.MetricStat.Period);
  }
  for (const query of queries)
    for (const id of idsIn(query.Expression ?? ""))
      if (!ids.has(id)) throw problem(`Error in expression '${query.Id}': Id ${id} is not defined.`);
}

/** @throws InvalidParameterValue for a period that CloudWatch does not know. */
export function checkPeriod(seconds: number): void {
  if ([1, 5, 10, 20, 30].includes(seconds) || (seconds > 0 && seconds % 60 === 0)) return;
  throw new AwsError("InvalidParameterValueException", "Period must be 1, 5, 10, 20, 30 or a multiple of 60.");
}

/** The period of a query: its own, or the shortest of the metrics that its expression names. */
export function periodOf(queries: readonly MetricQuery[], query: MetricQuery): number {
  if (query.MetricStat) return query.MetricStat.Period;
  if (query.Period !== undefined) return query.Period;
  const named = idsIn(query.Expression ?? "").flatMap(
    (id) => queries.find((other) => other.Id === id && other !== query) ?? [],
  );
  const periods = (named.length > 0 ? named : queries.filter((other) => other.MetricStat)).map((other) =>
    periodOf(queries, other),
  );
  return periods.length > 0 ? Math.min(...periods) : 60;
}

/** Values of one query in [startMs, endMs). @param aligned false lets periods begin at `startMs`, as alarms do. */
export function evaluateQuery(
  store: MetricStore,
  queries: readonly MetricQuery[],
  id: string,
  startMs: number,
  endMs: number,
  aligned = true,
): Values {
  const busy = new Set<string>();
  const evaluate = (wanted: string): Values => {
    const query = queries.find((candidate) => candidate.Id === wanted);
    if (!query) throw new AwsError("ValidationError", `Id ${wanted} is not defined.`);
    if (busy.has(wanted))
      throw new AwsError("ValidationError", `Error in expression '${wanted}': it refers to itself.`);
    busy.add(wanted);
    try {
      if (query.MetricStat) return metricValues(store, query.MetricStat, startMs, endMs, aligned);
      const periodSeconds = periodOf(queries, query);
      const first = aligned ? Math.floor(startMs / (periodSeconds * 1000)) * periodSeconds * 1000 : startMs;
      return evaluateExpression(query.Expression!, {
        series: evaluate,
        metricIds: () => queries.filter((other) => other.MetricStat).map((other) => other.Id),
        periodSeconds,
        startMs: first,
        endMs,
      });
    } finally {
      busy.delete(wanted);
    }
  };
  return evaluate(id);
}

function metricValues(
  store: MetricStore,
  stat: NonNullable<MetricQuery["MetricStat"]>,
  startMs: number,
  endMs: number,
  aligned: boolean,
): Values {
  const identity = {
    namespace: stat.Metric.Namespace,
    name: stat.Metric.MetricName,
    dimensions: dimensionRecord(stat.Metric.Dimensions),
  };
  const points = store.points(identity, startMs, endMs, stat.Period, stat.Unit, aligned);
  return new Map(
    points.flatMap(({ ms, aggregate }) => {
      const value = statistic(aggregate, stat.Stat);
      return value === undefined ? [] : [[ms, value] as const];
    }),
  );
}
