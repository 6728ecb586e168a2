import type { Call } from "../../call";
import type { Cloud } from "../../cloud";
import type { Members } from "../../members";
import type { Handler } from "../../operation";
import { AwsError } from "../../errors";
import { page, timestampMs } from "../pages";
import { isStatistic, statistic } from "./aggregate";
import { dimensionRecord, type MetricStore } from "./metric-store";
import type { MetricQuery } from "./queries";
import { checkPeriod, checkQueries, evaluateQuery } from "./queries";

/** Points that GetMetricStatistics and GetMetricData answer at most (CloudWatch API). */
const MAX_STATISTICS = 1440;
const MAX_DATAPOINTS = 100_800;

function invalid(message: string): AwsError {
  return new AwsError("InvalidParameterValueException", message);
}

/** Putting and getting metric data. */
export function metricOperations(cloud: Cloud, store: MetricStore): Record<string, Handler> {
  return {
    PutMetricData(input, call) {
      const namespace = input["Namespace"] as string;
      if (/^AWS\//.test(namespace))
        throw invalid(
          `The value ${namespace} for parameter Namespace is invalid. It must not start with AWS/, which is reserved for AWS services.`,
        );
      const data = [
        ...((input["MetricData"] as Members[] | undefined) ?? []),
        ...((input["EntityMetricData"] as { MetricData?: Members[] }[] | undefined) ?? []).flatMap(
          (entity) => entity.MetricData ?? [],
        ),
      ];
      const checked = data.map((datum, index) => checkDatum(datum, index, call));
      for (const add of checked) add(store, namespace);
    },

    GetMetricData(input) {
      const queries = input["MetricDataQueries"] as MetricQuery[];
      checkQueries(queries);
      const [startMs, endMs] = range(input);
      const ascending = input["ScanBy"] === "TimestampAscending";
      const limit = Math.min(input["MaxDatapoints"] ?? MAX_DATAPOINTS, MAX_DATAPOINTS);
      const results = queries
        .filter((query) => query.ReturnData !== false)
        .map((query) => {
          const points = [...evaluateQuery(store, queries, query.Id, startMs, endMs)]
            .sort(([a], [b]) => (ascending ? a - b : b - a))
            .slice(0, limit);
          return {
            Id: query.Id,
            Label: query.Label ?? query.MetricStat?.Metric.MetricName ?? query.Id,
            Timestamps: points.map(([ms]) => new Date(ms)),
            Values: points.map(([, value]) => value),
            StatusCode: "Complete",
          };
        });
      return { MetricDataResults: results, Messages: [] };
    },

    GetMetricStatistics(input) {
      const [startMs, endMs] = range(input);
      const period = input["Period"] as number;
      checkPeriod(period);
      const plain = (input["Statistics"] as string[] | undefined) ?? [];
      const extended = (input["ExtendedStatistics"] as string[] | undefined) ?? [];
      if (plain.length + extended.length === 0)
        throw new AwsError(
          "MissingRequiredParameterException",
          "At least one of the parameters Statistics and ExtendedStatistics must be specified.",
        );
      const unknown = extended.find((name) => !isStatistic(name));
      if (unknown) throw invalid(`The value ${unknown} for parameter ExtendedStatistics is not supported.`);
      if ((endMs - startMs) / (period * 1000) > MAX_STATISTICS)
        throw new AwsError(
          "InvalidParameterCombinationException",
          `You have requested up to ${Math.ceil((endMs - startMs) / (period * 1000))} datapoints, which exceeds the limit of ${MAX_STATISTICS}. You may reduce the datapoints requested by increasing Period, or decreasing the time range.`,
        );
      const identity = {
        namespace: input["Namespace"],
        name: input["MetricName"],
        dimensions: dimensionRecord(input["Dimensions"]),
      };
      const unit =
        store
          .list()
          .find((series) => series.namespace === identity.namespace && series.name === identity.name)
          ?.units.values()
          .next().value ?? "None";
      return {
        Label: input["MetricName"],
        Datapoints: store.points(identity, startMs, endMs, period, input["Unit"]).map(({ ms, aggregate }) => ({
          Timestamp: new Date(ms),
          Unit: input["Unit"] ?? unit,
          ...Object.fromEntries(plain.map((name) => [name, statistic(aggregate, name)])),
          ...(extended.length > 0
            ? {
                ExtendedStatistics: Object.fromEntries(
                  extended.flatMap((name) =>
                    statistic(aggregate, name) === undefined ? [] : [[name, statistic(aggregate, name)]],
                  ),
                ),
              }
            : {}),
        })),
      };
    },

    ListMetrics(input) {
      const wanted = (input["Dimensions"] as { Name: string; Value?: string }[] | undefined) ?? [];
      const since = input["RecentlyActive"] === "PT3H" ? cloud.clock.nowMs() - 3 * 3_600_000 : -Infinity;
      const rows = store
        .list()
        .filter(
          (series) =>
            (input["Namespace"] ?? series.namespace) === series.namespace &&
            (input["MetricName"] ?? series.name) === series.name &&
            series.lastMs >= since,
        )
        .filter((series) =>
          wanted.every(
            ({ Name, Value }) =>
              Name in series.dimensions && (Value === undefined || series.dimensions[Name] === Value),
          ),
        );
      const { items, next } = page(rows, input["NextToken"], 500);
      return {
        Metrics: items.map((series) => ({
          Namespace: series.namespace,
          MetricName: series.name,
          Dimensions: Object.entries(series.dimensions).map(([Name, Value]) => ({ Name, Value })),
        })),
        NextToken: next,
      };
    },
  };
}

function range(input: Members): [startMs: number, endMs: number] {
  const startMs = timestampMs(input["StartTime"])!;
  const endMs = timestampMs(input["EndTime"])!;
  if (!(startMs < endMs)) throw invalid("The parameter StartTime must be less than the parameter EndTime.");
  return [startMs, endMs];
}

/** Checks one datum, and answers what puts it into the store: nothing is stored of a request that is wrong in part. */
function checkDatum(datum: Members, index: number, call: Call): (store: MetricStore, namespace: string) => void {
  const place = `MetricData.member.${index + 1}`;
  const {
    Value: value,
    Values: values,
    Counts: counts,
    StatisticValues: set,
    StorageResolution: resolution = 60,
  } = datum;
  const given = [value, values, set].filter((one) => one !== undefined).length;
  if (given !== 1)
    throw new AwsError(
      "InvalidParameterCombinationException",
      `Exactly one of ${place}.Value, ${place}.Values and ${place}.StatisticValues must be specified.`,
    );
  if (counts !== undefined && counts.length !== values?.length)
    throw invalid(`The parameters ${place}.Values and ${place}.Counts must be of the same size.`);
  if (resolution !== 1 && resolution !== 60)
    throw invalid(`The value ${resolution} for parameter ${place}.StorageResolution is invalid. It must be 1 or 60.`);
  const bad = [value, ...(values ?? [])].find((one) => one !== undefined && !Number.isFinite(one));
  if (bad !== undefined) throw invalid(`The value ${bad} for parameter ${place}.Value is invalid.`);
  const now = call.now.getTime();
  const ms = timestampMs(datum["Timestamp"]) ?? now;
  if (ms > now + 2 * 3_600_000 || ms < now - 14 * 86_400_000)
    throw invalid(
      `The parameter ${place}.Timestamp must specify a time within the past two weeks and no more than two hours in the future.`,
    );
  return (store, namespace) => {
    const identity = {
      namespace,
      name: datum["MetricName"] as string,
      dimensions: dimensionRecord(datum["Dimensions"]),
    };
    const unit = datum["Unit"] as string | undefined;
    if (set)
      store.addSet(
        identity,
        ms,
        { count: set.SampleCount, sum: set.Sum, min: set.Minimum, max: set.Maximum },
        unit,
        resolution === 1,
      );
    else
      for (const [at, one] of ((values ?? [value]) as number[]).entries())
        store.add(identity, ms, one, counts?.[at] ?? 1, unit, resolution === 1);
  };
}
