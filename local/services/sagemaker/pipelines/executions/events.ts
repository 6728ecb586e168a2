import type { Cloud } from "../../../../cloud";
import type { Execution, StepRun } from "./state";

/**
 * The EventBridge events of pipeline runs, in the shape of "Automating SageMaker with EventBridge" (camelCase, unlike
 * most SageMaker events).
 */

const seconds = (ms: number): string => new Date(ms).toISOString().replace(/\.\d{3}Z$/, "Z");

/** Tells that an execution changed its status. */
export function emitExecutionStatus(cloud: Cloud, execution: Execution, previous?: string): void {
  measureExecution(cloud, execution, previous);
  cloud.internals.emit({
    source: "aws.sagemaker",
    detailType: "SageMaker Model Building Pipeline Execution Status Change",
    resources: [execution.pipelineArn, execution.arn],
    detail: {
      pipelineArn: execution.pipelineArn,
      pipelineExecutionArn: execution.arn,
      pipelineExecutionDescription: execution.description,
      pipelineExecutionDisplayName: execution.displayName,
      currentPipelineExecutionStatus: execution.status,
      previousPipelineExecutionStatus: previous,
      executionStartTime: seconds(execution.createdMs),
      executionEndTime: execution.endedMs === undefined ? undefined : seconds(execution.endedMs),
    },
  });
}

/** The metrics of pipelines (SageMaker developer guide, "SageMaker pipelines metrics"). */
function measureExecution(
  cloud: Cloud,
  { pipelineArn, status, createdMs, endedMs }: Execution,
  previous?: string,
): void {
  const dimensions = { PipelineName: pipelineArn.slice(pipelineArn.lastIndexOf("/") + 1) };
  const sample = (name: string, value: number, unit: string) => ({
    namespace: "AWS/Sagemaker/ModelBuildingPipeline",
    name,
    dimensions,
    value,
    unit,
  });
  const started = previous === undefined ? [sample("ExecutionStarted", 1, "Count")] : [];
  const ended = ["Failed", "Succeeded", "Stopped"].includes(status)
    ? [
        sample(`Execution${status}`, 1, "Count"),
        sample("ExecutionDuration", (endedMs ?? createdMs) - createdMs, "Milliseconds"),
      ]
    : [];
  if (started.length + ended.length > 0) cloud.internals.measure([...started, ...ended]);
}

/** Tells that a step changed its status. */
export function emitStepStatus(cloud: Cloud, execution: Execution, run: StepRun, previous?: string): void {
  cloud.internals.emit({
    source: "aws.sagemaker",
    detailType: "SageMaker Model Building Pipeline Execution Step Status Change",
    resources: [execution.pipelineArn, execution.arn],
    detail: {
      metadata: camelCase(run.metadata ?? {}),
      stepStartTime: seconds(run.startMs),
      stepEndTime: run.endMs === undefined ? undefined : seconds(run.endMs),
      stepName: run.name,
      stepType: run.type,
      previousStepStatus: previous,
      currentStepStatus: run.status,
      failureReason: run.failureReason,
      cacheHitResult: run.cacheSource && { sourcePipelineExecutionArn: run.cacheSource },
      pipelineArn: execution.pipelineArn,
      pipelineExecutionArn: execution.arn,
    },
  });
}

function camelCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelCase);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key.charAt(0).toLowerCase() + key.slice(1), camelCase(inner)]),
  );
}
