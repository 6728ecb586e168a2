import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { ensureAdministrator, type AdministratorKey } from "./administrator";
import { Cloud } from "./cloud";
import { createControl } from "./control";
import { startGateway, type Gateway } from "./gateway/gateway";
import { createAuthoriser } from "./iam/authorise";
import { credentialsOf } from "./iam/credentials";
import { BotocoreModels } from "./model/models";
import { portTaken } from "./ports";
import { createServices } from "./services";
import { Moto } from "./upstream/moto";
import { createUpstreamServices } from "./upstream/services";

export interface LocalCloudOptions {
  /** Folder of the state; without it the cloud lives in memory. */
  readonly stateDir?: string;
  /** Gateway port; 0 takes a free one. */
  readonly port?: number;
  /** Port of the Pulumi provider; undefined starts none, 0 takes a free one. */
  readonly providerPort?: number;
  /** Cloud seconds per real second. */
  readonly speed?: number;
  readonly region?: string;
  readonly accountId?: string;
  /** Python environment with moto and botocore. */
  readonly venv?: string;
  /** botocore's data folder, where it is not in `venv`. */
  readonly modelsDir?: string;
  /** Told as parts come up. */
  readonly progress?: (step: string) => void;
}

/** A running local cloud. */
export interface LocalCloud {
  readonly cloud: Cloud;
  readonly gateway: Gateway;
  readonly url: string;
  readonly providerPort: number | undefined;
  readonly administrator: AdministratorKey;
  stop(): Promise<void>;
}

/**
 * Wires all services and starts them: moto and its replay beside our own.
 * @throws ModelsMissing, JournalCorrupt, or an Error that says why a part does not come up.
 */
export async function startLocalCloud(options: LocalCloudOptions = {}): Promise<LocalCloud> {
  const { stateDir, venv = ".venv", progress = () => undefined } = options;
  if (stateDir) mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const models = new BotocoreModels({ modelsDir: options.modelsDir, venv });
  const cloud = new Cloud({ region: options.region, accountId: options.accountId, speed: options.speed, stateDir, models });
  progress("journal read");

  let gateway: Gateway | undefined;
  const moto = new Moto({ python: join(venv, "bin", "python"), accountId: cloud.accountId, region: cloud.region, clock: cloud.clock, journal: stateDir && join(stateDir, "moto.journal") });
  try {
    const motoReady = moto.start();
    // Awaited below; a failure meanwhile must not count as unhandled.
    motoReady.catch(() => undefined);
    for (const service of createServices(cloud)) cloud.register(service);
    for (const service of createUpstreamServices(cloud, { moto, publicHost: () => gateway && `127.0.0.1:${gateway.port}` })) cloud.register(service);
    cloud.authoriser = createAuthoriser(cloud);
    const administrator = await ensureAdministrator(cloud);
    progress("services registered");
    await motoReady;
    progress(`moto is up${moto.replayed ? `, ${moto.replayed} changes replayed` : ""}`);

    const control = createControl({ cloud, moto, counters: () => gateway?.counters ?? { requests: 0, failed: 0 } });
    gateway = await startGateway({ cloud, port: options.port ?? 0, credentialsOf: credentialsOf(cloud), control }).catch((error: unknown) => {
      throw portTaken(error, options.port ?? 0);
    });
    progress(`gateway listens on ${gateway.url}`);
    await cloud.start();
    progress("engines and processes are up");
    const held = gateway;
    return {
      cloud, gateway, url: gateway.url, providerPort: undefined, administrator,
      stop: async () => {
        await held.close();
        await cloud.stop();
        await moto.stop();
      },
    };
  } catch (error) {
    await gateway?.close();
    await cloud.stop().catch(() => undefined);
    await moto.stop();
    throw error;
  }
}
