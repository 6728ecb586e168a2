import type { Cloud } from "../../../../cloud";
import type { Members } from "../../../../members";
import { AwsError } from "../../../../errors";
import type { Principal } from "../../../../iam/principal";
import { listen } from "../../../events/delivery/listeners";

/** How a pipeline creates, watches and stops the job of a step. */
export interface JobKind {
  readonly create: string;
  readonly describe: string;
  readonly stop: string;
  /** Members of the Describe answer. */
  readonly name: string;
  readonly arn: string;
  readonly status: string;
  readonly detailType: string;
  /** Key of ListPipelineExecutionSteps' metadata. */
  readonly metadata: string;
}

export const JOB_KINDS: Readonly<Record<"Processing" | "Training", JobKind>> = {
  Processing: kind("ProcessingJob", "SageMaker Processing Job State Change"),
  Training: kind("TrainingJob", "SageMaker Training Job State Change"),
};

export const USER_AGENT = "sagemaker.amazonaws.com";
const TERMINAL = ["Completed", "Failed", "Stopped"];
/** A job that ended without telling (its event got lost) is still noticed after this much real time. */
const RECHECK_MS = 15_000;

function kind(job: string, detailType: string): JobKind {
  return {
    create: `Create${job}`,
    describe: `Describe${job}`,
    stop: `Stop${job}`,
    name: `${job}Name`,
    arn: `${job}Arn`,
    status: `${job}Status`,
    detailType,
    metadata: job,
  };
}

/** The job's description, or undefined when there is no such job. */
export async function describeJob(
  cloud: Cloud,
  principal: Principal,
  job: JobKind,
  name: string,
): Promise<Members | undefined> {
  try {
    return await cloud.as(principal, "sagemaker", job.describe, { [job.name]: name }, USER_AGENT);
  } catch (error) {
    if (
      error instanceof AwsError &&
      (error.code === "ResourceNotFound" || /could not find|not found|does not exist/i.test(error.message))
    )
      return undefined;
    throw error;
  }
}

/**
 * Waits until a job has ended. Woken by the job's own event.
 * @returns the description of the ended job, or undefined when the job vanished.
 * @throws the signal's reason when the local cloud stops.
 */
export async function awaitJob(
  cloud: Cloud,
  principal: Principal,
  job: JobKind,
  name: string,
  signal: AbortSignal,
): Promise<Members | undefined> {
  let wake: () => void = () => undefined;
  let ended = false;
  const unlisten = listen(cloud, (event) => {
    if (
      event.detailType !== job.detailType ||
      event.detail[job.name] !== name ||
      !TERMINAL.includes(event.detail[job.status])
    )
      return;
    ended = true;
    wake();
  });
  const abort = (): void => wake();
  signal.addEventListener("abort", abort);
  try {
    for (;;) {
      signal.throwIfAborted();
      ended = false;
      const description = await describeJob(cloud, principal, job, name);
      if (!description || TERMINAL.includes(description[job.status])) return description;
      if (!ended && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, RECHECK_MS);
          timer.unref();
          wake = () => (clearTimeout(timer), resolve());
        });
      }
    }
  } finally {
    unlisten();
    signal.removeEventListener("abort", abort);
  }
}
