import type { Cloud } from "../cloud";
import type { Principal } from "../iam/principal";
import { ProviderFailure } from "./failures";
import { Session } from "./session";
import { holdsUnknown, isObject, type Properties, type Value } from "./values";

/** Settings of a provider instance that matter here; nested ones come as JSON text. */
export interface Configuration {
  readonly profile: string | undefined;
  readonly region: string | undefined;
  readonly allowedAccountIds: readonly string[];
  readonly forbiddenAccountIds: readonly string[];
  readonly defaultTags: Readonly<Record<string, string>>;
  readonly assumeRoleArn: string | undefined;
}

/** Reads a provider's inputs or the variables of a stack's configuration (`aws:config:profile`). */
function parseConfiguration(raw: Properties): Configuration {
  const get = (name: string): Value | undefined => structured(raw[name] ?? raw[`aws:config:${name}`]);
  const assumed = get("assumeRoles") ?? get("assumeRole");
  const first = Array.isArray(assumed) ? assumed[0] : assumed;
  const tags = get("defaultTags");
  return {
    profile: stringOf(get("profile")),
    region: stringOf(get("region")),
    allowedAccountIds: strings(get("allowedAccountIds")),
    forbiddenAccountIds: strings(get("forbiddenAccountIds")),
    defaultTags:
      isObject(tags) && isObject(tags.tags)
        ? Object.fromEntries(Object.entries(tags.tags).map(([key, value]) => [key, String(value)]))
        : {},
    assumeRoleArn: isObject(first) ? stringOf(first.roleArn) : undefined,
  };
}

/** Problems of a configuration that need no call to see. */
export function configurationProblems(raw: Properties): { property: string; reason: string }[] {
  if (holdsUnknown(raw)) return [];
  const problems: { property: string; reason: string }[] = [];
  const { region } = parseConfiguration(raw);
  if (region !== undefined && !/^[a-z]{2}(-[a-z]+)+-\d$/.test(region))
    problems.push({ property: "region", reason: `invalid AWS Region: ${region}` });
  return problems;
}

/**
 * Makes a session: who the profile is, in which region, with the guard on accounts.
 * @param principalFor resolves a profile's name (undefined: the default profile) to a principal.
 * @throws ProviderFailure in the words of Terraform's provider.
 */
export async function configure(
  cloud: Cloud,
  raw: Properties,
  principalFor: (profile: string | undefined) => Promise<Principal>,
): Promise<Session> {
  const settings = parseConfiguration(raw);
  const region = settings.region ?? cloud.region;
  if (region !== cloud.region)
    throw new ProviderFailure(
      `the local cloud runs in ${cloud.region}, the provider asks for ${region}. Set aws:region to ${cloud.region} or start the local cloud with that region.`,
    );
  const principal = await principalFor(settings.profile);
  const { accountId } = principal;
  if (settings.forbiddenAccountIds.includes(accountId))
    throw new ProviderFailure(`AWS account ID not allowed: ${accountId}`);
  if (settings.allowedAccountIds.length > 0 && !settings.allowedAccountIds.includes(accountId))
    throw new ProviderFailure(`AWS account ID not allowed: ${accountId}`);
  return new Session(cloud, principal, region, settings.defaultTags);
}

function structured(value: Value | undefined): Value | undefined {
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(value) as Value;
  } catch {
    return value;
  }
}

const stringOf = (value: Value | undefined): string | undefined =>
  value === undefined || value === null || value === "" ? undefined : String(value);
const strings = (value: Value | undefined): string[] => (Array.isArray(value) ? value.map(String) : []);
