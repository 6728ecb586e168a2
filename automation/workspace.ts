import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { LocalWorkspace, type Stack } from "@pulumi/pulumi/automation";
import { parse, stringify } from "yaml";
import type { AwsSession } from "../aws/session";
import { UserError } from "./errors";
import { EngineLog, type Progress } from "./events";
import { hasEnded, type PendingOperation, pendingOptions, stackHolders } from "./pending";
import { type Plan, PlanRecorder } from "./plan";

export const environments = ["dev", "staging", "prod"] as const;
export type EnvironmentName = (typeof environments)[number];

/** What an environment's stack exports; see `infra/index.ts`. */
export interface EnvironmentOutputs {
  readonly artifactsBucket: string;
  readonly datasetBucket: string;
  readonly pipelineName: string;
  readonly modelPackageGroup: string;
  readonly releaseParameter: string;
  readonly mlflowAppArn: string;
  /** Topics by severity: `critical`, `warning`, `info`. */
  readonly alertTopicArns: Readonly<Record<string, string>>;
  readonly endpointName?: string;
  /** The EndpointConfig that the program wants live; absent while no release is desired. */
  readonly endpointConfigName?: string;
  readonly [key: string]: unknown;
}

/**
 * One environment's stack. The only place that opens stacks: the policy pack is attached to every preview and every
 * update, because Pulumi has no way to name a local pack in the project file (pulumi/pulumi#5541).
 */
export class Environment {
  private known: Promise<State> | undefined;

  private constructor(
    readonly name: EnvironmentName,
    readonly session: AwsSession,
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
    const { workDir, config } = prepareWorkDir(name, resolve(projectDir));
    const stack = await LocalWorkspace.createOrSelectStack(
      { stackName: name, workDir },
      { envVars: { PULUMI_SKIP_UPDATE_CHECK: "true" } },
    ).catch((error: unknown) => {
      throw cannotOpen(name, error);
    });
    const session = { profile: config["aws:profile"], region: requireRegion(config, name) };
    return new Environment(name, session, stack, resolve(projectDir));
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

  /** Makes the environment what the program and the desired release say. @throws PolicyBlocked, ProviderFailed, StackLocked. */
  async up(onProgress?: (progress: Progress) => void): Promise<EngineLog> {
    return this.run("update", onProgress, (onEvent) => this.stack.up({ onEvent, suppressOutputs: true, ...this.policies() }));
  }

  /** Deletes everything in the stack, then the stack itself. */
  async destroy(onProgress?: (progress: Progress) => void): Promise<EngineLog> {
    return this.run("destroy", onProgress, (onEvent) => this.stack.destroy({ onEvent, remove: true }));
  }

  /**
   * Brings the state to what AWS has, after an engine was killed: waits for one that goes on without its parent, removes the
   * lock of one that has ended, and takes up what was being created. @param onWait told while another engine is at work.
   * @throws StackLocked when another machine holds the stack.
   */
  async recover(onWait: (what: string) => void): Promise<void> {
    for (;;) {
      const { pending_operations: pending = [] } = await this.state();
      const error = await this.refresh(pendingOptions(pending)).then(() => undefined, (reason: unknown) => reason);
      if (!error) return;
      const holders = stackHolders(String((error as Error).message));
      if (holders.length === 0 || holders.some(({ host }) => host !== hostname())) throw new EngineLog().explain("refresh", this.name, error);
      if (holders.every(hasEnded)) await this.stack.cancel();
      else {
        onWait(`waiting for the engine of a command that was killed (process ${holders.map(({ pid }) => pid).join(", ")})`);
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

  /** Forgets what the state held: another process, such as a release build, may have changed it meanwhile. */
  lookAgain(): void {
    this.known = undefined;
  }

  /** The state as the last operation left it. Each look costs a run of the CLI, so it is kept for the time of a use case (`lookAgain`). */
  private state(): Promise<State> {
    this.known ??= this.stack.exportStack().then(({ deployment }) => (deployment ?? {}) as State);
    this.known.catch(() => (this.known = undefined));
    return this.known;
  }

  /** The commit that the program is at; undefined outside a Git checkout and outside what Git exported (which writes it down). */
  async commit(): Promise<string | undefined> {
    const exported = readFileSync(join(this.projectDir, ".source-commit"), "utf8").trim();
    if (/^[0-9a-f]{40}$/.test(exported)) return exported;
    return new Promise((resolve) => execFile("git", ["rev-parse", "HEAD"], { cwd: this.projectDir }, (error, stdout) => resolve(error ? undefined : stdout.trim())));
  }

  /** Version of the policy pack that is attached. */
  policyPackVersion(): string {
    return (JSON.parse(readFileSync(join(this.projectDir, "policies", "package.json"), "utf8")) as { version: string }).version;
  }

  /** The Automation API's own refresh does not know the options for pending operations. */
  private async refresh(options: readonly string[]): Promise<void> {
    const { workspace } = this.stack;
    const args = ["refresh", "--yes", "--skip-preview", "--stack", this.name, "--non-interactive", "--color", "never", ...options];
    await promisify(execFile)(workspace.pulumiCommand.command, args, { cwd: workspace.workDir, env: { ...process.env, ...workspace.envVars }, maxBuffer: 64 * 1024 * 1024 }).catch((error: Error & { stdout?: string; stderr?: string }) => {
      throw new Error(`${error.stderr ?? ""}\n${error.stdout ?? ""}`.trim() || error.message, { cause: error });
    }).finally(() => (this.known = undefined));
  }

  /** The outputs of the last update. @throws UserError when the environment was never brought up. */
  async outputs(): Promise<EnvironmentOutputs> {
    const outputs = (await this.resources()).find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs;
    if (!outputs?.["artifactsBucket"])
      throw new UserError(`Environment ${this.name} is not up.`, `Bring it up first: pulumi up --stack ${this.name} --policy-pack policies`);
    return outputs as unknown as EnvironmentOutputs;
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

type StackConfig = Readonly<Record<string, string>>;

/** Writes the working copy. What the engine added to it in an earlier run (the encryption salt) is kept. */
function prepareWorkDir(name: EnvironmentName, projectDir: string): { workDir: string; config: StackConfig } {
  const project = readYaml(join(projectDir, "Pulumi.yaml"));
  const settings = readYaml(join(projectDir, `Pulumi.${name}.yaml`));
  const workDir = join(projectDir, ".peregrine", "work", name);
  mkdirSync(workDir, { recursive: true });
  const stackFile = join(workDir, `Pulumi.${name}.yaml`);
  writeFileSync(join(workDir, "Pulumi.yaml"), stringify({ ...project, main: join(projectDir, String(project["main"])) }));
  writeFileSync(stackFile, stringify({ ...earlierSecrets(stackFile), ...settings }));
  return { workDir, config: (settings["config"] ?? {}) as StackConfig };
}

function readYaml(file: string): Record<string, unknown> {
  try {
    return parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  } catch (error) {
    throw new UserError(`Cannot read ${file}: ${(error as Error).message.trim()}`, "Correct it, or take it from Git again.", { cause: error });
  }
}

/** What the CLI says when it cannot open a stack: no login, a wrong passphrase, a backend that does not answer. */
function cannotOpen(name: EnvironmentName, error: unknown): UserError {
  const text = error instanceof Error ? error.message : String(error);
  const said = /^error: (.*)$/m.exec(text)?.[1] ?? text.trim();
  return new UserError(
    `Pulumi cannot open the stack ${name}: ${said}`,
    "Say where its state is: pulumi login, or the variables PULUMI_BACKEND_URL and PULUMI_CONFIG_PASSPHRASE.",
    { cause: error },
  );
}

function earlierSecrets(stackFile: string): Record<string, unknown> {
  try {
    const { encryptionsalt } = parse(readFileSync(stackFile, "utf8")) as Record<string, unknown>;
    return encryptionsalt ? { encryptionsalt } : {};
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw error;
  }
}

function requireRegion(config: StackConfig, name: EnvironmentName): string {
  const region = config["aws:region"] ?? process.env["AWS_REGION"];
  if (!region) throw new UserError(`Pulumi.${name}.yaml names no aws:region.`, `Set it: pulumi config set aws:region REGION --stack ${name}`);
  return region;
}
