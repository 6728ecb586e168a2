import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import type { EngineEvent, Stack } from "@pulumi/pulumi/automation";
import { outputsOf } from "./outputs";
import type { StackOutputs } from "../../contract/outputs";
import { environments, type EnvironmentName } from "../../contract/environments";
import type { AwsSession } from "../../aws/session";
import { preflight } from "../doctor/preflight";
import { EngineLog, type Progress } from "./engine-log";
import { openStack } from "./open-stack";
import { hasEnded, type PendingOperation, pendingOptions, releasedOnly, stackHolders } from "./pending-operations";
import { deployedFrom, infrastructureIn, updateMessage } from "./pending-infrastructure";
import { type Plan, PlanRecorder } from "./plan";
import { readWhole } from "./read-whole";
import { type Source, sourceOf } from "./source";
import { prepareStackFiles, requireRegion, stackSettings } from "./stack-files";
import { refuseForeignCode, type StatedResource } from "./state-code";

/**
 * One environment's stack. The only place that opens stacks: the policy pack is attached to every preview and every
 * update, because Pulumi has no way to name a local pack in the project file (pulumi/pulumi#5541).
 */
export class Environment {
  private known: Promise<State> | undefined;
  private checked: Promise<void> | undefined;

  private constructor(
    readonly name: EnvironmentName,
    readonly session: AwsSession,
    /** The stack's settings as text, without their namespace and with the project's defaults; the program reads and checks them for itself. */
    readonly settings: Readonly<Record<string, unknown>>,
    private readonly stack: Stack,
    private readonly projectDir: string,
  ) {}

  /**
   * Opens the stack, creating it in the backend when it is new. Works in a copy of the project file and the stack's
   * settings, since the engine writes the backend's encryption salt into the settings file it is given.
   * @param projectDir folder of `Pulumi.yaml`.
   * @throws UserError when the settings cannot be read, or the backend not be reached.
   */
  static async open(name: EnvironmentName, projectDir: string): Promise<Environment> {
    const { workDir, config, settings } = prepareStackFiles(name, resolve(projectDir));
    const stack = await openStack(name, workDir);
    const profile = config["aws:profile"];
    const session = {
      profile: profile === undefined ? undefined : String(profile),
      region: requireRegion(config, name),
    };
    return new Environment(name, session, settings, stack, resolve(projectDir));
  }

  /** The settings of all environments, as their files have them now. @throws UserError when a file cannot be read. */
  allSettings(): Record<EnvironmentName, Environment["settings"]> {
    return Object.fromEntries(environments.map((name) => [name, stackSettings(name, this.projectDir)])) as Record<
      EnvironmentName,
      Environment["settings"]
    >;
  }

  /** The checks without which no update begins, made once a run. @throws NotReady naming all that is wrong. */
  ready(): Promise<void> {
    this.checked ??= preflight(this);
    return this.checked;
  }

  /** Plans without changing anything. @throws PolicyBlocked, ProgramFailed. */
  async preview(onProgress?: (progress: Progress) => void): Promise<EngineLog> {
    return this.run("preview", onProgress, (onEvent) => this.stack.preview({ onEvent, ...this.policies() }));
  }

  /**
   * What the next update would make of the resources. Without the policy pack: nothing is changed, and what the pack refuses
   * has a price, too. @throws ProgramFailed.
   */
  async plan(onProgress?: (progress: Progress) => void): Promise<Plan> {
    const recorder = new PlanRecorder();
    await this.run("preview", onProgress, (onEvent) =>
      this.stack.preview({
        onEvent: (event) => {
          onEvent(event);
          recorder.record(event);
        },
      }),
    );
    return recorder.plan();
  }

  /**
   * What an update would change beside the release's own resources, as `operation type name`: changes of the program or its settings
   * that nobody has deployed yet. A stack whose last update came from this commit has none; otherwise a preview tells, without the
   * policy pack: the update asks it. @throws ProgramFailed.
   */
  async pendingInfrastructure(): Promise<string[]> {
    const [source, [last]] = await Promise.all([this.source(), this.stack.history(1)]);
    if (deployedFrom(source, last)) return [];
    const log = await this.run("preview", undefined, (onEvent) => this.stack.preview({ onEvent }));
    return infrastructureIn(log.planned);
  }

  /** Plans as `preview` does and hands every event over; a refusal by policy is an event like others. @throws ProgramFailed, StackLocked. */
  async previewEvents(
    record: (event: EngineEvent) => void,
    onProgress?: (progress: Progress) => void,
  ): Promise<EngineLog> {
    await this.refuseForeignCode();
    const log = new EngineLog(onProgress);
    const onEvent = (event: EngineEvent): void => {
      record(event);
      log.record(event);
    };
    await this.stack.preview({ onEvent, ...this.policies() }).catch((error: unknown) => {
      // A program that fails stops before it has planned everything, so what policies said until then is not all.
      if (log.violations.length === 0 || log.failures.length > 0) throw log.failed("preview", this.name, error);
    });
    return log;
  }

  /**
   * Lets the policy pack judge the state, without the program and without AWS: what a preview does not know yet, the state may.
   * @returns the engine's events; none while the stack holds nothing. @throws ProgramFailed.
   */
  async analyzeState(): Promise<EngineEvent[]> {
    const pack = join(this.projectDir, "policies");
    const { stdout, stderr } = await this.cli([
      "policy",
      "analyze",
      "--json",
      "--policy-pack",
      pack,
      "--policy-pack-config",
      join(pack, "config", `${this.name}.json`),
    ]);
    const events = stdout
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as EngineEvent);
    // With a summary it has looked at everything; the exit code then only says whether it found something.
    if (events.some(({ summaryEvent }) => summaryEvent) || /has no resources/.test(stderr)) return events;
    throw new EngineLog().explain("policy analysis", this.name, new Error(`${stderr}\n${stdout}`.trim()));
  }

  /** Makes the environment what the program and the desired release say. @throws NotReady, PolicyBlocked, ProviderFailed, StackLocked. */
  async up(onProgress?: (progress: Progress) => void): Promise<EngineLog> {
    await this.ready();
    const message = updateMessage(await this.source());
    return this.run("update", onProgress, (onEvent) =>
      this.stack.up({ onEvent, suppressOutputs: true, message, ...this.policies() }),
    );
  }

  /** Deletes everything in the stack, then the stack itself. */
  async destroy(onProgress?: (progress: Progress) => void): Promise<EngineLog> {
    return this.run("destroy", onProgress, (onEvent) => this.stack.destroy({ onEvent, remove: true }));
  }

  /** Deletes the resources of some types alone, with what depends on them; the next update makes them again. @throws ProviderFailed, StackLocked. */
  async destroyOnly(types: RegExp): Promise<void> {
    const target = (await this.resources())
      .filter(({ type, external }) => types.test(type) && !external)
      .map(({ urn }) => urn);
    if (target.length > 0)
      await this.run("destroy", undefined, (onEvent) =>
        this.stack.destroy({ onEvent, target, targetDependents: true }),
      );
  }

  /**
   * Brings the state to what AWS has, after an engine was killed: waits for one that goes on without its parent, removes the
   * lock of one that has ended, and takes up what was being created. @param onWait told while another engine is at work.
   * @param what `release` for what releases change, which is all that their role may look at. @throws StackLocked when another machine holds the stack.
   */
  async recover(onWait: (what: string) => void, what: "release" | "everything"): Promise<void> {
    for (;;) {
      const { resources = [], pending_operations: pending = [] } = await this.state();
      const error = await this.refresh([
        ...pendingOptions(pending),
        ...(what === "release" ? releasedOnly(resources, pending) : []),
      ]).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (!error) return;
      const holders = stackHolders(String((error as Error).message));
      if (holders.length === 0 || holders.some(({ host }) => host !== hostname()))
        throw new EngineLog().explain("refresh", this.name, error);
      if (holders.every(hasEnded)) await this.stack.cancel();
      else {
        onWait(
          `waiting for the engine of a command that was killed (process ${holders.map(({ pid }) => pid).join(", ")})`,
        );
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    }
  }

  /** Reads what the endpoint runs into the state, which believes in an update that SageMaker took back. */
  async refreshEndpoint(): Promise<void> {
    const endpoints = (await this.resources()).filter(({ type }) => type === "aws:sagemaker/endpoint:Endpoint");
    if (endpoints.length === 0) return;
    try {
      await this.refresh(endpoints.flatMap(({ urn }) => ["--target", urn]));
    } catch (error) {
      throw new EngineLog().explain("refresh", this.name, error);
    }
  }

  /** What the state holds. */
  async resources(): Promise<readonly StateResource[]> {
    return (await this.state()).resources ?? [];
  }

  /** Begins to look at the state: who asks for it next waits less. */
  prefetchState(): void {
    void this.state().catch(() => undefined);
  }

  /** Forgets what the state held: another process, such as a release build, may have changed it meanwhile. */
  invalidateState(): void {
    this.known = undefined;
  }

  /** The state as the last operation left it. Each look costs a run of the CLI, so it is kept for the time of a use case (`invalidateState`). */
  private state(): Promise<State> {
    this.known ??= readWhole(() => this.stack.exportStack()).then(({ deployment }) => (deployment ?? {}) as State);
    this.known.catch(() => (this.known = undefined));
    return this.known;
  }

  /** Before the engine opens a state: who may write it must not act as whoever updates the stack. @throws ForeignState. */
  private async refuseForeignCode(): Promise<void> {
    const { resources = [], pending_operations: pending = [] } = await this.state();
    refuseForeignCode(this.name, [...resources, ...pending.map(({ resource }) => resource as StatedResource)]);
  }

  /** Where the program comes from. */
  source(): Promise<Source> {
    return sourceOf(this.projectDir);
  }

  /** Versions of Node and of the Pulumi CLI that are at work, and what the project asks for. */
  versions(): {
    readonly node: string;
    readonly pulumi: string | undefined;
    readonly wanted: { readonly node: string; readonly pulumi: string };
  } {
    const { engines, dependencies } = JSON.parse(readFileSync(join(this.projectDir, "package.json"), "utf8")) as {
      engines: { node: string };
      dependencies: Record<string, string>;
    };
    return {
      node: process.versions.node,
      pulumi: this.stack.workspace.pulumiCommand.version?.version,
      wanted: { node: engines.node, pulumi: dependencies["@pulumi/pulumi"]! },
    };
  }

  /** Version of the policy pack that is attached. */
  policyPackVersion(): string {
    return (JSON.parse(readFileSync(join(this.projectDir, "policies", "package.json"), "utf8")) as { version: string })
      .version;
  }

  /** The Automation API's own refresh does not know the options for pending operations. */
  private async refresh(options: readonly string[]): Promise<void> {
    await this.refuseForeignCode();
    const { failure, stdout, stderr } = await this.cli(["refresh", "--yes", "--skip-preview", ...options]);
    this.known = undefined;
    if (failure) throw new Error(`${stderr}\n${stdout}`.trim() || failure.message, { cause: failure });
  }

  /** Runs the CLI on this stack, for what the Automation API does not offer. Never rejects. */
  private async cli(args: readonly string[]): Promise<{ failure?: Error; stdout: string; stderr: string }> {
    const { workspace } = this.stack;
    const all = [...args, "--stack", this.name, "--non-interactive", "--color", "never"];
    return promisify(execFile)(workspace.pulumiCommand.command, all, {
      cwd: workspace.workDir,
      env: { ...process.env, ...workspace.envVars },
      maxBuffer: 64 * 1024 * 1024,
    }).catch((failure: Error & { stdout?: string; stderr?: string }) => ({
      failure,
      stdout: failure.stdout ?? "",
      stderr: failure.stderr ?? "",
    }));
  }

  /** The outputs of the last update. @throws EnvironmentNotUp, OutputsDamaged. */
  async outputs(): Promise<StackOutputs> {
    return outputsOf(this.name, await this.resources());
  }

  /** True when the backend knows resources of this environment. */
  async exists(): Promise<boolean> {
    return (await this.resources()).length > 0;
  }

  private policies(): { policyPacks: string[] } {
    return { policyPacks: [join(this.projectDir, "policies")] };
  }

  private async run(
    operation: string,
    onProgress: ((progress: Progress) => void) | undefined,
    action: (onEvent: EngineLog["record"]) => Promise<unknown>,
  ): Promise<EngineLog> {
    await this.refuseForeignCode();
    const log = new EngineLog(onProgress);
    try {
      await action(log.record);
    } catch (error) {
      throw log.explain(operation, this.name, error);
    } finally {
      this.known = undefined;
    }
    return log;
  }
}

/** A resource as the state holds it. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
  /** The provider's id; absent for components. */
  readonly id?: string;
  /** False for components. */
  readonly custom?: boolean;
  /** True for what the program only looks at. */
  readonly external?: boolean;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

interface State {
  readonly resources?: readonly StateResource[];
  readonly pending_operations?: readonly PendingOperation[];
}
