import { join } from "node:path";
import type { EngineEvent, Stack } from "@pulumi/pulumi/automation";
import { type EngineCalls, engineCalls } from "./engine-calls";
import { EngineLog, type Progress } from "./engine-log";
import { latestIn, type LatestUpdate } from "./history";
import { unknownStack } from "./open-stack";
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
  private opened: Promise<EngineCalls> | undefined;

  /** @param open opens the stack, creating it in the backend when it is new; asked before the first operation. */
  constructor(
    private readonly open: () => Promise<Stack>,
    private readonly state: StackState,
    private readonly cli: PulumiCli,
    /** Folder of the policy pack. */
    private readonly policyPack: string,
  ) {}

  /** Plans, judged by the policy pack. @throws PolicyBlocked, ProgramFailed. */
  preview(onProgress?: OnProgress): Promise<EngineLog> {
    return this.run("preview", onProgress, (engine, onEvent) =>
      engine.preview({ onEvent, policyPacks: [this.policyPack] }),
    );
  }

  /** Plans without the policy pack. @throws ProgramFailed. */
  previewUnjudged(onProgress?: OnProgress, record: OnEvent = () => undefined): Promise<EngineLog> {
    return this.run("preview", onProgress, (engine, onEvent) => engine.preview({ onEvent: both(onEvent, record) }));
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
    const engine = await this.begin();
    const log = new EngineLog(onProgress);
    await engine
      .preview({ onEvent: both(log.record, record), policyPacks: [this.policyPack] })
      .catch((error: unknown) => {
        // A program that fails stops before it has planned everything, so what policies said until then is not all.
        if (log.violations.length === 0 || log.failures.length > 0) throw log.failed("preview", this.cli.stack, error);
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
    const config = join(this.policyPack, "config", `${this.cli.stack}.json`);
    const pack = ["--policy-pack", this.policyPack, "--policy-pack-config", config];
    const { stdout, stderr } = await this.cli.run(["policy", "analyze", "--json", ...pack]);
    const events = stdout
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as EngineEvent);
    // With a summary it has looked at everything; the exit code then only says whether it found something.
    if (events.some(({ summaryEvent }) => summaryEvent) || /has no resources/.test(stderr) || unknownStack.test(stderr))
      return events;
    throw new EngineLog().explain("policy analysis", this.cli.stack, new Error(`${stderr}\n${stdout}`.trim()));
  }

  /**
   * Makes the stack what the program says.
   * @param message kept in the history.
   * @throws PolicyBlocked, ProviderFailed, StackLocked.
   */
  up(message: string | undefined, onProgress?: OnProgress): Promise<EngineLog> {
    return this.run("update", onProgress, (engine, onEvent) =>
      engine.up({ onEvent, suppressOutputs: true, message, policyPacks: [this.policyPack] }),
    );
  }

  /** Deletes everything in the stack, then the stack itself. @throws ProviderFailed, StackLocked. */
  destroy(onProgress?: OnProgress): Promise<EngineLog> {
    return this.run("destroy", onProgress, (engine, onEvent) => engine.destroy({ onEvent, remove: true }));
  }

  /**
   * Deletes some resources, with what depends on them; the next update makes them again.
   * @throws ProviderFailed, StackLocked.
   */
  async destroyTargets(urns: readonly string[]): Promise<void> {
    if (urns.length === 0) return;
    await this.run("destroy", undefined, (engine, onEvent) =>
      engine.destroy({ onEvent, target: [...urns], targetDependents: true }),
    );
  }

  /**
   * Reads what AWS has into the state. By the CLI: the Automation API's own refresh does not know the options for
   * pending operations.
   * @param options further ones of `pulumi refresh`.
   * @throws Error with what the CLI printed.
   */
  async refresh(options: readonly string[]): Promise<void> {
    await this.begin();
    try {
      await this.cli.answer(["refresh", "--yes", "--skip-preview", ...options]);
    } finally {
      this.state.invalidate();
    }
  }

  /** The latest entry of the stack's history; none for a stack that was never updated. */
  async latest(): Promise<LatestUpdate | undefined> {
    return latestIn(await this.cli.answer(["stack", "history", "--json", "--page-size", "1", "--page", "1"]));
  }

  /** Takes the lock off a stack whose engine has ended. */
  async cancel(): Promise<void> {
    await this.cli.answer(["cancel", "--yes"]);
  }

  /** The stack's operations, once its state was searched. @throws ForeignState, UserError when it cannot be opened. */
  private async begin(): Promise<EngineCalls> {
    await this.refuseForeignCode();
    return this.engine();
  }

  private engine(): Promise<EngineCalls> {
    this.opened ??= this.open().then(engineCalls);
    this.opened.catch(() => (this.opened = undefined));
    return this.opened;
  }

  /**
   * Before the engine opens a state: who may write it must not act as whoever updates the stack.
   * @throws ForeignState.
   */
  private async refuseForeignCode(): Promise<void> {
    const { resources, pending } = await this.state.read();
    refuseForeignCode(this.cli.stack, [...resources, ...pending.map(({ resource }) => resource)]);
  }

  private async run(
    operation: string,
    onProgress: OnProgress | undefined,
    action: (engine: EngineCalls, onEvent: OnEvent) => Promise<unknown>,
  ): Promise<EngineLog> {
    const engine = await this.begin();
    const log = new EngineLog(onProgress);
    try {
      await action(engine, log.record);
    } catch (error) {
      throw log.explain(operation, this.cli.stack, error);
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
