import { setTimeout as delay } from "node:timers/promises";
import type { PipelineExecutionStep } from "@aws-sdk/client-sagemaker";
import { SageMaker } from "../../aws/sagemaker";
import { type AwsSession, hasCode } from "../../aws/session";
import { recordedProblems } from "../../contract/metadata-value";
import { UserError } from "../errors";

export interface TrainingStep {
  readonly name: string;
  readonly status: string;
  readonly failure?: string;
}

export interface TrainingRun {
  readonly executionArn: string;
  readonly status: string;
  readonly steps: readonly TrainingStep[];
  /** The registered model package, when the candidate met the bar. */
  readonly packageArn?: string;
  /** How the candidate did in staging, where the pipeline tries it there: outputs of that step, by name. */
  readonly trial?: Readonly<Record<string, string>>;
}

const pollMs = 1000;

/**
 * Starts the training pipeline and follows it to its end.
 * @param token makes the start idempotent.
 * @param onSteps called whenever a step changes its state.
 * @throws UserError for a parameter that the registry would refuse in the end, and when the execution does not succeed,
 * with the failed steps' reasons.
 */
export async function runTraining(
  session: AwsSession,
  pipeline: string,
  parameters: Readonly<Record<string, string>>,
  token: string,
  onSteps: (steps: readonly TrainingStep[]) => void,
): Promise<TrainingRun> {
  const problems = recordedProblems(parameters);
  if (problems.length > 0)
    throw new UserError(
      `Nothing was started: ${problems.join("; ")}.`,
      "These texts are kept with the model. Say it in plainer characters, and the rest elsewhere.",
    );
  const sagemaker = new SageMaker(session);
  const executionArn = await sagemaker.startPipeline(pipeline, parameters, token).catch((error: unknown) => {
    if (hasCode(error, "ValidationException", "ResourceNotFound", "AccessDeniedException"))
      throw new UserError(
        `Cannot start the pipeline ${pipeline}: ${(error as Error).message}`,
        "Nothing was started. Correct the parameters, or act as one who may: --profile ml-engineer",
        { cause: error },
      );
    throw error;
  });
  return followTraining(session, executionArn, onSteps);
}

/**
 * Follows an execution of the training pipeline to its end, whoever started it (it offers no event to a laptop, so its
 * state is asked for once a second).
 * @param onSteps called whenever a step changes its state.
 * @throws UserError when the execution does not succeed, with the failed steps' reasons.
 */
export async function followTraining(
  session: AwsSession,
  executionArn: string,
  onSteps: (steps: readonly TrainingStep[]) => void,
): Promise<TrainingRun> {
  const sagemaker = new SageMaker(session);
  for (let seen = ""; ;) {
    const [execution, listed] = await Promise.all([
      sagemaker.describePipelineExecution(executionArn),
      sagemaker.listPipelineSteps(executionArn),
    ]);
    const steps = listed.map((step) => ({
      name: step.StepName!,
      status: step.StepStatus!,
      failure: step.FailureReason,
    }));
    if (JSON.stringify(steps) !== seen) onSteps(steps);
    seen = JSON.stringify(steps);
    const status = execution.PipelineExecutionStatus!;
    if (status === "Succeeded")
      return {
        executionArn,
        status,
        steps,
        packageArn: listed.map((step) => step.Metadata?.RegisterModel?.Arn).find(Boolean),
        trial: trialOf(listed),
      };
    if (status === "Failed" || status === "Stopped") throw failed(executionArn, status, steps, execution.FailureReason);
    await delay(pollMs);
  }
}

function trialOf(steps: readonly PipelineExecutionStep[]): TrainingRun["trial"] {
  const outputs = steps.map((step) => step.Metadata?.Callback?.OutputParameters).find(Boolean);
  return outputs && Object.fromEntries(outputs.map(({ Name, Value }) => [Name!, Value!]));
}

function failed(executionArn: string, status: string, steps: readonly TrainingStep[], reason?: string): UserError {
  const causes = steps.filter((step) => step.failure).map((step) => `  - ${step.name}: ${step.failure}`);
  return new UserError(
    `The pipeline execution ${executionArn} ended as ${status}:\n${causes.join("\n") || `  - ${reason ?? "no reason given"}`}`,
    "The jobs' logs are in CloudWatch Logs under /aws/sagemaker/TrainingJobs and /aws/sagemaker/ProcessingJobs; correct the cause and start again.",
  );
}
