import { exec } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { promisify } from "node:util";
import type { Cloud } from "../cloud";
import { AwsError } from "../errors";
import type { Principal } from "../iam/principal";
import { ProviderFailure } from "./failures";

/** Where the shared AWS files are, and who an access key belongs to. */
export interface ProfileSource {
  readonly configFile: string;
  readonly credentialsFile: string;
  /** The principal an access key signs for. @throws AwsError InvalidClientTokenId. */
  principalOf(accessKeyId: string, sessionToken?: string): Principal;
  /** Variables that a `credential_process` runs with; that of this process when left out. */
  readonly environment?: NodeJS.ProcessEnv;
}

type Profile = Readonly<Record<string, string>>;

/**
 * The principal a profile of the shared AWS files acts as, resolved as the SDKs do: own access keys, a
 * process that prints some, or `role_arn` through `source_profile`.
 * @throws ProviderFailure in the AWS SDK's words when the profile does not exist or is incomplete.
 */
export async function profilePrincipal(
  cloud: Cloud,
  source: ProfileSource,
  name: string,
  seen: readonly string[] = [],
): Promise<Principal> {
  const profile = readProfile(source, name);
  if (!profile) throw new ProviderFailure(`failed to get shared config profile, ${name}`);
  if (profile.aws_access_key_id) return source.principalOf(profile.aws_access_key_id, profile.aws_session_token);
  if (profile.credential_process) return processPrincipal(source, name, profile.credential_process);
  if (!profile.role_arn || !profile.source_profile)
    throw new ProviderFailure(
      `no valid credential sources for profile ${name} found: it has neither access keys nor role_arn with source_profile`,
    );
  if (seen.includes(name))
    throw new ProviderFailure(`profile ${name} names itself as its source (${[...seen, name].join(" -> ")})`);
  const from = await profilePrincipal(cloud, source, profile.source_profile, [...seen, name]);
  try {
    const answer = await cloud.as(
      from,
      "sts",
      "AssumeRole",
      {
        RoleArn: profile.role_arn,
        RoleSessionName: profile.role_session_name ?? `pulumi-${name}`,
        ...(profile.external_id ? { ExternalId: profile.external_id } : {}),
      },
      "pulumi-aws",
    );
    return source.principalOf(answer.Credentials.AccessKeyId as string, answer.Credentials.SessionToken as string);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw new ProviderFailure(
      `cannot assume IAM role of profile ${name}: operation error STS: AssumeRole, https response error StatusCode: ${error.status}, api error ${error.code}: ${error.message}`,
      undefined,
      { cause: error },
    );
  }
}

/**
 * Whom the keys belong to that a profile's `credential_process` prints (AWS SDKs and Tools Reference Guide, "Process
 * credential provider").
 */
async function processPrincipal(source: ProfileSource, name: string, command: string): Promise<Principal> {
  try {
    const { stdout } = await promisify(exec)(command, { env: source.environment ?? process.env, timeout: 60_000 });
    const {
      Version: version,
      AccessKeyId: accessKeyId,
      SessionToken: sessionToken,
    } = JSON.parse(stdout) as Record<string, unknown>;
    if (version !== 1 || typeof accessKeyId !== "string") throw new Error("it printed no credentials of version 1");
    return source.principalOf(accessKeyId, typeof sessionToken === "string" ? sessionToken : undefined);
  } catch (error) {
    throw new ProviderFailure(
      `failed to refresh cached credentials of profile ${name}, process provider error: ${(error as Error).message}`,
      undefined,
      { cause: error },
    );
  }
}

function readProfile(source: ProfileSource, name: string): Profile | undefined {
  const config = parseIni(source.configFile);
  const credentials = parseIni(source.credentialsFile);
  const found = [config.get(name === "default" ? "default" : `profile ${name}`), credentials.get(name)].filter(
    (profile) => profile !== undefined,
  );
  return found.length > 0 ? Object.assign({}, ...found) : undefined;
}

/** Sections of an AWS config file; nested settings (indented) are not needed here. */
function parseIni(file: string): Map<string, Profile> {
  const sections = new Map<string, Record<string, string>>();
  if (!existsSync(file)) return sections;
  let section: Record<string, string> | undefined;
  for (const line of readFileSync(file, "utf8").split(/\r?\n/)) {
    const header = /^\s*\[([^\]]+)\]/.exec(line);
    if (header) sections.set(header[1]!.trim(), (section = {}));
    const setting = /^([\w-]+)\s*=\s*(.*?)\s*$/.exec(line);
    if (setting && section) section[setting[1]!] = setting[2]!;
  }
  return sections;
}
