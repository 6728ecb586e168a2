import type { DesiredRelease } from "../../contract/desired-release";
import { type KpiDefinition, kpiNamespace, kpiUnit } from "../../contract/kpi";
import { monitoringMetric, monitoringNamespace } from "../../contract/monitoring";

/** A moment that graphs are marked with. */
export interface Deployment {
  /** ISO 8601. */
  readonly at: string;
  readonly label: string;
}

/** When what serves went live, and what served before it, as far as the desired release knows. */
export function deploymentsOf({ kept, ...live }: DesiredRelease): Deployment[] {
  return [live, ...kept].flatMap(({ promotedAt, modelPackageArn }) =>
    promotedAt === undefined ? [] : [{ at: promotedAt, label: `version ${modelPackageArn.split("/").at(-1)}` }],
  );
}

/** What the graphs of KPIs are about. */
export interface KpiSubject {
  readonly environment: string;
  readonly region: string;
  readonly endpointName: string;
  readonly variant: string;
  readonly kpis: readonly KpiDefinition[];
}

export interface KpiGraph {
  readonly type: "metric";
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly properties: Readonly<Record<string, unknown>>;
}

const columns = 3;
const size = { width: 8, height: 6 } as const;
const daySeconds = 86_400;

/**
 * A graph for each KPI, day by day over three months, with the model's F1 on the other axis and a line at each
 * deployment: what moved, and what was changed before.
 */
export function kpiGraphs(
  { environment, region, endpointName, variant, kpis }: KpiSubject,
  y: number,
  deployments: readonly Deployment[] = [],
): KpiGraph[] {
  const model = ["EndpointName", endpointName, "VariantName", variant];
  return kpis.map((kpi, index) => ({
    type: "metric",
    x: (index % columns) * size.width,
    y: y + Math.floor(index / columns) * size.height,
    ...size,
    properties: {
      title: `${kpi.name}, ${kpiUnit(kpi)} (${kpi.better} is better)`,
      region,
      view: "timeSeries",
      period: daySeconds,
      // A widget may have a time range of its own.
      start: "-P90D",
      metrics: [
        lineOf(kpi, environment, endpointName),
        [
          monitoringNamespace(environment),
          monitoringMetric.f1,
          ...model,
          { stat: "Average", label: "F1 of the model", yAxis: "right" },
        ],
      ],
      annotations: {
        ...(kpi.target === undefined ? {} : { horizontal: [{ label: "target", value: kpi.target }] }),
        ...(deployments.length > 0 ? { vertical: deployments.map(({ at, label }) => ({ label, value: at })) } : {}),
      },
    },
  }));
}

/** A KPI that the platform publishes, or where somebody else does. */
function lineOf({ name, source }: KpiDefinition, environment: string, endpointName: string): readonly unknown[] {
  return source.kind === "metric"
    ? [
        source.namespace,
        source.metric,
        ...Object.entries(source.dimensions).flat(),
        { stat: source.statistic, label: name },
      ]
    : [kpiNamespace(environment), name, "EndpointName", endpointName, { stat: "Average", label: name }];
}
