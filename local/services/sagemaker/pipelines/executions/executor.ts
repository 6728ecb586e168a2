import type { Cloud } from "../../../../cloud";
import type { Members } from "../../../../members";
import { AwsError } from "../../../../errors";
import type { Principal } from "../../../../iam/principal";
import { cacheKey, durationMs } from "../caching";
import type { Definition, Node, RetryPolicy } from "../definition";
import { graph } from "../definition";
import { Unresolved, resolve } from "../values";
import type { Outcome } from "./attempt";
import { emitExecutionStatus, emitStepStatus } from "./events";
import { scopeOf } from "./scope";
import type { Execution, ExecutionTables, StepRun } from "./state";
import { executionTables, stepKey, stepsOf } from "./state";
import { runStep } from "./steps";
import { askToStop } from "./stop";

/** Service faults and throttling are retried even without a policy ("Retry policy", SageMaker developer guide). */
const DEFAULT_RETRY: RetryPolicy = { ExceptionType: ["Step.SERVICE_FAULT", "Step.THROTTLING"] };

/** A run that this process drives. */
interface Live {
  readonly nodes: ReadonlyMap<string, Node>;
  readonly running: Set<string>;
  /** Aborted when the execution is stopped: ends waits between retries. */
  readonly stopped: AbortController;
}

/**
 * Drives pipeline executions: starts every step as soon as what it needs has succeeded, and ends the execution when
 * nothing is left to do. A failed step keeps its dependents from starting; branches that do not need it go on.
 */
export class Executor {
  private readonly tables: ExecutionTables;
  private readonly live = new Map<string, Live>();
  private shutdown = new AbortController();

  constructor(private readonly cloud: Cloud) {
    this.tables = executionTables(cloud);
  }

  /** Takes up what was running when the local cloud ended. */
  resume(): void {
    this.shutdown = new AbortController();
    for (const { arn, status } of this.tables.executions.values())
      if (status === "Executing" || status === "Stopping") this.advance(arn);
  }

  /** Lets go of all runs without ending them; the journal says where they stand. */
  halt(): void {
    this.shutdown.abort(new Error("the local cloud stops"));
    this.live.clear();
  }

  /** Starts a new execution. */
  begin(execution: Execution): void {
    this.tables.executions.put(execution.arn, execution);
    emitExecutionStatus(this.cloud, execution);
    // The answer to StartPipelineExecution leaves before the first step starts.
    setImmediate(() => this.advance(execution.arn));
  }

  /** Asks a running execution to stop: no further step starts, running jobs are stopped. */
  stop(arn: string): void {
    const execution = this.tables.executions.get(arn)!;
    this.setStatus(execution, "Stopping");
    this.live.get(arn)?.stopped.abort(new Error("stopped"));
    for (const run of stepsOf(this.tables, arn))
      if (run.status === "Executing" || run.status === "Starting") void this.stopStep(execution, run);
    setImmediate(() => this.advance(arn));
  }

  /** Runs the failed and stopped steps of an ended execution again, and everything that waited for them. */
  retry(arn: string, parallelism?: number): void {
    const execution = this.tables.executions.get(arn)!;
    for (const run of stepsOf(this.tables, arn))
      if (run.status !== "Succeeded") this.tables.steps.delete(stepKey(arn, run.name));
    this.setStatus(
      { ...execution, parallelism: parallelism ?? execution.parallelism, failureReason: undefined, endedMs: undefined },
      "Executing",
    );
    setImmediate(() => this.advance(arn));
  }

  private setStatus(execution: Execution, status: Execution["status"], change: Partial<Execution> = {}): void {
    const next: Execution = { ...execution, ...change, status, modifiedMs: this.cloud.clock.nowMs() };
    this.tables.executions.put(next.arn, next);
    emitExecutionStatus(this.cloud, next, execution.status);
  }

  private advance(arn: string): void {
    const execution = this.tables.executions.get(arn);
    if (
      this.shutdown.signal.aborted ||
      !execution ||
      (execution.status !== "Executing" && execution.status !== "Stopping")
    )
      return;
    const live = this.live.get(arn) ?? this.open(execution);
    const runs = new Map(stepsOf(this.tables, arn).map((run) => [run.name, run]));
    const interrupted = [...runs.values()].filter((run) => run.endMs === undefined && !live.running.has(run.name));
    const halted =
      execution.status === "Stopping" ||
      [...runs.values()].some((run) => run.type === "Fail" && run.status === "Failed");
    const ready = halted
      ? []
      : [...live.nodes.values()].filter((node) => !runs.has(node.step.Name) && isReady(node, runs));
    for (const node of [...interrupted.flatMap((run) => live.nodes.get(run.name) ?? []), ...ready]) {
      if (live.running.size >= execution.parallelism) break;
      live.running.add(node.step.Name);
      void this.drive(execution, live, node, runs.get(node.step.Name)).catch((error: unknown) =>
        this.bug(execution, node, error),
      );
    }
    if (live.running.size === 0) this.finish(execution, [...runs.values()]);
  }

  private open(execution: Execution): Live {
    const all = graph(JSON.parse(execution.definition) as Definition);
    const selected = execution.selective?.SelectedSteps.map(({ StepName }) => StepName);
    const nodes = selected
      ? new Map(
          [...all].filter(([name]) => selected.includes(name)).map(([name, node]) => [name, detach(node, selected)]),
        )
      : all;
    const live: Live = { nodes, running: new Set(), stopped: new AbortController() };
    if (execution.status === "Stopping") live.stopped.abort(new Error("stopped"));
    this.live.set(execution.arn, live);
    return live;
  }

  private finish(execution: Execution, runs: readonly StepRun[]): void {
    this.live.delete(execution.arn);
    const endedMs = this.cloud.clock.nowMs();
    if (execution.status === "Stopping") this.setStatus(execution, "Stopped", { endedMs });
    else if (runs.some((run) => run.status === "Failed"))
      this.setStatus(execution, "Failed", { endedMs, failureReason: "Step failure: One or multiple steps failed." });
    // A job that somebody stopped by hand ends its execution as stopped, too.
    else if (runs.some((run) => run.status === "Stopped")) this.setStatus(execution, "Stopped", { endedMs });
    else this.setStatus(execution, "Succeeded", { endedMs });
  }

  /** Runs one step from start to end, with cache and retries, and goes on with the execution. */
  private async drive(execution: Execution, live: Live, node: Node, before?: StepRun): Promise<void> {
    const { step } = node;
    const run: StepRun = before ?? {
      executionArn: execution.arn,
      name: step.Name,
      type: step.Type,
      status: "Starting",
      sequence: stepsOf(this.tables, execution.arn).length,
      startMs: this.cloud.clock.nowMs(),
      attempts: 0,
    };
    if (!before) this.note(execution, run);
    const outcome = await this.outcomeOf(execution, live, node, run);
    if (this.shutdown.signal.aborted) return;
    const now = this.tables.steps.get(stepKey(execution.arn, step.Name)) ?? run;
    const endMs = this.cloud.clock.nowMs();
    this.note(execution, {
      ...now,
      endMs,
      status: outcome.status,
      metadata: outcome.metadata ?? now.metadata,
      ...(outcome.status === "Succeeded" ? { response: outcome.response, outcome: outcome.outcome } : {}),
      ...(outcome.status === "Failed" ? { failureReason: outcome.reason } : {}),
    });
    live.running.delete(step.Name);
    this.advance(execution.arn);
  }

  private async outcomeOf(execution: Execution, live: Live, node: Node, run: StepRun): Promise<Outcome> {
    const { step } = node;
    const scope = scopeOf(this.cloud, this.tables, execution);
    let resolved: Members;
    try {
      resolved = step.Type === "Condition" ? {} : ((await resolve(step.Arguments ?? {}, scope)) as Members);
    } catch (error) {
      return refused(error);
    }
    const key = cacheKey(execution.pipelineArn, step, resolved);
    const cached = key && run.jobName === undefined ? this.cached(key, step.CacheConfig?.ExpireAfter) : undefined;
    if (cached) {
      this.note(execution, { ...run, cacheSource: cached.sourceExecutionArn });
      return { status: "Succeeded", metadata: { ...cached.metadata }, response: cached.response };
    }
    let current = run;
    const note = (change: Partial<StepRun>): void => {
      current = { ...current, ...change };
      this.note(execution, current);
    };
    const startedMs = this.cloud.clock.nowMs();
    for (let attempts = 1; ; attempts++) {
      note({ status: "Executing", attempts });
      let outcome: Outcome;
      try {
        const principal = this.cloud.internals.assume(execution.roleArn, "sagemaker.amazonaws.com", "SageMaker");
        outcome = await runStep({
          cloud: this.cloud,
          execution,
          step,
          resolved,
          scope,
          principal,
          signal: this.shutdown.signal,
          run: current,
          note,
        });
      } catch (error) {
        outcome = refused(error);
      }
      if (outcome.status === "Succeeded" && key) {
        this.tables.cache.put(key, {
          sourceExecutionArn: execution.arn,
          endMs: this.cloud.clock.nowMs(),
          metadata: outcome.metadata,
          response: outcome.response,
        });
      }
      if (outcome.status !== "Failed") return outcome;
      const waitMs = this.retryAfter(step.RetryPolicies ?? [], outcome.exception, attempts, startedMs);
      if (waitMs === undefined) return outcome;
      try {
        await this.cloud.clock.sleep(waitMs, AbortSignal.any([live.stopped.signal, this.shutdown.signal]));
      } catch {
        return { status: "Stopped", metadata: outcome.metadata };
      }
      note({ jobName: undefined });
    }
  }

  /** Milliseconds until the next attempt, or undefined when there is none. */
  private retryAfter(
    policies: readonly RetryPolicy[],
    exception: string | undefined,
    attempts: number,
    startedMs: number,
  ): number | undefined {
    if (exception === undefined) return undefined;
    const policy = [...policies, DEFAULT_RETRY].find((candidate) =>
      [candidate.ExceptionType].flat().includes(exception),
    );
    if (!policy) return undefined;
    const waitMs = 1000 * Math.min(43_200, (policy.IntervalSeconds ?? 1) * (policy.BackoffRate ?? 2) ** (attempts - 1));
    if (policy.ExpireAfterMin !== undefined)
      return this.cloud.clock.nowMs() + waitMs - startedMs <= policy.ExpireAfterMin * 60_000 ? waitMs : undefined;
    return attempts <= (policy.MaxAttempts ?? 5) ? waitMs : undefined;
  }

  private cached(key: string, expireAfter: string | undefined): ReturnType<ExecutionTables["cache"]["get"]> {
    const hit = this.tables.cache.get(key);
    if (!hit) return undefined;
    return expireAfter === undefined || this.cloud.clock.nowMs() - hit.endMs < durationMs(expireAfter)
      ? hit
      : undefined;
  }

  private note(execution: Execution, run: StepRun): void {
    const key = stepKey(execution.arn, run.name);
    const previous = this.tables.steps.get(key)?.status;
    // A stop that came while the step was starting is not undone by the step's own progress.
    const next = previous === "Stopping" && run.endMs === undefined ? { ...run, status: previous } : run;
    this.tables.steps.put(key, next);
    if (next.status !== previous) emitStepStatus(this.cloud, execution, next, previous);
  }

  private async stopStep(execution: Execution, run: StepRun): Promise<void> {
    const principal = (): Principal =>
      this.cloud.internals.assume(execution.roleArn, "sagemaker.amazonaws.com", "SageMaker");
    await askToStop(this.cloud, principal, run, () => this.note(execution, { ...run, status: "Stopping" }));
  }

  /** An exception that is no answer of AWS is a fault of the local cloud: the step fails with it, visibly. */
  private bug(execution: Execution, node: Node, error: unknown): void {
    if (this.shutdown.signal.aborted) return;
    const run = this.tables.steps.get(stepKey(execution.arn, node.step.Name));
    if (run)
      this.note(execution, {
        ...run,
        status: "Failed",
        endMs: this.cloud.clock.nowMs(),
        failureReason: `InternalServerError: ${this.cloud.failures.note(`step ${node.step.Name} of ${execution.arn}`, error)}`,
      });
    this.live.get(execution.arn)?.running.delete(node.step.Name);
    this.advance(execution.arn);
  }
}

function isReady(node: Node, runs: ReadonlyMap<string, StepRun>): boolean {
  for (const need of node.needs) if (runs.get(need)?.status !== "Succeeded") return false;
  return !node.branch || runs.get(node.branch.condition)?.outcome === node.branch.outcome;
}

/** A selected step needs only the other selected ones; the rest comes from the source execution. */
function detach(node: Node, selected: readonly string[]): Node {
  return {
    step: node.step,
    needs: new Set([...node.needs].filter((need) => selected.includes(need))),
    branch: node.branch && selected.includes(node.branch.condition) ? node.branch : undefined,
  };
}

function refused(error: unknown): Outcome {
  if (error instanceof Unresolved) return { status: "Failed", reason: `ClientError: ${error.message}` };
  if (error instanceof AwsError)
    return {
      status: "Failed",
      reason: `${error.status >= 500 ? "InternalServerError" : "ClientError"}: ${error.message}`,
      exception: error.status >= 500 ? "Step.SERVICE_FAULT" : undefined,
    };
  throw error;
}
