import { join, resolve } from "node:path";
import type { Cloud } from "../../cloud";
import { principalOf } from "../../iam/credentials";
import type { Principal } from "../../iam/principal";
import { profilePrincipal } from "../../provider/profiles";
import type { PrincipalFor } from "../../provider/provider";
import type { Images } from "../../runner/images";
import type { Isolation } from "../../runner/isolation";
import { temporaryFolder } from "../../temporary-folder";
import { LocalCaches } from "./cache";
import type { BuildStore } from "./records";

export interface CodeBuildOptions {
  /** What stands for images, by repository: only its environment counts, a build brings its own commands. */
  readonly images: Images;
  /** Where builds reach the local cloud; asked when a build starts. */
  readonly gatewayUrl: () => string;
  /** Starts a Pulumi provider of its own for a build; without it a Pulumi engine in a build finds none. */
  readonly openProvider?: (principalFor: PrincipalFor) => Promise<{ readonly port: number; stop(): Promise<void> }>;
  /** How many builds the account runs at a time; CodeBuild's default when left out. */
  readonly concurrentBuilds?: number;
  /** How builds are kept apart; what works on this machine when left out. */
  readonly isolation?: Isolation;
}

/** What all parts of CodeBuild share. */
export interface Context extends CodeBuildOptions {
  readonly cloud: Cloud;
  readonly store: BuildStore;
  /** Folder of the builds that run. */
  readonly folder: string;
  readonly caches: LocalCaches;
  /** Folder of everything: the builds that run, and what projects cache. */
  readonly home: string;
}

export function createContext(cloud: Cloud, store: BuildStore, options: CodeBuildOptions): Context {
  // Absolute: commands run in working directories of their own.
  const folder = cloud.stateDir ? resolve(cloud.stateDir, "codebuild") : temporaryFolder("codebuild");
  return {
    ...options,
    cloud,
    store,
    home: folder,
    folder: join(folder, "builds"),
    caches: new LocalCaches(join(folder, "caches")),
  };
}

/**
 * Whom the AWS provider of a Pulumi engine inside a build acts as: the service role, as the SDK's default chain finds
 * it there; a profile must be one that the build wrote into its own home folder, and its process runs with the build's
 * variables.
 */
export function buildPrincipal(
  cloud: Cloud,
  principal: Principal,
  home: string,
  environment: NodeJS.ProcessEnv,
): PrincipalFor {
  const files = {
    environment,
    configFile: join(home, ".aws", "config"),
    credentialsFile: join(home, ".aws", "credentials"),
    principalOf: principalOf(cloud),
  };
  return async (profile) => (profile === undefined ? principal : profilePrincipal(cloud, files, profile));
}
