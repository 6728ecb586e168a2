import { join } from "node:path";
import type { EngineEvent, Stack, UpdateSummary } from "@pulumi/pulumi/automation";
import { type EngineCalls, engineCalls } from "./engine-calls";
import { EngineLog, type Progress } from "./engine-log";
import { type Plan, PlanRecorder } from "./plan";
import type { PulumiCli } from "./pulumi-cli";
import type { StackState } from "./stack-state";
import { refuseForeignCode } from "./state-code";

export type OnProgress = (progress: Progress) => void;
type OnEvent = (event: EngineEvent) => void;

/**
 * What the engine does with a stack: previews, updates, destroys, refreshes. The policy pack is attached to every
 * preview and every update that is judged by it, because Pulumi has no way to name a local pack in the project file
 * (pulumi/pulumi#5541). Before the engine opens a state it is searched for code that is not the program's; after it has
 * changed one, what was known of it is forgotten.
 */
export class StackOperations {
  private readonly engine: EngineCalls;

  constructor(
    private readonly stack: Stack,
    private readonly state: StackState,
    private readonly cli: PulumiCli,
    /** Folder of the policy pack. */
    private readonly policyPack: string,
  ) {
    this.engine = engineCalls(stack);
  }

  /** Plans, judged by the policy pack. @throws PolicyBlocked, ProgramFailed. */
  preview(onProgress?: OnProgress): Promise<EngineLog> {
    return this.run("preview", onProgress, (onEvent) =>
      this.engine.preview({ onEvent, policyPacks: [this.policyPack] }),
    );
  }

  /** Plans without the policy pack. @throws ProgramFailed. */
  previewUnjudged(onProgress?: OnProgress, record: OnEvent = () => undefined): Promise<EngineLog> {
    return this.run("preview", onProgress, (onEvent) => this.engine.preview({ onEvent: both(onEvent, record) }));
  }

  /** What the next update would make of the resources; not judged. @throws ProgramFailed. */
  async plan(onProgress?: OnProgress): Promise<Plan> {
    const recorder = new PlanRecorder();
    await this.previewUnjudged(onProgress, recorder.record);
    return recorder.plan();
  }

  /**
   * Plans as `preview` does and hands every event over; a refusal by policy is an event like others.
   * @throws ProgramFailed, StackLocked.
   */
  async previewEvents(record: OnEvent, onProgress?: OnProgress): Promise<EngineLog> {
    await this.refuseForeignCode();
    const log = new EngineLog(onProgress);
    await this.engine
      .preview({ onEvent: both(log.record, record), policyPacks: [this.policyPack] })
      .catch((error: unknown) => {
        // A program that fails stops before it has planned everything, so what policies said until then is not all.
        if (log.violations.length === 0 || log.failures.length > 0) throw log.failed("preview", this.stack.name, error);
      });
    return log;
  }

  /**
   * Lets the policy pack judge the state, without the program and without AWS: what a preview does not know yet, the
   * state may.
   * @returns the engine's events; none while the stack holds nothing.
   * @throws ProgramFailed.
   */
  async analyzeState(): Promise<EngineEvent[]> {
    const config = join(this.policyPack, "config", `${this.stack.name}.json`);
    const pack = ["--policy-pack", this.policyPack, "--policy-pack-config", config];
    const { stdout, stderr } = await this.cli.run(["policy", "analyze", "--json", ...pack]);
    const events = stdout
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as EngineEvent);
    // With a summary it has looked at everything; the exit code then only says whether it found something.
    if (events.some(({ summaryEvent }) => summaryEvent) || /has no resources/.test(stderr)) return events;
    throw new EngineLog().explain("policy analysis", this.stack.name, new Error(`${stderr}\n${stdout}`.trim()));
  }

  /**
   * Makes the stack what the program says.
   * @param message kept in the history.
   * @throws PolicyBlocked, ProviderFailed, StackLocked.
   */
  up(message: string | undefined, onProgress?: OnProgress): Promise<EngineLog> {
    return this.run("update", onProgress, (onEvent) =>
      this.engine.up({ onEvent, suppressOutputs: true, message, policyPacks: [this.policyPack] }),
    );
  }

  /** Deletes everything in the stack, then the stack itself. @throws ProviderFailed, StackLocked. */
  destroy(onProgress?: OnProgress): Promise<EngineLog> {
    return this.run("destroy", onProgress, (onEvent) => this.engine.destroy({ onEvent, remove: true }));
  }

  /**
   * Deletes some resources, with what depends on them; the next update makes them again.
   * @throws ProviderFailed, StackLocked.
   */
  async destroyTargets(urns: readonly string[]): Promise<void> {
    if (urns.length === 0) return;
    await this.run("destroy", undefined, (onEvent) =>
      this.engine.destroy({ onEvent, target: [...urns], targetDependents: true }),
    );
  }

  /**
   * Reads what AWS has into the state. By the CLI: the Automation API's own refresh does not know the options for
   * pending operations.
   * @param options further ones of `pulumi refresh`.
   * @throws Error with what the CLI printed.
   */
  async refresh(options: readonly string[]): Promise<void> {
    await this.refuseForeignCode();
    const { failure, stdout, stderr } = await this.cli.run(["refresh", "--yes", "--skip-preview", ...options]);
    this.state.invalidate();
    if (failure) throw new Error(`${stderr}\n${stdout}`.trim() || failure.message, { cause: failure });
  }

  /** The latest entry of the stack's history. */
  async latest(): Promise<UpdateSummary | undefined> {
    return (await this.stack.history(1))[0];
  }

  /** Takes the lock off a stack whose engine has ended. */
  cancel(): Promise<void> {
    return this.stack.cancel();
  }

  /**
   * Before the engine opens a state: who may write it must not act as whoever updates the stack.
   * @throws ForeignState.
   */
  private async refuseForeignCode(): Promise<void> {
    const { resources, pending } = await this.state.read();
    refuseForeignCode(this.stack.name, [...resources, ...pending.map(({ resource }) => resource)]);
  }

  private async run(
    operation: string,
    onProgress: OnProgress | undefined,
    action: (onEvent: OnEvent) => Promise<unknown>,
  ): Promise<EngineLog> {
    await this.refuseForeignCode();
    const log = new EngineLog(onProgress);
    try {
      await action(log.record);
    } catch (error) {
      throw log.explain(operation, this.stack.name, error);
    } finally {
      this.state.invalidate();
    }
    return log;
  }
}

function both(one: OnEvent, other: OnEvent): OnEvent {
  return (event) => {
    one(event);
    other(event);
  };
}
