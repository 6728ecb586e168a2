import type { Cloud } from "../../cloud";
import type { Members } from "../../members";
import { AwsError } from "../../errors";
import { parsePolicy } from "../../iam/document";
import { managedPolicyText } from "../../iam/holdings";
import { credentialRegistry } from "../../iam/credentials";
import type { Principal } from "../../iam/principal";
import { iamRecords, type RoleRecord } from "../../iam/records";
import { requestTags } from "../../iam/tags";

/** Session policies of one request together, in plain text (STS API: Policy and PolicyArns). */
const maxSessionPolicyLength = 2048;
/** A session that was itself made by a role may make another for one hour at most (IAM user guide, role chaining). */
const maxChainedSeconds = 3600;
const defaultSeconds = 3600;

/** @returns the role with exactly this ARN, path included, as far as it is seen yet. */
export function roleByArn(cloud: Cloud, arn: string): RoleRecord | undefined {
  const role = iamRecords(cloud).seen.roles.get(arn.slice(arn.lastIndexOf("/") + 1));
  return role?.arn === arn ? role : undefined;
}

/** The principal of a session of `role`. */
export function roleSession(
  cloud: Cloud,
  role: RoleRecord,
  sessionName: string,
  more: Partial<Principal> = {},
): Principal {
  return {
    type: "role",
    arn: `arn:aws:sts::${cloud.accountId}:assumed-role/${role.name}/${sessionName}`,
    accountId: cloud.accountId,
    id: `${role.id}:${sessionName}`,
    roleArn: role.arn,
    issuedMs: cloud.clock.nowMs(),
    ...more,
  };
}

/** How long the session may last. @throws AwsError ValidationError beyond the role's or the chain's limit. */
export function sessionSeconds(role: RoleRecord, caller: Principal, asked: number | undefined): number {
  const chained = caller.type === "role";
  if (asked === undefined) return Math.min(defaultSeconds, role.maxSessionSeconds);
  if (asked > role.maxSessionSeconds)
    throw validationError("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
  if (chained && asked > maxChainedSeconds) {
    throw validationError(
      "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
    );
  }
  return asked;
}

/**
 * The session policies of a request as texts; undefined when it has none. A managed policy counts with the text it has
 * now.
 * @throws AwsError MalformedPolicyDocument, PackedPolicyTooLarge.
 */
export function sessionPolicies(cloud: Cloud, input: Members): string[] | undefined {
  const texts: string[] = [];
  if (typeof input.Policy === "string") texts.push(input.Policy);
  for (const { arn } of (input.PolicyArns as { arn: string }[] | undefined) ?? []) {
    const text = managedPolicyText(iamRecords(cloud).seen, arn);
    if (text === undefined)
      throw new AwsError("MalformedPolicyDocument", `Policy ${arn} does not exist or is not attachable.`);
    texts.push(text);
  }
  if (texts.length === 0) return undefined;
  if (typeof input.Policy === "string") parsePolicy(input.Policy, "identity");
  if (typeof input.Policy === "string" && input.Policy.length > maxSessionPolicyLength) {
    const percent = Math.ceil((input.Policy.length / maxSessionPolicyLength) * 100);
    throw new AwsError(
      "PackedPolicyTooLarge",
      `Packed policy consumes ${percent}% of allotted space, please use smaller policy.`,
    );
  }
  return texts;
}

/** How full the space for session policies and tags is, in percent; undefined when nothing is in it. */
export function packedPolicySize(
  policies: readonly string[] | undefined,
  tags: Readonly<Record<string, string>> | undefined,
): number | undefined {
  const length =
    (policies ?? []).join("").length +
    Object.entries(tags ?? {})
      .flat()
      .join("").length;
  return length === 0 ? undefined : Math.min(100, Math.max(1, Math.round((length / maxSessionPolicyLength) * 100)));
}

/**
 * Session tags: those of the request over the caller's transitive ones.
 * @throws AwsError when a transitive tag would be replaced.
 */
export function sessionTags(
  input: Members,
  caller: Principal,
): { tags?: Record<string, string>; transitiveTagKeys?: string[] } {
  const asked = requestTags(input) ?? {};
  const inherited = caller.transitiveTagKeys ?? [];
  const clash = inherited.find((key) => key in asked);
  if (clash)
    throw new AwsError(
      "InvalidParameterValue",
      `One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.`,
    );
  const keys = (input.TransitiveTagKeys as string[] | undefined) ?? [];
  const unknown = keys.find((key) => !(key in asked));
  if (unknown)
    throw new AwsError(
      "InvalidParameterValue",
      "The specified transitive tag key must be included in the requested tags.",
    );
  const tags = { ...asked, ...Object.fromEntries(inherited.map((key) => [key, caller.tags?.[key] ?? ""])) };
  const transitiveTagKeys = [...inherited, ...keys];
  return { ...(Object.keys(tags).length > 0 && { tags }), ...(transitiveTagKeys.length > 0 && { transitiveTagKeys }) };
}

/** New credentials in the shape STS answers them. */
export function issue(cloud: Cloud, principal: Principal, seconds: number): Members {
  const issued = credentialRegistry(cloud).issue(principal, seconds);
  return {
    AccessKeyId: issued.accessKeyId,
    SecretAccessKey: issued.secretAccessKey,
    SessionToken: issued.sessionToken,
    Expiration: issued.expiration,
  };
}

export function validationError(message: string): AwsError {
  return new AwsError("ValidationError", message);
}
