import { resolve } from "node:path";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import { outputsOf } from "./outputs";
import type { StackOutputs } from "../../contract/outputs";
import { environments, type EnvironmentName } from "../../contract/environments";
import type { AwsSession } from "../../aws/session";
import type { Versions } from "../../lifecycle/health/versions";
import type { EngineLog } from "./engine-log";
import { openStack, pulumiVersion } from "./open-stack";
import { type OnProgress, StackOperations } from "./operations";
import { deployedFrom, infrastructureIn, updateMessage } from "./pending-infrastructure";
import type { Plan } from "./plan";
import { Project } from "./project";
import { PulumiCli } from "./pulumi-cli";
import { recoverStack, refreshEndpoint } from "./recovery";
import type { Source } from "./source";
import { prepareStackFiles, requireRegion, stackSettings } from "./stack-files";
import { StackState, type StateResource } from "./stack-state";

export type { StateResource };

/** The checks without which no update of an environment begins. @throws NotReady naming all that is wrong. */
export type Preflight = (environment: Pick<Environment, "name" | "session" | "settings" | "versions">) => Promise<void>;

/** One environment: its stack, its settings, and the session of who acts on it. The only place that opens stacks. */
export class Environment {
  private readonly state: StackState;
  private readonly operations: StackOperations;
  private checked: Promise<void> | undefined;

  private constructor(
    readonly name: EnvironmentName,
    readonly session: AwsSession,
    /**
     * The stack's settings as text, without their namespace and with the project's defaults; the program reads and
     * checks them for itself.
     */
    readonly settings: Readonly<Record<string, unknown>>,
    workDir: string,
    private readonly project: Project,
    private readonly preflight: Preflight,
  ) {
    const cli = new PulumiCli(name, workDir);
    this.state = new StackState(cli);
    this.operations = new StackOperations(() => openStack(name, workDir), this.state, cli, project.policyPack);
  }

  /**
   * Works in a copy of the project file and the stack's settings, since the engine writes the backend's encryption salt
   * into the settings file it is given. The stack itself is opened before its first operation, and made in the backend
   * when it is new.
   * @param projectDir folder of `Pulumi.yaml`. @param preflight asked before the first update.
   * @throws UserError when the settings cannot be read.
   */
  static open(name: EnvironmentName, projectDir: string, preflight: Preflight): Environment {
    const project = new Project(resolve(projectDir));
    const { workDir, config, settings } = prepareStackFiles(name, project.directory);
    const profile = config["aws:profile"];
    const session = {
      profile: profile === undefined ? undefined : String(profile),
      region: requireRegion(config, name),
    };
    return new Environment(name, session, settings, workDir, project, preflight);
  }

  /** The settings of all environments, as their files have them now. @throws UserError when a file cannot be read. */
  allSettings(): Record<EnvironmentName, Environment["settings"]> {
    return Object.fromEntries(
      environments.map((name) => [name, stackSettings(name, this.project.directory)]),
    ) as Record<EnvironmentName, Environment["settings"]>;
  }

  /** The checks without which no update begins, made once a run. @throws NotReady naming all that is wrong. */
  ready(): Promise<void> {
    this.checked ??= this.preflight(this);
    return this.checked;
  }

  /** Plans without changing anything. @throws PolicyBlocked, ProgramFailed. */
  preview(onProgress?: OnProgress): Promise<EngineLog> {
    return this.operations.preview(onProgress);
  }

  /**
   * What the next update would make of the resources. Without the policy pack: nothing is changed, and what the pack
   * refuses has a price, too.
   * @throws ProgramFailed.
   */
  plan(onProgress?: OnProgress): Promise<Plan> {
    return this.operations.plan(onProgress);
  }

  /**
   * What an update would change beside the release's own resources, as `operation type name`: changes of the program or
   * its settings that nobody has deployed yet. A stack whose last update came from this commit has none; otherwise a
   * preview tells, without the policy pack: the update asks it.
   * @throws ProgramFailed.
   */
  async pendingInfrastructure(): Promise<string[]> {
    const [source, latest] = await Promise.all([this.source(), this.operations.latest()]);
    if (deployedFrom(source, latest)) return [];
    return infrastructureIn((await this.operations.previewUnjudged()).planned);
  }

  /**
   * Plans as `preview` does and hands every event over; a refusal by policy is an event like others.
   * @throws ProgramFailed, StackLocked.
   */
  previewEvents(record: (event: EngineEvent) => void, onProgress?: OnProgress): Promise<EngineLog> {
    return this.operations.previewEvents(record, onProgress);
  }

  /** Lets the policy pack judge the state. @returns the engine's events. @throws ProgramFailed. */
  analyzeState(): Promise<EngineEvent[]> {
    return this.operations.analyzeState();
  }

  /**
   * Makes the environment what the program and the desired release say.
   * @throws NotReady, PolicyBlocked, ProviderFailed, StackLocked.
   */
  async up(onProgress?: OnProgress): Promise<EngineLog> {
    await this.ready();
    return this.operations.up(updateMessage(await this.source()), onProgress);
  }

  /** Deletes everything in the stack, then the stack itself. @throws ProviderFailed, StackLocked. */
  destroy(onProgress?: OnProgress): Promise<EngineLog> {
    return this.operations.destroy(onProgress);
  }

  /**
   * Deletes the resources of some types alone, with what depends on them; the next update makes them again.
   * @throws ProviderFailed, StackLocked.
   */
  async destroyOnly(types: RegExp): Promise<void> {
    const mine = (await this.resources()).filter(({ type, external }) => types.test(type) && !external);
    await this.operations.destroyTargets(mine.map(({ urn }) => urn));
  }

  /**
   * Brings the state to what AWS has, after an engine was killed.
   * @param onWait told while another engine is at work.
   * @param scope `release` for what releases change, which is all that their role may read.
   * @throws StackLocked when another machine holds the stack.
   */
  recover(onWait: (what: string) => void, scope: "release" | "everything"): Promise<void> {
    return recoverStack(this.name, this.state, this.operations, scope, onWait);
  }

  /** Reads what the endpoint runs into the state, which believes in an update that SageMaker took back. */
  refreshEndpoint(): Promise<void> {
    return refreshEndpoint(this.name, this.state, this.operations);
  }

  /** What the state holds. */
  async resources(): Promise<readonly StateResource[]> {
    return (await this.state.read()).resources;
  }

  /** Begins to read the state: who asks for it next waits less. */
  prefetchState(): void {
    this.state.prefetch();
  }

  /** Forgets what the state held: another process, such as a release build, may have changed it meanwhile. */
  invalidateState(): void {
    this.state.invalidate();
  }

  /** The outputs of the last update. @throws EnvironmentNotUp, OutputsDamaged. */
  async outputs(): Promise<StackOutputs> {
    return outputsOf(this.name, await this.resources());
  }

  /** True when the backend knows resources of this environment. */
  async exists(): Promise<boolean> {
    return (await this.resources()).length > 0;
  }

  /** Where the program comes from. */
  source(): Promise<Source> {
    return this.project.source();
  }

  /** Versions of Node and of the Pulumi CLI that are at work, and what the project asks for. */
  async versions(): Promise<Versions> {
    return { node: process.versions.node, pulumi: await pulumiVersion(), wanted: this.project.wantedVersions() };
  }

  /** Version of the policy pack that is attached. */
  policyPackVersion(): string {
    return this.project.policyPackVersion();
  }
}
