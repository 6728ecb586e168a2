import type { ExecutionStatus } from "@aws-sdk/client-sagemaker";
import { AwsError } from "../../../errors";
import { keepTime } from "../../scheduler/timetable";
import { assumeExecutionRole, type Context } from "../context";
import type { EndpointRecords } from "../hosting/records";
import type { ProcessingJob, ProcessingJobs } from "../jobs/processing";
import { emitStateChange } from "../state-change";
import type { Tags } from "../tags";
import { judgeAlert } from "./alerts";
import type { DefinitionStore } from "./definition-store";
import { mergeGroundTruth } from "./ground-truth";
import { monitoringJobOf } from "./job-definition";
import { capturedIn, processingRequest } from "./processing-request";
import { describeSchedule } from "./descriptions";
import type { ExecutionRecord, ScheduleRecord, ScheduleStore } from "./schedule-store";
import { delayMs, nextTime, timetableOf } from "./timetable";
import { offsetsOf, windowAt } from "./window";

/** How long a change of a schedule is pending, cloud time. Believed: AWS gives no number, its SDK waits for minutes. */
const settlingMs = 15_000;

interface ExecutionParts {
  readonly context: Context;
  readonly store: ScheduleStore;
  readonly definitions: DefinitionStore;
  readonly endpoints: EndpointRecords;
  readonly processing: ProcessingJobs;
  readonly tags: Tags;
}

/** What schedules do by themselves: they settle after a change, and run their jobs at their times. */
export class Executions {
  private readonly timers = new Map<string, AbortController>();
  private stopped = new AbortController();
  private running = false;

  constructor(private readonly parts: ExecutionParts) {
    parts.processing.onEnded((name, job) => this.ended(name, job));
  }

  start(): void {
    this.running = true;
    this.stopped = new AbortController();
    const { store, processing } = this.parts;
    for (const schedule of store.schedules.values())
      if (schedule.status === "Pending") this.settle(schedule.name);
      else this.keep(schedule);
    for (const execution of [...store.executions.values()]) {
      const job = execution.jobName === undefined ? undefined : processing.jobs.get(execution.jobName);
      if (execution.status === "Pending") void this.await(execution);
      else if (job?.endMs !== undefined && execution.status === "InProgress") this.ended(execution.jobName!, job);
    }
  }

  stop(): void {
    this.running = false;
    this.stopped.abort();
    for (const timer of this.timers.values()) timer.abort();
    this.timers.clear();
  }

  /** Announces a schedule that was made or changed, and makes it what it becomes after a while. */
  settle(name: string): void {
    const { store } = this.parts;
    this.announce(name);
    if (!this.running) return;
    const { signal } = this.timer(name);
    const at = store.get(name).modifiedMs + settlingMs;
    this.at(at, signal, () => {
      const schedule = store.change(name, { status: store.get(name).becomes });
      store.cloud.journal.flush();
      this.announce(name);
      this.keep(schedule);
      const timetable = timetableOf(schedule.config.ScheduleConfig, name);
      if (schedule.status === "Scheduled" && timetable.kind === "once") this.fire(name, store.cloud.clock.nowMs(), 0);
    });
  }

  /** A schedule is gone; what it runs goes on, as jobs. */
  forget(name: string): void {
    this.timers.get(name)?.abort();
    this.timers.delete(name);
  }

  private timer(name: string): AbortController {
    this.forget(name);
    const timer = new AbortController();
    this.timers.set(name, timer);
    return timer;
  }

  private keep({ name, status, config }: ScheduleRecord): void {
    const timetable = timetableOf(config.ScheduleConfig, name);
    if (!this.running || status !== "Scheduled" || timetable.kind === "once") return;
    const next = (afterMs: number): number => nextTime(timetable, afterMs);
    void keepTime(this.parts.store.cloud.clock, { next }, this.timer(name).signal, (at) =>
      this.fire(name, at, delayMs(name, at)),
    );
  }

  private at(ms: number, signal: AbortSignal, work: () => void): void {
    const { clock } = this.parts.store.cloud;
    clock.sleep(Math.max(0, ms - clock.nowMs()), signal).then(work, () => undefined);
  }

  /** An execution is due: it is pending until it begins, as late as AWS's are. */
  private fire(name: string, scheduledMs: number, lateMs: number): void {
    const { store } = this.parts;
    const { type, endpointName, config } = store.get(name);
    const nowMs = store.cloud.clock.nowMs();
    const execution = store.putExecution({
      schedule: name,
      type,
      endpointName,
      ...(config.MonitoringJobDefinitionName ? { definitionName: config.MonitoringJobDefinitionName } : {}),
      scheduledMs,
      dueMs: scheduledMs + lateMs,
      createdMs: nowMs,
      modifiedMs: nowMs,
      status: "Pending",
    });
    void this.await(execution);
  }

  private await(execution: ExecutionRecord): void {
    this.at(execution.dueMs, this.stopped.signal, () => void this.begin(execution));
  }

  private async begin(execution: ExecutionRecord): Promise<void> {
    const { store, processing } = this.parts;
    const schedule = store.schedules.get(execution.schedule);
    if (schedule?.status !== "Scheduled") {
      this.finish(execution, "Stopped");
      return;
    }
    try {
      const request = await this.request(schedule, execution);
      if (!this.running) return;
      if (!request) {
        this.finish(execution, "Failed", "Job inputs had no data");
        return;
      }
      const jobName = String(request["ProcessingJobName"]);
      // Noted before the job is made, whose end may come at once.
      store.changeExecution(execution, {
        status: "InProgress",
        jobName,
        jobArn: store.cloud.arn("sagemaker", `processing-job/${jobName}`),
      });
      await processing.create(request, schedule.arn);
    } catch (error) {
      const reason =
        error instanceof AwsError
          ? error.message
          : `InternalServerError: ${store.cloud.failures.note(`monitoring schedule ${execution.schedule}`, error)}`;
      this.finish(execution, "Failed", reason.slice(0, 1024));
    }
  }

  /** @returns undefined where nothing was captured in the window. @throws AwsError where it cannot run. */
  private async request(schedule: ScheduleRecord, execution: ExecutionRecord) {
    const { context, definitions, endpoints, processing } = this.parts;
    const job = monitoringJobOf(schedule.config, definitions);
    const timetable = timetableOf(schedule.config.ScheduleConfig, schedule.name);
    const window = windowAt(execution.scheduledMs, offsetsOf(timetable, schedule.config.ScheduleConfig, job.endpoint));
    const endpoint = endpoints.get(execution.endpointName);
    const role = assumeExecutionRole(context.cloud, job.roleArn, job.network?.VpcConfig);
    const found = await capturedIn(context, role, endpoint, window, job.endpoint.LocalPath);
    const captured =
      job.groundTruth === undefined
        ? found
        : await mergeGroundTruth(context, role, {
            captured: found,
            window,
            truthUri: job.groundTruth,
            outputUri: job.output.MonitoringOutputs[0]!.S3Output.S3Uri,
          });
    if (captured.length === 0) return undefined;
    const capturePrefix = String(endpoint.live?.capture?.["DestinationS3Uri"]);
    return processingRequest({ execution, job, window, captured, capturePrefix }, processing);
  }

  private ended(jobName: string, job: ProcessingJob): void {
    const execution = [...this.parts.store.executions.values()].find(
      (candidate) => candidate.jobName === jobName && candidate.status === "InProgress",
    );
    if (execution) this.finish(execution, outcomeOf(job), job.failureReason);
  }

  private finish(execution: ExecutionRecord, status: ExecutionStatus, failureReason?: string): void {
    const { store } = this.parts;
    store.changeExecution(execution, { status, ...(failureReason ? { failureReason } : {}) });
    judgeAlert(store, execution.schedule);
    store.cloud.journal.flush();
  }

  /** EventBridge's reference lists the event without an example: its detail is believed to be the description. */
  private announce(name: string): void {
    const { store, tags } = this.parts;
    const schedule = store.get(name);
    emitStateChange(store.cloud, "Monitoring Schedule", schedule.arn, {
      ...describeSchedule(store, schedule),
      Tags: tags.of(schedule.arn) ?? {},
    });
  }
}

/** The exit message of a container that found violations begins so ("Container Contract Outputs"). */
function outcomeOf({ status, exitMessage }: ProcessingJob): ExecutionStatus {
  if (status !== "Completed") return status;
  return exitMessage?.startsWith("CompletedWithViolations") ? "CompletedWithViolations" : "Completed";
}
