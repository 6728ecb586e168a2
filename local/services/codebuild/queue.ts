import { rmSync } from "node:fs";
import { ACCOUNT_CONCURRENT_BUILDS, ACCOUNT_QUEUED_BUILDS } from "./checks";
import type { Context } from "./context";
import { emitStateChange } from "./events";
import { beginPhase, complete, endPhase } from "./progress";
import type { BuildRecord, ProjectRecord } from "./records";
import { BuildRun } from "./run";
import { platformChecks } from "../../checks/platform";

const UNTOLD = { statusCode: "", message: "" };

/** The builds that wait and run: the account's limit holds builds back in the order they came. */
export class BuildQueue {
  private readonly running = new Map<
    string,
    { readonly run: BuildRun; readonly project: string; readonly done: Promise<void> }
  >();
  private readonly waiting = new Map<string, { readonly build: BuildRecord; readonly over: AbortController }>();
  private open = true;

  constructor(private readonly context: Context) {}

  /**
   * A project's own limit refuses what is beyond it, the account's lets builds wait ("Working with builds", CodeBuild
   * user guide). The project's words are believed.
   * @throws AccountLimitExceededException.
   */
  checkRoom({ name, settings }: ProjectRecord): void {
    const limit = settings.concurrentBuildLimit as number | undefined;
    const ofProject =
      [...this.waiting.values()].filter(({ build }) => build.project === name).length +
      [...this.running.values()].filter(({ project }) => project === name).length;
    if (ofProject >= (limit ?? Infinity)) throw platformChecks.projectLimit(String(limit));
    if (this.waiting.size >= ACCOUNT_QUEUED_BUILDS) throw platformChecks.queueLimit(String(ACCOUNT_QUEUED_BUILDS));
  }

  submit(build: BuildRecord): void {
    const { store } = this.context;
    store.builds.put(build.id, build);
    beginPhase(this.context, build.id, "SUBMITTED");
    emitStateChange(this.context.cloud, store.build(build.id));
    endPhase(this.context, build.id, "SUCCEEDED");
    beginPhase(this.context, build.id, "QUEUED");
    this.enqueue(store.build(build.id));
  }

  /** Ends a build; one that has ended stays as it is. */
  stop(id: string): void {
    const waiting = this.waiting.get(id);
    if (waiting) this.giveUp(id, "STOPPED");
    else this.running.get(id)?.run.interrupt("stopped");
  }

  /** Whether a build waits or runs. */
  holds(id: string): boolean {
    return this.waiting.has(id) || this.running.has(id);
  }

  /** After a start: what waited waits again, what ran has lost its process and ends as FAULT. */
  resume(): void {
    this.open = true;
    rmSync(this.context.folder, { recursive: true, force: true });
    this.context.caches.sweep();
    for (const build of this.context.store.latest().reverse()) {
      if (build.status !== "IN_PROGRESS") continue;
      if (build.phases.at(-1)?.type === "QUEUED" && build.phases.at(-1)?.endMs === undefined) this.enqueue(build);
      else {
        if (build.phases.at(-1)?.endMs === undefined)
          endPhase(this.context, build.id, "FAULT", {
            statusCode: "INTERNAL_ERROR",
            message: "The local cloud ended while the build ran; start the build again.",
          });
        complete(this.context, build.id, "FAULT");
      }
    }
  }

  /** The local cloud goes down: processes end, records are closed at the next start. */
  async abandon(): Promise<void> {
    this.open = false;
    for (const { over } of this.waiting.values()) over.abort(new Error("the local cloud stops"));
    this.waiting.clear();
    const running = [...this.running.values()];
    for (const { run } of running) run.interrupt("abandoned");
    await Promise.all(running.map(({ done }) => done));
  }

  private enqueue(build: BuildRecord): void {
    const over = new AbortController();
    this.waiting.set(build.id, { build, over });
    const patienceMs = build.queuedTimeoutMinutes * 60_000 - (this.context.cloud.clock.nowMs() - build.startMs);
    void this.context.cloud.clock.sleep(Math.max(0, patienceMs), over.signal).then(
      () => this.giveUp(build.id, "TIMED_OUT"),
      () => undefined,
    );
    // The caller gets its answer first.
    setImmediate(() => this.startNext());
  }

  private giveUp(id: string, status: "STOPPED" | "TIMED_OUT"): void {
    const waiting = this.waiting.get(id);
    if (!waiting) return;
    waiting.over.abort(new Error("no longer in the queue"));
    this.waiting.delete(id);
    endPhase(
      this.context,
      id,
      status,
      status === "TIMED_OUT"
        ? { statusCode: "BUILD_TIMED_OUT", message: "Build has timed out while it was queued." }
        : UNTOLD,
    );
    complete(this.context, id, status);
  }

  private startNext(): void {
    if (!this.open) return;
    for (const [id, { build, over }] of this.waiting) {
      if (this.running.size >= (this.context.concurrentBuilds ?? ACCOUNT_CONCURRENT_BUILDS)) return;
      over.abort(new Error("no longer in the queue"));
      this.waiting.delete(id);
      endPhase(this.context, id, "SUCCEEDED");
      const run = new BuildRun(this.context, build);
      this.running.set(id, { run, project: build.project, done: this.see(id, run) });
    }
  }

  private async see(id: string, run: BuildRun): Promise<void> {
    const status = await run.run().catch((error: unknown) => {
      this.context.cloud.failures.note(`build ${id}`, error);
      return "FAULT" as const;
    });
    this.running.delete(id);
    if (status === undefined) return;
    complete(this.context, id, status);
    this.startNext();
  }
}
