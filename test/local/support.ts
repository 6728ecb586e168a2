import { execFile } from "node:child_process";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { startLocalCloud, type LocalCloud, type LocalCloudOptions } from "../../local/server";
import { writeProfiles } from "../../local/profiles";

export const repository = resolve(__dirname, "..", "..");
export const venv = join(repository, ".venv");

/** A local cloud on a free port, in memory unless a state folder is given. */
export function startTestCloud(options: LocalCloudOptions = {}): Promise<LocalCloud> {
  return startLocalCloud({ venv, ...options });
}

function keysOf({ administrator: { accessKeyId, secretAccessKey } }: LocalCloud): {
  accessKeyId: string;
  secretAccessKey: string;
} {
  return { accessKeyId, secretAccessKey };
}

/** Configuration of an AWS SDK v3 client that leads to the cloud. */
export function sdkConfig(local: LocalCloud): {
  endpoint: string;
  region: string;
  maxAttempts: number;
  credentials: { accessKeyId: string; secretAccessKey: string };
} {
  return { endpoint: local.url, region: local.cloud.region, maxAttempts: 1, credentials: keysOf(local) };
}

/** The variables that lead a foreign client (boto3, AWS CLI) to the cloud. */
export function foreignEnvironment(local: LocalCloud, folder: string): NodeJS.ProcessEnv {
  const { configFile, credentialsFile } = writeProfiles({
    dir: folder,
    url: local.url,
    region: local.cloud.region,
    administrator: "ab",
    ...keysOf(local),
  });
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("AWS_")));
  return {
    ...clean,
    AWS_CONFIG_FILE: configFile,
    AWS_SHARED_CREDENTIALS_FILE: credentialsFile,
    AWS_PROFILE: "ab",
    PYTHONWARNINGS: "ignore",
  };
}

/**
 * Leads this process's AWS clients to the cloud, by the profile `ab`, as a user's environment does.
 * @returns how to undo it.
 */
export function enter(local: LocalCloud, folder: string): () => void {
  const { configFile, credentialsFile } = writeProfiles({
    dir: folder,
    url: local.url,
    region: local.cloud.region,
    administrator: "ab",
    ...keysOf(local),
  });
  // The SDK takes the address of a service from the profile that the environment names, not from the client's own.
  const variables = { AWS_CONFIG_FILE: configFile, AWS_SHARED_CREDENTIALS_FILE: credentialsFile, AWS_PROFILE: "ab" };
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  return () => {
    for (const [name, value] of before)
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
  };
}

/** Runs a program of the Python environment. @returns its standard output. */
export async function python(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const { stdout } = await promisify(execFile)(join(venv, "bin", program), args, { env });
  return stdout;
}
