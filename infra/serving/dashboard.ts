import { type Deployment, kpiGraphs, type KpiSubject } from "../business/kpi-graphs";

/** Names that a dashboard's widgets are about. */
export interface DashboardSubject extends KpiSubject {
  readonly alarmArns: readonly string[];
  readonly logGroup: string;
  /** Of what serves, and of what served before it. */
  readonly deployments: readonly Deployment[];
}

interface Widget {
  readonly type: "metric" | "alarm" | "log" | "text";
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly properties: Readonly<Record<string, unknown>>;
}

/**
 * The endpoint's dashboard: is it well, is it fast, is it busy, what does it say, what is it good for.
 * @returns the body as CloudWatch takes it.
 */
export function dashboardBody(subject: DashboardSubject): string {
  return JSON.stringify({ start: "-PT3H", widgets: widgets(subject) });
}

function widgets(subject: DashboardSubject): Widget[] {
  const { region, endpointName, variant, alarmArns, logGroup, deployments } = subject;
  const dimensions = ["EndpointName", endpointName, "VariantName", variant];
  const graph = (x: number, y: number, title: string, metrics: readonly unknown[]): Widget => ({
    type: "metric",
    x,
    y,
    width: 8,
    height: 6,
    properties: { title, region, view: "timeSeries", period: 60, metrics },
  });
  const serving = (name: string, stat: string, label: string) => [
    "AWS/SageMaker",
    name,
    ...dimensions,
    { stat, label },
  ];
  const instance = (name: string) => ["/aws/sagemaker/Endpoints", name, ...dimensions, { stat: "Maximum" }];
  return [
    {
      type: "alarm",
      x: 0,
      y: 0,
      width: 24,
      height: 3,
      properties: { title: `Alarms of ${endpointName}`, alarms: alarmArns },
    },
    graph(0, 3, "Requests per minute", [serving("Invocations", "Sum", "requests")]),
    graph(8, 3, "Failures", [
      serving("Invocation4XXErrors", "Sum", "4xx"),
      serving("Invocation5XXErrors", "Sum", "5xx"),
    ]),
    graph(
      16,
      3,
      "Latency of the model, microseconds",
      ["p50", "p90", "p99"].map((stat) => serving("ModelLatency", stat, stat)),
    ),
    graph(
      0,
      9,
      "Time added by SageMaker, microseconds",
      ["p50", "p90"].map((stat) => serving("OverheadLatency", stat, stat)),
    ),
    graph(
      8,
      9,
      "Use of the instances, per cent",
      ["CPUUtilization", "MemoryUtilization", "GPUUtilization", "DiskUtilization"].map(instance),
    ),
    graph(16, 9, "Requests per instance and minute", [serving("InvocationsPerInstance", "Sum", "requests")]),
    {
      type: "log",
      x: 0,
      y: 15,
      width: 24,
      height: 6,
      properties: {
        title: "Errors in the container's log",
        region,
        view: "table",
        query: `SOURCE '${logGroup}' | fields @timestamp, @message | filter @message like /(?i)error/ | sort @timestamp desc | limit 50`,
      },
    },
    ...kpiGraphs(subject, 21, deployments),
  ];
}
