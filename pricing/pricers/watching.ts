import { times } from "../amounts";
import type { Inputs } from "../inputs";
import type { Pricer } from "../pricer";
import { daysPerMonth } from "../schedule";

const freeDashboards = 3;

/** Logs, alarms, dashboards and the audit trail. */
export const watching: Readonly<Record<string, Pricer>> = {
  "aws:cloudwatch/logGroup:LogGroup": (inputs, { prices, assume }) => {
    const days = inputs.number("retentionInDays", 0);
    const months = days === 0 ? assume.logMonthsWithoutEnd : days / daysPerMonth;
    const stored = times(assume.logGBPerMonth * assume.logStoredShare * months, "GB stored", prices.usd("logs.stored"));
    return [
      times(assume.logGBPerMonth, "GB of logs a month", prices.usd("logs.ingested")),
      {
        ...stored,
        how: `${stored.how} (kept ${days === 0 ? `for ever, ${assume.logMonthsWithoutEnd} months counted` : `${days} days`})`,
      },
    ];
  },
  "aws:cloudwatch/logMetricFilter:LogMetricFilter": (_inputs, { prices }) => [
    times(1, "custom metric", prices.usd("cloudwatch.metric")),
  ],
  "aws:cloudwatch/metricAlarm:MetricAlarm": (inputs, { prices }) => {
    const fast = shortestPeriod(inputs) < 60;
    const metrics = metricsOf(inputs);
    return [
      times(
        metrics,
        `metric${metrics === 1 ? "" : "s"}${fast ? " at high resolution" : ""}`,
        prices.usd(fast ? "cloudwatch.alarm-high-resolution" : "cloudwatch.alarm"),
      ),
    ];
  },
  "aws:cloudwatch/compositeAlarm:CompositeAlarm": (_inputs, { prices }) => [
    times(1, "composite alarm", prices.usd("cloudwatch.alarm-composite")),
  ],
  "aws:cloudwatch/dashboard:Dashboard": (_inputs, { prices, assume, index }) =>
    index + assume.otherDashboards < freeDashboards
      ? [{ usd: 0, how: `the account's first ${freeDashboards} dashboards have no charge` }]
      : [times(1, "dashboard", prices.usd("cloudwatch.dashboard"))],
  "aws:cloudtrail/trail:Trail": (inputs, { prices, assume, index }) => {
    const first = index + assume.otherTrails === 0;
    const recorded = first
      ? { usd: 0, how: "the first copy of management events has no charge" }
      : times(
          assume.managementEventsPerMonth,
          "management events recorded again",
          prices.usd("cloudtrail.management-event"),
        );
    return [
      recorded,
      ...(recordsData(inputs)
        ? [times(assume.dataEventsPerMonth, "data events", prices.usd("cloudtrail.data-event"))]
        : []),
      ...(recordsEndpoints(inputs)
        ? [times(assume.requestsPerMonth, "requests to endpoints recorded", prices.usd("cloudtrail.data-event"))]
        : []),
      ...(inputs.count("insightSelectors") > 0
        ? [
            times(
              assume.managementEventsPerMonth,
              "events looked at for insights",
              prices.usd("cloudtrail.insight-event"),
            ),
          ]
        : []),
    ];
  },
};

/** Alarms on an expression pay for each metric in it; a band of expected values adds two (CloudWatch pricing). */
function metricsOf(inputs: Inputs): number {
  const queries = inputs.objects("metricQueries");
  const metrics = queries.filter((query) => query.has("metric")).length;
  const band = queries.some((query) => (query.optionalText("expression") ?? "").includes("ANOMALY_DETECTION_BAND"));
  return Math.max(1, metrics) + (band ? 2 : 0);
}

function shortestPeriod(inputs: Inputs): number {
  const periods = inputs
    .objects("metricQueries")
    .filter((query) => query.has("metric"))
    .map((query) => query.object("metric").number("period", 60));
  return Math.min(...periods, inputs.number("period", 60));
}

function recordsData(inputs: Inputs): boolean {
  const classic = inputs.objects("eventSelectors").some((selector) => selector.count("dataResources") > 0);
  const categories = inputs
    .objects("advancedEventSelectors")
    .flatMap((selector) => selector.objects("fieldSelectors"))
    .filter((field) => field.optionalText("field") === "eventCategory");
  return classic || categories.some((field) => field.texts("equals").includes("Data"));
}

/** Only selectors of the advanced kind know endpoints. */
function recordsEndpoints(inputs: Inputs): boolean {
  return inputs
    .objects("advancedEventSelectors")
    .flatMap((selector) => selector.objects("fieldSelectors"))
    .some(
      (field) =>
        field.optionalText("field") === "resources.type" && field.texts("equals").includes("AWS::SageMaker::Endpoint"),
    );
}
