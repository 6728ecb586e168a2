import { kpiGraphs } from "../business/kpi-graphs";
import type { Scope } from "../scope";
import { metricLine, type MetricLine } from "./metrics";

/** What exists in an environment beyond its settings. */
export interface EnvironmentSubject {
  readonly alarmArns: readonly string[];
  readonly variant: string;
  readonly functions: readonly string[];
  readonly rules: readonly string[];
}

interface Widget {
  readonly type: "metric" | "alarm" | "text";
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly properties: Readonly<Record<string, unknown>>;
}

/**
 * The environment at a glance: what is wrong, does training go well, do requests, do releases, does anything get lost,
 * what does it cost.
 */
export function environmentDashboard(scope: Scope, subject: EnvironmentSubject): string {
  const {
    arns,
    endpointName,
    environment,
    names,
    pipelineName,
    monitoringPipeline,
    releaseProject,
    imageProject,
    settings,
  } = scope;
  const { region, delivery, image, monitoring } = settings;
  const graph = (
    x: number,
    y: number,
    title: string,
    lines: readonly MetricLine[],
    more: Readonly<Record<string, unknown>> = {},
  ): Widget => ({
    type: "metric",
    x,
    y,
    width: 8,
    height: 6,
    properties: { title, region, view: "timeSeries", period: 3600, metrics: lines, ...more },
  });
  const pipelines = [pipelineName, ...(monitoring.mode === "self-hosted" ? [monitoringPipeline] : [])];
  const projects = [...(delivery.targets.length > 0 ? [releaseProject] : []), ...(image.builds ? [imageProject] : [])];
  const serving = [endpointName, subject.variant];
  const widgets: Widget[] = [
    {
      type: "text",
      x: 0,
      y: 0,
      width: 24,
      height: 2,
      properties: {
        markdown: `# Peregrine ${environment}\nEndpoint in detail: dashboard \`${names.of("dashboard", "detector")}\`. What to do: \`docs/runbooks/\`.`,
      },
    },
    {
      type: "alarm",
      x: 0,
      y: 2,
      width: 24,
      height: 3,
      properties: { title: "Alarms", alarms: [...subject.alarmArns] },
    },
    graph(
      0,
      5,
      "Pipeline runs",
      pipelines.flatMap((name) => [
        metricLine("AWS/Sagemaker/ModelBuildingPipeline", "ExecutionSucceeded", [name], "Sum", `${name} succeeded`),
        metricLine("AWS/Sagemaker/ModelBuildingPipeline", "ExecutionFailed", [name], "Sum", `${name} failed`),
      ]),
    ),
    graph(
      8,
      5,
      "Requests",
      [
        metricLine("AWS/SageMaker", "Invocations", serving, "Sum", "requests"),
        metricLine("AWS/SageMaker", "Invocation5XXErrors", serving, "Sum", "5xx"),
        metricLine("AWS/SageMaker", "Invocation4XXErrors", serving, "Sum", "4xx"),
      ],
      { period: 300 },
    ),
    graph(
      16,
      5,
      "Latency of the model, microseconds",
      ["p50", "p90", "p99"].map((stat) => metricLine("AWS/SageMaker", "ModelLatency", serving, stat, stat)),
      { period: 300 },
    ),
    graph(0, 11, "Events that were not delivered", [
      metricLine(
        "AWS/SQS",
        "ApproximateNumberOfMessagesVisible",
        [names.of("queue", "dead-letters")],
        "Maximum",
        "dead letters",
      ),
      metricLine(
        "AWS/Scheduler",
        "InvocationDroppedCount",
        [names.of("scheduleGroup", "schedules")],
        "Sum",
        "schedules given up",
      ),
      ...subject.rules.map((rule) => metricLine("AWS/Events", "FailedInvocations", [rule], "Sum", rule)),
    ]),
    graph(
      8,
      11,
      "Functions",
      subject.functions.flatMap((name) => [
        metricLine("AWS/Lambda", "Invocations", [name], "Sum", `${name} calls`),
        metricLine("AWS/Lambda", "Errors", [name], "Sum", `${name} errors`),
      ]),
    ),
    ...(projects.length > 0
      ? [
          graph(
            16,
            11,
            "Builds",
            projects.flatMap((name) => [
              metricLine("AWS/CodeBuild", "SucceededBuilds", [name], "Sum", `${name} succeeded`),
              metricLine("AWS/CodeBuild", "FailedBuilds", [name], "Sum", `${name} failed`),
            ]),
          ),
        ]
      : []),
    // Of the whole account: costs by environment are in the budget and in Cost Explorer, by the tag.
    graph(
      0,
      17,
      "Cost of the account this month, USD",
      [metricLine("AWS/Billing", "EstimatedCharges", ["USD"], "Maximum", "estimated")],
      { region: "us-east-1", period: 21_600 },
    ),
    {
      type: "text",
      x: 8,
      y: 17,
      width: 16,
      height: 6,
      properties: {
        markdown: `Pipeline ${arns.sagemaker(`pipeline/${pipelineName}`)}\n\nCosts by environment: tag \`environment = ${environment}\`. The graph of costs needs billing alerts, which the account's payer switches on.`,
      },
    },
    // Without deployments, which releases make: they are marked on the endpoint's own dashboard.
    ...kpiGraphs({ environment, region, endpointName, variant: subject.variant, kpis: settings.kpis }, 23),
  ];
  return JSON.stringify({ start: "-P1D", widgets });
}
