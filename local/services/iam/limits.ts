import { malformed, parsePolicy } from "../../iam/document";
import type { IamRecords } from "../../iam/records";
import { invalidInput, limitExceeded } from "./answers";

/** IAM quotas (IAM and STS quotas, user guide). Sizes are in characters without white space. */
export const quotas = {
  managedPolicySize: 6144,
  trustPolicySize: 2048,
  inlinePolicySize: { Role: 10_240, User: 2048, Group: 5120 },
  attachedPolicies: 10,
  policyVersions: 5,
  accessKeys: 2,
  tags: 50,
} as const;

/** Size as IAM counts it: white space between JSON tokens is free. */
function policySize(text: string): number {
  return JSON.stringify(JSON.parse(text)).length;
}

export function checkManagedPolicy(text: string): void {
  parsePolicy(text, "identity");
  if (policySize(text) > quotas.managedPolicySize)
    throw limitExceeded(`Cannot exceed quota for PolicySize: ${quotas.managedPolicySize}`);
}

/** @param others the holder's other inline policies: the quota is for all of them together. */
export function checkInlinePolicy(
  text: string,
  others: readonly string[],
  kind: "Role" | "User" | "Group",
  name: string,
): void {
  parsePolicy(text, "identity");
  const limit = quotas.inlinePolicySize[kind];
  const total = [text, ...others].reduce((sum, policy) => sum + policySize(policy), 0);
  if (total > limit)
    throw limitExceeded(`Maximum policy size of ${limit} bytes exceeded for ${kind.toLowerCase()} ${name}`);
}

/**
 * Checks a role's trust policy. IAM resolves the roles and users it names to their ids, so those of this account must
 * exist.
 * @throws AwsError MalformedPolicyDocument, LimitExceeded.
 */
export function checkTrustPolicy(text: string, records: IamRecords, accountId: string): void {
  const document = parsePolicy(text, "trust");
  if (policySize(text) > quotas.trustPolicySize)
    throw limitExceeded(`Cannot exceed quota for ACLSizePerRole: ${quotas.trustPolicySize}`);
  for (const { principal } of document.statements) {
    if (principal === undefined || principal === "*") continue;
    for (const name of principal.AWS ?? [])
      if (!exists(name, records, accountId)) throw malformed(`Invalid principal in policy: "AWS":"${name}"`);
    for (const name of principal.Federated ?? []) {
      if (name.includes(":oidc-provider/") && !records.oidcProviders.has(name))
        throw malformed(`Invalid principal in policy: "Federated":"${name}"`);
    }
  }
}

function exists(name: string, records: IamRecords, accountId: string): boolean {
  const [, entity, path] = new RegExp(`^arn:aws[a-z-]*:iam::${accountId}:(role|user)/(.+)$`).exec(name) ?? [];
  if (!entity || !path) return true;
  const table = entity === "role" ? records.roles : records.users;
  return table.get(path.slice(path.lastIndexOf("/") + 1))?.arn === name;
}

export function checkTags(tags: Readonly<Record<string, string>>, kind: string): void {
  const keys = Object.keys(tags);
  if (keys.some((key) => /^aws:/i.test(key)))
    throw invalidInput("Member tag keys can not start with the reserved prefix aws:.");
  if (new Set(keys.map((key) => key.toLowerCase())).size < keys.length)
    throw invalidInput("Duplicate tag keys found. Please note that Tag keys are case insensitive.");
  if (keys.length > quotas.tags) throw limitExceeded(`Cannot exceed quota for TagsPer${kind}: ${quotas.tags}`);
}
