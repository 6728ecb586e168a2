import { randomUUID } from "node:crypto";
import {
  paginateListPipelineExecutions,
  paginateListPipelineExecutionSteps,
  paginateListPipelines,
  type PipelineExecutionStep,
  type SageMakerClient,
  SendPipelineExecutionStepFailureCommand,
  StopPipelineExecutionCommand,
} from "@aws-sdk/client-sagemaker";
import { hasCode } from "./session";

/** Names of the pipelines that begin so. SageMaker's own filter takes no start that ends in a hyphen. */
export async function pipelinesNamed(client: SageMakerClient, start: string): Promise<string[]> {
  const names: string[] = [];
  for await (const page of paginateListPipelines({ client }, { PipelineNamePrefix: start.replace(/-+$/, "") }))
    names.push(...(page.PipelineSummaries ?? []).map(({ PipelineName }) => PipelineName!));
  return names.filter((name) => name.startsWith(start));
}

/** An execution's steps in the order they started. */
export async function stepsOfRun(client: SageMakerClient, arn: string): Promise<PipelineExecutionStep[]> {
  const steps: PipelineExecutionStep[] = [];
  const input = { PipelineExecutionArn: arn, SortOrder: "Ascending", MaxResults: 100 } as const;
  for await (const page of paginateListPipelineExecutionSteps({ client }, input))
    steps.push(...(page.PipelineExecutionSteps ?? []));
  return steps;
}

/**
 * Tells every execution of a pipeline that runs to stop, which SageMaker demands before it deletes the pipeline
 * (SageMaker API, DeletePipeline). An execution does not stop while a callback step waits, so such steps are failed
 * (StopPipelineExecution); what was told before is not told again.
 * @returns how many have not ended yet.
 */
export async function stopRuns(client: SageMakerClient, pipeline: string): Promise<number> {
  const running: string[] = [];
  for await (const page of paginateListPipelineExecutions({ client }, { PipelineName: pipeline, MaxResults: 100 }))
    for (const { PipelineExecutionArn: arn, PipelineExecutionStatus: status } of page.PipelineExecutionSummaries ??
      []) {
      if (status !== "Executing" && status !== "Stopping") continue;
      running.push(arn!);
      if (status === "Executing") await endUnlessEnded(() => stop(client, arn!));
      for (const { Metadata, EndTime } of await stepsOfRun(client, arn!)) {
        const token = Metadata?.Callback?.CallbackToken;
        if (token && !EndTime) await endUnlessEnded(() => fail(client, token, "the pipeline is deleted"));
      }
    }
  return running.length;
}

function stop(client: SageMakerClient, arn: string): Promise<unknown> {
  return client.send(new StopPipelineExecutionCommand({ PipelineExecutionArn: arn, ClientRequestToken: randomUUID() }));
}

function fail(client: SageMakerClient, CallbackToken: string, FailureReason: string): Promise<unknown> {
  return client.send(
    new SendPipelineExecutionStepFailureCommand({ CallbackToken, FailureReason, ClientRequestToken: randomUUID() }),
  );
}

/** Which of the modelled errors what ended meanwhile gets is not documented. */
async function endUnlessEnded(end: () => Promise<unknown>): Promise<void> {
  try {
    await end();
  } catch (error) {
    if (!hasCode(error, "ConflictException", "ResourceNotFound", "ValidationException")) throw error;
  }
}
