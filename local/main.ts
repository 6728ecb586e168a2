import { renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Lock } from "./lock";
import type { ServiceControlLevel } from "./iam/organization";
import type { RoleProfile } from "./profiles";
import type { Images } from "./runner/images";
import { startLocalCloud, type LocalCloud } from "./server";
import type { PriceList } from "./services/ce/bill";
import type { GrantedQuotas } from "./services/service-quotas";
import { StartFailure } from "./start-failure";

/** What the daemon is started with: one JSON argument. */
export interface DaemonOptions {
  readonly stateDir: string;
  readonly port: number;
  readonly providerPort: number;
  readonly speed: number;
  /** Whether what AWS says late is said late; where it is left out, the speed decides. */
  readonly lags?: boolean;
  readonly venv: string;
  readonly region?: string;
  readonly accountId?: string;
  /** Profile of the administrator, people with profiles of their own, and the role profiles that start from either. */
  readonly administratorProfile: string;
  readonly people?: readonly string[];
  readonly roles: readonly RoleProfile[];
  /** Local commands that stand for container images, by repository. */
  readonly images: Images;
  /** Quotas that the account was granted before, by their names. */
  readonly quotas?: GrantedQuotas;
  /** What AWS charges for one unit, by the name of the price. */
  readonly priceList?: PriceList;
  /** How late usage comes to the bill, cloud time. */
  readonly billAfterHours?: number;
  /** Services closed to new customers that the account used before. */
  readonly existingCustomerOf?: readonly string[];
  /**
   * Service control policies over the account, from the organisation's root down; those of an earlier start stay where
   * this is left out.
   */
  readonly serviceControl?: readonly ServiceControlLevel[];
}

/**
 * `server.json` in the state folder: where the running cloud is. It exists from the moment the cloud answers until it
 * stops.
 */
export interface ServerFile {
  readonly pid: number;
  readonly port: number;
  readonly providerPort: number;
  readonly url: string;
  readonly started: string;
  readonly speed: number;
  readonly region: string;
  readonly accountId: string;
  readonly stateDir: string;
  readonly configFile: string;
  readonly credentialsFile: string;
  readonly profile: string;
}

/** What the daemon tells the process that started it. */
export type DaemonMessage =
  | { readonly progress: string }
  | { readonly ready: ServerFile }
  | { readonly failed: { readonly message: string; readonly next: string } };

/** Runs the local cloud until a signal ends it. */
export async function run(options: DaemonOptions, tell: (message: DaemonMessage) => void): Promise<void> {
  const { stateDir } = options;
  const lock = Lock.take(stateDir);
  const serverFile = join(stateDir, "server.json");
  let local: LocalCloud;
  try {
    local = await startLocalCloud({ ...options, progress: (progress) => tell({ progress }) });
  } catch (error) {
    lock.release();
    throw error;
  }
  const server: ServerFile = {
    pid: process.pid,
    port: local.gateway.port,
    providerPort: local.providerPort ?? 0,
    url: local.url,
    started: new Date().toISOString(),
    speed: local.cloud.clock.speed,
    region: local.cloud.region,
    accountId: local.cloud.accountId,
    stateDir,
    ...local.profiles!,
    profile: options.administratorProfile,
  };
  writeFileSync(`${serverFile}.new`, JSON.stringify(server, undefined, 2) + "\n", { mode: 0o600 });
  renameSync(`${serverFile}.new`, serverFile);

  let stopping = false;
  async function stop(): Promise<void> {
    if (stopping) return;
    stopping = true;
    rmSync(serverFile, { force: true });
    await local.stop();
    lock.release();
    process.exit(0);
  }
  process.on("SIGTERM", () => void stop());
  process.on("SIGINT", () => void stop());
  tell({ ready: server });
}

/** The cause of a failed start, and what to do about it. */
export function explain(error: unknown): { message: string; next: string } {
  if (error instanceof StartFailure) return { message: error.reason, next: error.next };
  return {
    message: (error as Error).message ?? String(error),
    next: "See daemon.log in the state folder. If it says nothing, start afresh with: npx peregrine local reset",
  };
}

if (require.main === module) {
  const tell = (message: DaemonMessage): void => {
    if (process.connected) process.send?.(message);
    else process.stdout.write(JSON.stringify(message) + "\n");
  };
  run(JSON.parse(process.argv[2] ?? "{}") as DaemonOptions, tell).catch((error: unknown) => {
    process.stderr.write(`${(error as Error).stack ?? String(error)}\n`);
    tell({ failed: explain(error) });
    process.exitCode = 1;
    // What was started before the failure (timers, a pipe to the parent) must not keep a failed daemon alive.
    setImmediate(() => process.exit(1));
  });
}
