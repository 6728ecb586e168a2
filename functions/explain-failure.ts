import { z } from "zod";
import type { PipelineExecutionStep } from "@aws-sdk/client-sagemaker";
import { EventBus } from "../aws/eventbridge";
import { Logs } from "../aws/logs";
import { SageMaker } from "../aws/sagemaker";
import { functionSession } from "../aws/session";
import { platformSource } from "../contract/events";
import { watchEvent } from "../contract/monitoring";
import { readVariables } from "../contract/variables";
import { explainFailure, failedStep } from "../lifecycle/retraining/explanation";

/** SageMaker's event of an execution that ended, as far as it is read. */
const eventShape = z.object({
  time: z.iso.datetime(),
  detail: z.object({
    pipelineExecutionArn: z.string().startsWith("arn:"),
    currentPipelineExecutionStatus: z.enum(["Failed", "Stopped"]),
  }),
});

/** What the handler depends on. */
export interface Dependencies {
  readonly executions: Pick<SageMaker, "listPipelineSteps" | "describePipelineExecution">;
  readonly logs: Pick<Logs, "tail">;
  readonly bus: Pick<EventBus, "put">;
  readonly log: (line: string) => void;
}

/** Log lines that go along: what stands behind a reason is at the end. */
const lines = 12;

/**
 * Tells those who answer for models which step of a training failed, why, and what its log says at the end. What cannot
 * be found out is said to be missing: the failure is told in any case.
 * @throws Error naming every wrong member of an event that is none of a pipeline's end.
 */
export async function explain(event: unknown, { executions, logs, bus, log }: Dependencies): Promise<string> {
  const parsed = eventShape.safeParse(event);
  if (!parsed.success) throw new Error(`the event is no end of an execution:\n${z.prettifyError(parsed.error)}`);
  const {
    time,
    detail: { pipelineExecutionArn: execution, currentPipelineExecutionStatus: status },
  } = parsed.data;
  const missing: string[] = [];
  const attempt = async <T>(what: string, ask: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await ask();
    } catch (error) {
      log(`${what}: ${(error as Error).message}`);
      missing.push(what);
      return undefined;
    }
  };
  const described = await attempt("the execution", () => executions.describePipelineExecution(execution));
  const steps = await attempt("its steps", () => executions.listPipelineSteps(execution));
  const failed = failedStep((steps ?? []).map(stepOf));
  const job = failed?.job;
  const tail = job && (await attempt("its log", () => logs.tail(job.logGroup, `${job.name}/`, lines)));
  const notice = explainFailure({
    execution,
    status,
    at: time,
    reason: described?.FailureReason,
    failed,
    tail: tail ?? [],
    missing,
  });
  await bus.put(platformSource("model"), watchEvent.trainingFailed, notice);
  return notice.message;
}

function stepOf({ StepName, StepStatus, FailureReason, Metadata }: PipelineExecutionStep) {
  const [arn, logGroup] = Metadata?.TrainingJob?.Arn
    ? [Metadata.TrainingJob.Arn, "/aws/sagemaker/TrainingJobs"]
    : [Metadata?.ProcessingJob?.Arn, "/aws/sagemaker/ProcessingJobs"];
  return {
    name: StepName!,
    status: StepStatus!,
    ...(FailureReason === undefined ? {} : { reason: FailureReason }),
    ...(arn === undefined ? {} : { job: { name: arn.split("/").at(-1)!, logGroup } }),
  };
}

/** Lambda's entry point. */
export async function handler(event: unknown): Promise<string> {
  const { EVENT_BUS } = readVariables("explain-failure", process.env);
  const session = functionSession();
  return explain(event, {
    executions: new SageMaker(session),
    logs: new Logs(session),
    bus: new EventBus(session, EVENT_BUS),
    log: (line) => void process.stdout.write(`${line}\n`),
  });
}
