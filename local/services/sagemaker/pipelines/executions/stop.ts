import type { Cloud } from "../../../../cloud";
import { AwsError } from "../../../../errors";
import type { Principal } from "../../../../iam/principal";
import { callbackOf, sendCallback } from "./callbacks";
import { JOB_KINDS, USER_AGENT } from "./jobs";
import type { StepRun } from "./state";

/**
 * Asks what a running step waits for to end: its job, or whoever holds its token ("StopPipelineExecution", SageMaker
 * API). Other steps end by themselves.
 * @param note called before a step that can be asked is.
 */
export async function askToStop(
  cloud: Cloud,
  principal: () => Principal,
  run: StepRun,
  note: () => void,
): Promise<void> {
  try {
    const callback = callbackOf(cloud, run);
    if (callback) {
      note();
      await sendCallback(cloud, principal(), callback, "Stopping");
    }
    const job = run.type === "Processing" || run.type === "Training" ? JOB_KINDS[run.type] : undefined;
    if (!job || run.jobName === undefined) return;
    note();
    await cloud.as(principal(), "sagemaker", job.stop, { [job.name]: run.jobName }, USER_AGENT);
  } catch (error) {
    // The job may have ended in this moment; its own state decides how the step ends.
    if (!(error instanceof AwsError)) throw error;
  }
}
