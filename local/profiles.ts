import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A profile that assumes a role, as `aws configure` writes it. */
export interface RoleProfile {
  readonly name: string;
  readonly roleArn: string;
  readonly sessionName?: string;
}

export interface ProfileOptions {
  /** Folder for `config` and `credentials`. */
  readonly dir: string;
  readonly url: string;
  readonly region: string;
  /** Name of the administrator's profile, which role profiles start from. */
  readonly administrator: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly roles?: readonly RoleProfile[];
}

/**
 * Writes the AWS config and credentials files that lead every SDK, the AWS CLI and Pulumi to the local cloud. Assuming a role
 * is left to the SDK, as on AWS.
 */
export function writeProfiles(options: ProfileOptions): { configFile: string; credentialsFile: string } {
  const { dir, url, region, administrator } = options;
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  // The AWS CLI keeps assumed roles in the user's home, by what it asks STS for: without something of this cloud in it, it would
  // come to the next cloud with the keys of the last one.
  const externalId = createHash("sha256").update(`${options.accessKeyId}\0${options.secretAccessKey}`).digest("hex").slice(0, 16);
  const common = [`endpoint_url = ${url}`, `region = ${region}`, "output = json"];
  const profiles = [
    section(`profile ${administrator}`, common),
    ...(options.roles ?? []).map((role) =>
      section(`profile ${role.name}`, [...common, `role_arn = ${role.roleArn}`, `source_profile = ${administrator}`, `role_session_name = ${role.sessionName ?? role.name}`, `external_id = local-${externalId}`]),
    ),
  ];
  const configFile = join(dir, "config");
  const credentialsFile = join(dir, "credentials");
  writeFileSync(configFile, profiles.join("\n"), { mode: 0o600 });
  writeFileSync(credentialsFile, section(administrator, [`aws_access_key_id = ${options.accessKeyId}`, `aws_secret_access_key = ${options.secretAccessKey}`]), { mode: 0o600 });
  return { configFile, credentialsFile };
}

function section(name: string, lines: readonly string[]): string {
  return `[${name}]\n${lines.join("\n")}\n`;
}
