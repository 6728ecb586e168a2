import { InvalidArgumentError, Option } from "commander";
import type { AwsSession } from "../aws/session";
import type { Environment } from "../automation/stack/environment";
import { type EnvironmentName, isEnvironmentName } from "../contract/environments";

/** AWS profiles to act as, by environment: each environment has roles of its own, and may be an account of its own. */
export type Profiles = Readonly<Partial<Record<EnvironmentName | "all", string>>>;

/** Whom commands act as that read several environments. */
export function profileOption(): Option {
  return new Option(
    "--profile <profiles>",
    "AWS profile to act as, such as an auditor's, or one for each environment: dev=auditor,staging=auditor-staging",
  ).argParser(profilesOf);
}

/** The session of an environment as somebody else; as its own where nobody is named. */
export function actingAs(
  { name, session }: Pick<Environment, "name" | "session">,
  profiles: Profiles = {},
): AwsSession {
  const profile = profiles[name] ?? profiles.all;
  return profile === undefined ? session : { ...session, profile };
}

function profilesOf(text: string): Profiles {
  const entries = text.split(",").map((one): [string, string] => {
    const [, environment, profile] = /^(?:([^=]+)=)?([^=]+)$/.exec(one.trim()) ?? [];
    if (profile === undefined) throw new InvalidArgumentError("must be a profile, or environment=profile.");
    if (environment !== undefined && !isEnvironmentName(environment))
      throw new InvalidArgumentError(`${environment} is no environment.`);
    return [environment ?? "all", profile];
  });
  return Object.fromEntries(entries);
}
