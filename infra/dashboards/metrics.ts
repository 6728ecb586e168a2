/**
 * Metrics that AWS publishes, by namespace, with the dimensions it publishes them under. A graph can name no other: a
 * misspelt metric is an empty graph, which looks like quiet. Sources: "Monitoring Amazon SageMaker with CloudWatch",
 * "CodeBuild metrics", "Monitoring Amazon EventBridge", "Available CloudWatch metrics for Amazon SQS", "Lambda
 * metrics", "AWS billing metrics".
 */
export const metrics = {
  "AWS/SageMaker": {
    dimensions: ["EndpointName", "VariantName"],
    names: [
      "Invocations",
      "InvocationsPerInstance",
      "Invocation4XXErrors",
      "Invocation5XXErrors",
      "ModelLatency",
      "OverheadLatency",
    ],
  },
  "/aws/sagemaker/Endpoints": {
    dimensions: ["EndpointName", "VariantName"],
    names: ["CPUUtilization", "MemoryUtilization", "DiskUtilization", "GPUUtilization", "GPUMemoryUtilization"],
  },
  "AWS/Sagemaker/ModelBuildingPipeline": {
    dimensions: ["PipelineName"],
    names: ["ExecutionStarted", "ExecutionFailed", "ExecutionSucceeded", "ExecutionStopped", "ExecutionDuration"],
  },
  "AWS/CodeBuild": { dimensions: ["ProjectName"], names: ["Builds", "SucceededBuilds", "FailedBuilds", "Duration"] },
  "AWS/Events": {
    dimensions: ["RuleName"],
    names: [
      "MatchedEvents",
      "TriggeredRules",
      "Invocations",
      "FailedInvocations",
      "InvocationsSentToDlq",
      "InvocationsFailedToBeSentToDlq",
    ],
  },
  "AWS/Scheduler": {
    dimensions: ["ScheduleGroup"],
    names: ["InvocationAttemptCount", "TargetErrorCount", "InvocationDroppedCount", "InvocationsSentToDeadLetterCount"],
  },
  "AWS/SQS": { dimensions: ["QueueName"], names: ["ApproximateNumberOfMessagesVisible", "NumberOfMessagesSent"] },
  "AWS/Lambda": { dimensions: ["FunctionName"], names: ["Invocations", "Errors", "Duration", "Throttles"] },
  // In us-east-1 only, and only where billing alerts are switched on.
  "AWS/Billing": { dimensions: ["Currency"], names: ["EstimatedCharges"] },
} as const;

export type Namespace = keyof typeof metrics;

/** A line of a graph, in the form of a dashboard's body: namespace, metric, dimensions in pairs, how it is drawn. */
export type MetricLine = readonly [string, ...unknown[]];

/** @param values of the namespace's dimensions, in their order. */
export function metricLine<In extends Namespace>(
  namespace: In,
  name: (typeof metrics)[In]["names"][number],
  values: readonly string[],
  stat: string,
  label: string,
): MetricLine {
  const { dimensions } = metrics[namespace];
  return [namespace, name, ...dimensions.flatMap((dimension, index) => [dimension, values[index]]), { stat, label }];
}
