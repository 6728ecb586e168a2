import type { Cloud } from "../../../cloud";
import { AwsError } from "../../../errors";
import { Unreachable } from "../../../network/unreachable";
import { ImageNotFound } from "../../../runner/images";
import type { Container } from "../../../runner/container";
import { jobChecks } from "../../../checks/jobs";

/**
 * How long a stopped job may take to save its work before it is killed (StopTrainingJob: 120 seconds). Real time:
 * processes do not run faster than it.
 */
const STOP_GRACE_MS = 120_000;

/** Why a job came to its end before its container did. */
export type Interruption = "stopped" | "timed out" | "abandoned";

/** One execution of a job while it lasts. */
export class JobRun {
  interruption: Interruption | undefined;
  private readonly containers: Container[] = [];

  /** Takes note of a container of the job's, one for each host; one that was interrupted before is stopped at once. */
  attach(container: Container): void {
    this.containers.push(container);
    if (this.interruption) this.interrupt(this.interruption);
  }

  interrupt(reason: Interruption): void {
    // Going down overrules a stop: the record stays `Stopping` and is finished at the next start.
    if (reason === "abandoned") this.interruption = reason;
    else this.interruption ??= reason;
    for (const container of this.containers)
      if (reason === "abandoned") container.kill();
      else void container.stop(STOP_GRACE_MS);
  }

  /** @throws Interrupted when the job shall not go on. */
  check(): void {
    if (this.interruption) throw new Interrupted();
  }
}

export class Interrupted extends Error {}

/** The executions of one kind of job, by job name. */
export class JobRuns {
  private readonly runs = new Map<string, { run: JobRun; done: Promise<void> }>();

  start(name: string, work: (run: JobRun) => Promise<void>): void {
    const run = new JobRun();
    const done = work(run).finally(() => this.runs.delete(name));
    this.runs.set(name, { run, done });
  }

  interrupt(name: string): void {
    this.runs.get(name)?.run.interrupt("stopped");
  }

  /** The local cloud goes down: containers are killed, the records stay in progress and run again at the next start. */
  async abandon(): Promise<void> {
    const all = [...this.runs.values()];
    for (const { run } of all) run.interrupt("abandoned");
    await Promise.all(all.map(({ done }) => done));
  }
}

/** A part of a job that failed, with the text that `FailureReason` gets. */
export class JobFailure extends Error {}

/**
 * Lets a fault on request kill a job's container, which the job then reports as it reports any container that was
 * killed. A prefix is compared with the job's name, and with a pipeline step's part of it
 * (`pipelines-<execution>-<step>-<random>`).
 */
export function killIfFaulty(cloud: Cloud, type: "training" | "processing", name: string, container: Container): void {
  const names = [name, name.replace(/^pipelines-[^-]+-/, "")];
  const strikes = cloud.faults.strike(
    "failing-job",
    (fault) => (fault.jobType ?? type) === type && names.some((one) => one.startsWith(fault.jobPrefix ?? "")),
  );
  if (strikes) container.kill();
}

/** What SageMaker says when S3 does not answer from a job's network (seen in public failures of training jobs). */
const noWayToS3 =
  "Please ensure that the subnet's route table has a route to an S3 VPC endpoint or a NAT device, and both the security groups and the subnet's network ACL allow outbound traffic to S3";

/**
 * Wraps errors of one stage into SageMaker's wording of it.
 * @param unreachable the words where S3 cannot be reached from the job's network.
 */
export async function stage<T>(what: string, work: () => Promise<T>, unreachable = `${what}:${noWayToS3}`): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Unreachable) throw new JobFailure(`ClientError: ${unreachable}`);
    if (error instanceof AwsError) throw new JobFailure(`ClientError: ${what}:${error.code}: ${error.message}`);
    throw error;
  }
}

/**
 * `FailureReason` of whatever went wrong (at most 1024 characters, SageMaker API).
 * @param job what it is called in the log.
 */
export function failureReason(cloud: Cloud, job: string, error: unknown): string {
  if (error instanceof JobFailure) return error.message.slice(0, 1024);
  if (error instanceof AwsError) return `ClientError: ${error.message}`.slice(0, 1024);
  if (error instanceof ImageNotFound) return `ClientError: ${error.message}`.slice(0, 1024);
  return `InternalServerError: ${cloud.failures.note(job, error)}`.slice(0, 1024);
}

/** @throws AwsError unless the job can still be stopped. */
export function assertStoppable(kind: string, status: string): void {
  if (status !== "InProgress") throw jobChecks.stoppable(kind, status);
}

/**
 * @throws AwsError unless the job has come to its end (DeleteTrainingJob, DeleteProcessingJob: terminal states only).
 */
export function assertDeletable(kind: string, job: { readonly arn: string; readonly status: string }): void {
  if (job.status === "InProgress" || job.status === "Stopping") throw jobChecks.deletable(kind, job.arn, job.status);
}
