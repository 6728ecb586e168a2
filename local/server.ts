import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Cloud } from "./cloud";
import { createControl } from "./control";
import { startGateway, type Gateway } from "./gateway/gateway";
import { createAuthoriser } from "./iam/authorise";
import { bootstrapAccount, type Administrator } from "./iam/bootstrap";
import { credentialsOf, principalOf } from "./iam/credentials";
import { signInPerson } from "./iam/people";
import { attachServiceControl, type ServiceControlLevel } from "./iam/organization";
import { lagsOf } from "./lags";
import { BotocoreModels } from "./model/models";
import { connectNetworks } from "./network/passage";
import { portTaken } from "./ports";
import { writeProfiles, type RoleProfile } from "./profiles";
import { profilesFrom, startProvider, type RunningProvider } from "./provider/server";
import type { Images } from "./runner/images";
import { createServices } from "./services";
import type { PriceList } from "./services/ce/bill";
import type { GrantedQuotas } from "./services/service-quotas";
import { Moto } from "./upstream/moto";
import { createUpstreamServices } from "./upstream/services";

export interface LocalCloudOptions {
  /** Folder of the state; without it the cloud lives in memory. */
  readonly stateDir?: string;
  /** Gateway port; 0 takes a free one. */
  readonly port?: number;
  /** Port of the Pulumi provider, which needs a state folder; undefined starts none, 0 takes a free one. */
  readonly providerPort?: number;
  /** Cloud seconds per real second. */
  readonly speed?: number;
  readonly region?: string;
  readonly accountId?: string;
  /** Python environment with moto and botocore. */
  readonly venv?: string;
  /** botocore's data folder, where it is not in `venv`. */
  readonly modelsDir?: string;
  /** Local commands that stand for container images, by repository. */
  readonly images?: Images;
  /** Quotas that the account was granted before, by their names; AWS's defaults hold for the others. */
  readonly quotas?: GrantedQuotas;
  /** What AWS charges for one unit, by the name of the price; Cost Explorer answers nothing without it. */
  readonly priceList?: PriceList;
  /** How late usage comes to the bill, cloud time; at once where it is left out, on AWS within 24 hours. */
  readonly billAfterHours?: number;
  /** Services closed to new customers that the account used before (`model-monitor`); none when left out. */
  readonly existingCustomerOf?: readonly string[];
  /** How many builds the account runs at a time; CodeBuild's default when left out. */
  readonly concurrentBuilds?: number;
  /**
   * What AWS says late is said late, in cloud time (`lags.ts`). Left out, where the clock is so fast that it costs no
   * more than seconds, but for rights: whoever uses those that were given a moment ago has to try again.
   */
  readonly lags?: boolean;
  /** Name of the administrator's AWS profile, and the role profiles that start from it. */
  readonly administratorProfile?: string;
  /** Names of the people who have users in the account, each with a profile of that name. */
  readonly people?: readonly string[];
  readonly roles?: readonly RoleProfile[];
  /**
   * Service control policies over the account, from the organisation's root down; those of an earlier start stay where
   * this is left out.
   */
  readonly serviceControl?: readonly ServiceControlLevel[];
  /** Told as parts come up. */
  readonly progress?: (step: string) => void;
}

/** A running local cloud. */
export interface LocalCloud {
  readonly cloud: Cloud;
  readonly gateway: Gateway;
  readonly url: string;
  readonly providerPort: number | undefined;
  /** The account's first user, whose access key the administrator's profile holds. */
  readonly administrator: Administrator;
  /** The AWS files that lead clients here; only with a state folder. */
  readonly profiles: { readonly configFile: string; readonly credentialsFile: string } | undefined;
  stop(): Promise<void>;
}

/**
 * Wires all services and starts them: moto and its replay beside our own.
 * @throws StartFailure with what to do about it (a port, models, the state), or an Error that says why a part does not
 * come up.
 */
export async function startLocalCloud(options: LocalCloudOptions = {}): Promise<LocalCloud> {
  const { stateDir, venv = ".venv", progress = () => undefined } = options;
  if (stateDir) mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const models = new BotocoreModels({ modelsDir: options.modelsDir, venv });
  const cloud = new Cloud({
    region: options.region,
    accountId: options.accountId,
    speed: options.speed,
    stateDir,
    models,
    lags: { ...lagsOf(options.lags, options.speed ?? 1), costMs: (options.billAfterHours ?? 0) * 3_600_000 },
  });
  const moto = new Moto({
    python: join(venv, "bin", "python"),
    accountId: cloud.accountId,
    region: cloud.region,
    clock: cloud.clock,
    journal: stateDir && join(stateDir, "moto.journal"),
  });
  let gateway: Gateway | undefined;
  let provider: RunningProvider | undefined;
  const parts = { close: async () => void (await Promise.all([gateway?.close(), provider?.stop()])) };
  try {
    // The port is taken first: a port in use is told before anything else happened, and services learn where they are.
    const ready = latch();
    const keys = credentialsOf(cloud);
    gateway = await startGateway({
      cloud,
      port: options.port ?? 0,
      credentialsOf: keys,
      ready: ready.opened,
      control: createControl({ cloud, moto, counters: () => gateway!.counters }),
    }).catch((error: unknown) => {
      throw portTaken(error, options.port ?? 0, "--port");
    });
    const motoReady = moto.start();
    // Awaited below; a failure meanwhile must not count as unhandled.
    motoReady.catch(() => undefined);
    // Services stop in the opposite order: ours write their last logs and captured data into those behind.
    for (const service of createUpstreamServices(cloud, {
      moto,
      publicHost: `127.0.0.1:${gateway.port}`,
      images: options.images ?? {},
    }))
      cloud.register(service);
    for (const service of createServices(cloud, {
      gatewayUrl: gateway.url,
      images: options.images ?? {},
      python: join(venv, "bin", "python"),
      quotas: options.quotas,
      priceList: options.priceList,
      concurrentBuilds: options.concurrentBuilds,
      existingCustomerOf: options.existingCustomerOf,
    }))
      cloud.register(service);
    cloud.authoriser = createAuthoriser(cloud);
    connectNetworks(cloud);
    const administrator = bootstrapAccount(cloud);
    if (options.serviceControl) attachServiceControl(cloud, options.serviceControl);
    progress("services are wired, the journal is read");
    await motoReady;
    progress(`moto is up${moto.replayed ? `, ${moto.replayed} changes replayed` : ""}`);
    const people = (options.people ?? []).map((name) => ({ name, ...signInPerson(cloud, name) }));
    const profiles = stateDir
      ? writeProfiles({
          dir: join(stateDir, "aws"),
          url: gateway.url,
          region: cloud.region,
          administrator: options.administratorProfile ?? "default",
          accessKeyId: administrator.accessKeyId,
          secretAccessKey: administrator.secretAccessKey,
          people,
          roles: options.roles,
        })
      : undefined;
    if (options.providerPort !== undefined && profiles) {
      const principalFor = profilesFrom(cloud, { ...profiles, principalOf: principalOf(cloud) });
      provider = await startProvider(cloud, { port: options.providerPort, principalFor }).catch((error: unknown) => {
        throw portTaken(error, options.providerPort!, "--provider-port");
      });
    }
    await cloud.start();
    ready.open();
    progress(`engines and processes are up, the gateway answers on ${gateway.url}`);
    return {
      cloud,
      gateway,
      url: gateway.url,
      providerPort: provider?.port,
      administrator,
      profiles,
      stop: async () => {
        await parts.close();
        await cloud.stop();
        await moto.stop();
      },
    };
  } catch (error) {
    await parts.close();
    await cloud.stop().catch(() => undefined);
    await moto.stop();
    throw error;
  }
}

/** A promise and the function that fulfils it. */
function latch(): { opened: Promise<void>; open: () => void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}
