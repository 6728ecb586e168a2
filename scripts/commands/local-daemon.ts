import { spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, readFileSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { imageRepository, roleArn } from "../../contract/names";
import { UserError } from "../../automation/errors";
import { type Settings, validate } from "../../infra/settings/settings";
import { priceTable } from "../../pricing/table";
import { environments } from "../../contract/environments";
import { personRoles } from "../../infra/settings/people";
import type { Fault } from "../../local/faults/faults";
import { isAlive } from "../../local/lock";
import type { DaemonMessage, DaemonOptions, ServerFile } from "../../local/main";
import { engineVariables } from "../../local/provider/engine-variables";
import { stackConfig } from "../../automation/stack/stack-config";
import { projectDir } from "../project";
import { buildImages } from "./build-images";
import { mlImage } from "./ml-image";

export const defaultStateDir = join(projectDir, ".peregrine", "local");
export const defaultPort = 4599;
export const defaultProviderPort = 4598;
const defaultAccountId = "111122223333";

/** Everybody whom the stacks' settings list, once. */
function peopleOf(settings: readonly Settings[]): string[] {
  return [...new Set(settings.flatMap(({ people }) => people.members.map(({ name }) => name)))];
}

/**
 * A profile for each role of people: `approver` is that of dev, where models are trained and registered,
 * `approver-prod` that of prod. The first person who is listed for a role takes it; where nobody is, the
 * administrator's profile tries.
 */
function roleProfilesOf({ environment, people: { members } }: Settings): DaemonOptions["roles"] {
  return personRoles.map((role) => {
    const person = members.find((member) => member.role === role)?.name;
    return {
      name: environment === "dev" ? role : `${role}-${environment}`,
      roleArn: roleArn(environment, role, defaultAccountId),
      ...(person === undefined ? {} : { person }),
    };
  });
}

/**
 * What a new account has to ask for (AWS's default for GPU instances is 0), so that the three stacks' settings can be
 * deployed.
 */
export const grantedQuotas: Readonly<Record<string, number>> = {
  "Number of instances across active endpoints": 30,
  "ml.g4dn.xlarge for endpoint usage": 4,
  "ml.g5.xlarge for endpoint usage": 8,
  "ml.g6.xlarge for endpoint usage": 12,
  // What `probe` serves with.
  "ml.m5.large for endpoint usage": 3,
  "ml.g4dn.xlarge for spot training job usage": 2,
  "ml.g5.xlarge for spot training job usage": 2,
  "ml.g6.2xlarge for training job usage": 2,
  "ml.m5.xlarge for endpoint usage": 4,
  "ml.m5.xlarge for processing job usage": 4,
  "ml.g4dn.xlarge for processing job usage": 2,
  "ml.g5.xlarge for processing job usage": 2,
  "ml.g6.2xlarge for processing job usage": 2,
};

export interface StartOptions {
  readonly stateDir?: string;
  /** Gateway port; 0 takes a free one. */
  readonly port?: number;
  readonly providerPort?: number;
  readonly speed?: number;
  /** Whether what AWS says late is said late; by default where the clock is fast. */
  readonly lags?: "on" | "off";
  /** Forget what an earlier run left behind. */
  readonly fresh?: boolean;
  /** Further local commands that stand for container images, by repository. */
  readonly extraImages?: DaemonOptions["images"];
  /** Granted quotas beside, or instead of, those that the stacks' settings need. */
  readonly quotas?: DaemonOptions["quotas"];
  /** How late usage comes to the bill, hours of the cloud's clock. */
  readonly billAfterHours?: number;
  /** Services closed to new customers that the account used before: `model-monitor`. */
  readonly existingCustomerOf?: readonly string[];
  /** File of service control policies over the account; those of an earlier start stay where this is left out. */
  readonly serviceControl?: string;
  readonly onProgress?: (step: string) => void;
}

/** What the daemon was told to be: the argument of `local/main.ts`. The state folder is there afterwards. */
export async function daemonOptions(options: StartOptions): Promise<DaemonOptions> {
  const { stateDir = defaultStateDir } = options;
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  // Settings with problems are told by the program; a cloud without people starts all the same.
  const settings = environments.flatMap((stack) => validate(stack, stackConfig(stack)).settings ?? []);
  return {
    stateDir,
    port: options.port ?? defaultPort,
    providerPort: options.providerPort ?? defaultProviderPort,
    speed: options.speed ?? 1,
    ...(options.lags && { lags: options.lags === "on" }),
    venv: join(projectDir, ".venv"),
    accountId: defaultAccountId,
    administratorProfile: "ab",
    quotas: { ...grantedQuotas, ...options.quotas },
    people: peopleOf(settings),
    roles: settings.flatMap(roleProfilesOf),
    images: {
      [imageRepository]: mlImage(),
      ...(await buildImages(stateDir, pulumiBackend(stateDir))),
      ...options.extraImages,
    },
    priceList: priceListOf("eu-central-1"),
    ...(options.billAfterHours !== undefined && { billAfterHours: options.billAfterHours }),
    ...(options.existingCustomerOf && { existingCustomerOf: options.existingCustomerOf }),
    ...(options.serviceControl && { serviceControl: readLevels(options.serviceControl) }),
  };
}

/** What AWS charges in a Region: all that the local cloud knows of prices. */
function priceListOf(region: string): DaemonOptions["priceList"] {
  return Object.fromEntries(Object.entries(priceTable.regions[region] ?? {}).map(([key, { usd }]) => [key, usd]));
}

/** What is wrong with the policies themselves the local cloud says. @throws UserError when the file is no JSON. */
function readLevels(file: string): DaemonOptions["serviceControl"] {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as DaemonOptions["serviceControl"];
  } catch (error) {
    throw new UserError(
      `The service control policies in ${file} cannot be read: ${(error as Error).message}`,
      'Write a list of levels, from the organisation\'s root down, each an object of policies by name: [{"FullAWSAccess": {"Version": "2012-10-17", "Statement": […]}}]',
      { cause: error },
    );
  }
}

/** The running cloud of a state folder. @returns undefined when none runs. */
export function runningServer(stateDir = defaultStateDir): ServerFile | undefined {
  const file = join(stateDir, "server.json");
  if (!existsSync(file)) return undefined;
  const server = JSON.parse(readFileSync(file, "utf8")) as ServerFile;
  return isAlive(server.pid) ? server : undefined;
}

/**
 * Starts the local cloud in the background and waits until it answers.
 * @throws UserError with the cause and the next step when it does not come up.
 */
export async function startDaemon(options: StartOptions = {}): Promise<ServerFile> {
  if (options.fresh) await resetState(options.stateDir, { stop: true });
  const daemon = await daemonOptions(options);
  const { stateDir } = daemon;
  const log = openSync(join(stateDir, "daemon.log"), "a");
  const child = spawn(
    process.execPath,
    [
      "--enable-source-maps",
      "-r",
      join(projectDir, "scripts", "register.cjs"),
      join(projectDir, "local", "main.ts"),
      JSON.stringify(daemon),
    ],
    {
      cwd: projectDir,
      detached: true,
      stdio: ["ignore", log, log, "ipc"],
      env: daemonEnvironment(),
    },
  );
  return new Promise((resolve, reject) => {
    child.on("message", (message: DaemonMessage) => {
      if ("progress" in message) options.onProgress?.(message.progress);
      else if ("failed" in message) settle(() => reject(new UserError(message.failed.message, message.failed.next)));
      else settle(() => resolve(message.ready));
    });
    child.once("error", (error) => settle(() => reject(error)));
    child.once("exit", (code, signal) =>
      settle(() =>
        reject(
          new UserError(
            `The local cloud ended while it started (${signal ?? `exit code ${code}`}).`,
            `Read ${join(stateDir, "daemon.log")}.`,
          ),
        ),
      ),
    );
    function settle(done: () => void): void {
      child.removeAllListeners();
      if (child.connected) child.disconnect();
      child.unref();
      done();
    }
  });
}

/** The daemon must not inherit the way to itself: what it starts would call it under the user's names. */
function daemonEnvironment(): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(AWS_|PULUMI_)/.test(name));
  // The SDK's notice about Node versions belongs to the developer of this project, not into a user's log.
  return { ...Object.fromEntries(inherited), AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" };
}

/** Stops the local cloud; its state stays. @returns whether one was running. */
export async function stopDaemon(stateDir = defaultStateDir, timeoutMs = 20_000): Promise<boolean> {
  const server = runningServer(stateDir);
  if (!server) return false;
  process.kill(server.pid, "SIGTERM");
  const deadline = Date.now() + timeoutMs;
  while (isAlive(server.pid)) {
    if (Date.now() > deadline) {
      process.kill(server.pid, "SIGKILL");
      return true;
    }
    await delay(30);
  }
  return true;
}

/** Removes the state. @throws UserError when a cloud runs on it and may not be stopped. */
export async function resetState(stateDir = defaultStateDir, { stop = false } = {}): Promise<void> {
  const server = runningServer(stateDir);
  if (server && !stop)
    throw new UserError(
      `The local cloud runs on ${stateDir} (process ${server.pid}).`,
      "Stop it first: npx peregrine local stop",
    );
  if (server) await stopDaemon(stateDir);
  rmSync(stateDir, { recursive: true, force: true, maxRetries: 5 });
}

/** What the daemon says of itself. */
export interface DaemonStatus {
  readonly pid: number;
  readonly motoPid?: number;
  readonly url: string;
  readonly uptimeSeconds: number;
  readonly speed: number;
  readonly cloudTime: string;
  readonly services: readonly string[];
  readonly requests: number;
  readonly failed: number;
  /** What was asked to break, and how often it did. */
  readonly faults: readonly Fault[];
  readonly unimplemented: Readonly<Record<string, number>>;
  readonly unknownMembers: Readonly<Record<string, number>>;
  /** Calls from inside a VPC that found no way out: service and reason, and how often. */
  readonly unreached: Readonly<Record<string, number>>;
  /** ARNs of what exists, without what services opened for themselves. */
  readonly inventory: readonly string[];
  readonly inventoryCounts: Readonly<Record<string, number>>;
  readonly processes: readonly { readonly pid: number; readonly name: string }[];
  readonly memoryMb: number;
}

/** Asks the daemon. @throws UserError when none runs. */
export async function daemonStatus(stateDir = defaultStateDir): Promise<DaemonStatus> {
  const server = requireServer(stateDir);
  const answer = await fetch(`${server.url}/_peregrine/status`);
  if (!answer.ok) throw new Error(`${server.url} answers ${answer.status}: ${await answer.text()}`);
  return { url: server.url, ...((await answer.json()) as Omit<DaemonStatus, "url">) };
}

/** Which rights roles used since the local cloud started: role's ARN -> action -> statements. */
export async function usedRights(stateDir = defaultStateDir): Promise<Record<string, Record<string, string[]>>> {
  const answer = await fetch(`${requireServer(stateDir).url}/_peregrine/rights`);
  return (await answer.json()) as Record<string, Record<string, string[]>>;
}

export function requireServer(stateDir: string): ServerFile {
  const server = runningServer(stateDir);
  if (!server) throw new UserError("No local cloud is running.", "Start one: npx peregrine local start");
  return server;
}

/** Where the stacks of a local cloud keep their state: for the user's shell and for builds alike. */
function pulumiBackend(stateDir: string): { PULUMI_BACKEND_URL: string; PULUMI_CONFIG_PASSPHRASE: string } {
  const backend = join(stateDir, "pulumi");
  mkdirSync(backend, { recursive: true });
  return { PULUMI_BACKEND_URL: `file://${backend}`, PULUMI_CONFIG_PASSPHRASE: "local" };
}

/** The variables that lead SDKs, the AWS CLI and Pulumi to a local cloud; nothing else differs from AWS. */
export function environmentOf(server: ServerFile, pathEntries: readonly string[] = []): Record<string, string> {
  return {
    AWS_CONFIG_FILE: server.configFile,
    AWS_SHARED_CREDENTIALS_FILE: server.credentialsFile,
    AWS_PROFILE: server.profile,
    AWS_REGION: server.region,
    // Profiles say where AWS's services are; clients of MLflow Apps look here alone.
    SAGEMAKER_MLFLOW_CUSTOM_ENDPOINT: server.url,
    ...pulumiBackend(server.stateDir),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    ...(server.providerPort ? engineVariables(server.providerPort) : {}),
    ...(pathEntries.length > 0 ? { PATH: [...pathEntries, process.env["PATH"] ?? ""].join(delimiter) } : {}),
  };
}
