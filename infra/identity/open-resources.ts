/** A statement that allows actions on every resource though AWS knows resources for them, and why. */
export interface OpenResource {
  readonly statement: string;
  readonly actions: readonly string[];
  readonly why: string;
}

/** The complete list; a test finds every further one, and every one that is no longer needed. */
export const openResources: readonly OpenResource[] = [
  {
    statement: "SeeMetrics",
    actions: [
      // Reading metrics.
      "cloudwatch:GetMetricData",
      "cloudwatch:ListMetrics",
    ],
    why: "The resource type is the dataset of OpenTelemetry metrics. Metrics of services have none: a policy that names one allows nothing of them.",
  },
  {
    statement: "PublishMetrics",
    actions: ["cloudwatch:PutMetricData"],
    why: "As above; limited by the condition key `cloudwatch:namespace` to SageMaker's namespace of that kind of job and to the environment's own for jobs.",
  },
  {
    statement: "PublishKpis",
    actions: ["cloudwatch:PutMetricData"],
    why: "As above; limited by the condition key `cloudwatch:namespace` to the environment's business metrics.",
  },
  {
    statement: "TellGoldenFailures",
    actions: ["cloudwatch:PutMetricData"],
    why: "As above; limited by the condition key `cloudwatch:namespace` to those of the targets' releases.",
  },
  {
    statement: "ReadCosts",
    actions: ["ce:GetCostAndUsage"],
    why: "The resource type is a billing view that somebody made. The account's own costs are asked for without one.",
  },
];
