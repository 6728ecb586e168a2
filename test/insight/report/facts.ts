import type { EnvironmentFacts, Reading } from "../../../insight/read-model/facts";
import { seriesOf, type SeriesName } from "../../../insight/read-model/series";
import type { ReportFacts } from "../../../insight/report/facts";
import { periodUntil } from "../../../insight/report/period";
import type { RecommendationRule } from "../../../insight/report/rule";
import { targetsOf } from "../../../insight/report/targets";
import { hoursAgo, platform, type Shape } from "../platform";

/** A week of three environments of which nothing is wrong, but for what `change` makes of them. */
export function reportFacts(shape: Shape = {}, more: Partial<ReportFacts> = {}): ReportFacts {
  const { change = (one: EnvironmentFacts) => one } = shape;
  return {
    period: periodUntil("week", new Date(hoursAgo(0))),
    platform: platform({ ...shape, change: (one) => change(well(one)) }),
    ...more,
  };
}

export const readAs = <Value>(value: Value): Reading<Value> => ({ value, evidence: { what: "a test" } });

/** An environment without anything that needs somebody. */
function well(one: EnvironmentFacts): EnvironmentFacts {
  const releases = "unread" in one.releases ? [] : one.releases.value.filter(({ outcome }) => outcome === "live");
  return withMetric(
    {
      ...one,
      releases: readAs(releases),
      packages: readAs([]),
      alarms: readAs([]),
      alerts: readAs([]),
      violations: readAs({ open: [], entries: [] }),
      forecasts: readAs(undefined),
      retraining: readAs([]),
      experiments: readAs([]),
      running: readAs({}),
    },
    { drift: [0.4], estimatedMap50: [0.41], map50: [0.41], f1: [0.52] },
  );
}

/** Other values of some series, in which the requests are as they were. */
export function withMetric(
  one: EnvironmentFacts,
  values: Partial<Record<SeriesName, readonly number[]>>,
): EnvironmentFacts {
  if ("unread" in one.metrics || one.metrics.value.requests.values.length === 0) return one;
  const changed = Object.entries(values).map(([name, own]) => [
    name,
    seriesOf(
      own.map((value, index) => ({ time: new Date(hoursAgo(own.length - index)), value })),
      `CloudWatch GetMetricData: ${name}`,
    ),
  ]);
  return {
    ...one,
    metrics: { ...one.metrics, value: { ...one.metrics.value, ...(Object.fromEntries(changed) as object) } },
  };
}

/** Changes of production alone. */
export const inProd = (change: (one: EnvironmentFacts) => EnvironmentFacts): Shape => ({
  change: (one) => (one.name === "prod" ? change(one) : one),
});

/** What a rule says of one environment. */
export function found(rule: RecommendationRule, facts: ReportFacts, name = "prod") {
  const environment = facts.platform.environments.find((one) => one.name === name)!;
  const targets = targetsOf(facts).filter((one) => one.environment === name);
  return rule.find(environment, { facts, targets });
}
