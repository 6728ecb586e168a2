import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A profile that assumes a role. */
export interface RoleProfile {
  readonly name: string;
  readonly roleArn: string;
  readonly sessionName?: string;
  /** The profile of the person who takes the role, in their own name; the administrator where it is left out. */
  readonly person?: string;
}

/** Somebody who is signed in: a profile of that name. */
export interface PersonProfile {
  readonly name: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
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
  readonly people?: readonly PersonProfile[];
  readonly roles?: readonly RoleProfile[];
}

const personSession = join(__dirname, "person-session.cjs");

/**
 * Writes the AWS config and credentials files that lead every SDK, the AWS CLI and Pulumi to the local cloud. Assuming
 * a role is left to the SDK, as on AWS; where a person takes it, a process does it, since config files have no setting
 * for the source identity.
 */
export function writeProfiles(options: ProfileOptions): { configFile: string; credentialsFile: string } {
  const { dir, url, region, administrator, people = [] } = options;
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  // The AWS CLI keeps assumed roles in the user's home, by what it asks STS for: without something of this cloud in it,
  // it would come to the next cloud with the keys of the last one.
  const externalId = createHash("sha256")
    .update(`${options.accessKeyId}\0${options.secretAccessKey}`)
    .digest("hex")
    .slice(0, 16);
  const common = [`endpoint_url = ${url}`, `region = ${region}`, "output = json"];
  const credentialsFile = join(dir, "credentials");
  const assumed = ({ name, roleArn, sessionName = name, person }: RoleProfile): string[] =>
    person
      ? [
          `credential_process = ${[process.execPath, personSession, credentialsFile, person, roleArn, url, region].map(quoted).join(" ")}`,
        ]
      : [
          `role_arn = ${roleArn}`,
          `source_profile = ${administrator}`,
          `role_session_name = ${sessionName}`,
          `external_id = local-${externalId}`,
        ];
  const profiles = [
    ...[administrator, ...people.map(({ name }) => name)].map((name) => section(`profile ${name}`, common)),
    ...(options.roles ?? []).map((role) => section(`profile ${role.name}`, [...common, ...assumed(role)])),
  ];
  const configFile = join(dir, "config");
  writeFileSync(configFile, profiles.join("\n"), { mode: 0o600 });
  const keys = [
    section(administrator, [
      `aws_access_key_id = ${options.accessKeyId}`,
      `aws_secret_access_key = ${options.secretAccessKey}`,
    ]),
    ...people.map((person) =>
      section(person.name, [
        `aws_access_key_id = ${person.accessKeyId}`,
        `aws_secret_access_key = ${person.secretAccessKey}`,
        `aws_session_token = ${person.sessionToken}`,
      ]),
    ),
  ];
  writeFileSync(credentialsFile, keys.join("\n"), { mode: 0o600 });
  return { configFile, credentialsFile };
}

/** A word of a command line, as shells and the SDKs' own splitting read it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `"${word}"`;
}

function section(name: string, lines: readonly string[]): string {
  return `[${name}]\n${lines.join("\n")}\n`;
}
