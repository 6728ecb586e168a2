import type { Call, Requirement } from "../../call";
import type { Cloud } from "../../cloud";
import type { Members } from "../../members";
import type { Service } from "../../service";
import { AwsError } from "../../errors";
import { requestContext } from "../../iam/context";
import { credentialRegistry } from "../../iam/credentials";
import { evaluate } from "../../iam/evaluate";
import { compilePolicy } from "../../iam/policy";
import type { Principal } from "../../iam/principal";
import { permissions } from "./permissions";
import {
  issue,
  packedPolicySize,
  roleByArn,
  roleSession,
  sessionPolicies,
  sessionSeconds,
  sessionTags,
  validationError,
} from "./sessions";
import { assumeRoleWithWebIdentity } from "./web-identity";

/** Child processes keep the keys they were started with; nobody renews them as AWS's credential endpoint does. */
const processSeconds = 30 * 24 * 3600;

/** STS: who one is, and sessions of roles. Sets `internals.assume` and `internals.credentials`. */
export function createSts(cloud: Cloud): Service {
  cloud.internals.assume = (roleArn, service, sessionName, sourceArn?: string, sourceIdentity?: string) =>
    assumeForService(cloud, { roleArn, service, sessionName, sourceArn, sourceIdentity });
  cloud.internals.credentials = (principal) => {
    const { accessKeyId, secretAccessKey, sessionToken } = credentialRegistry(cloud).issue(principal, processSeconds);
    return { accessKeyId, secretAccessKey, sessionToken };
  };
  return {
    id: "sts",
    operations: {
      GetCallerIdentity: (_input, { principal }) => ({
        UserId: principal.id,
        Account: principal.accountId,
        Arn: principal.arn,
      }),
      GetAccessKeyInfo: () => ({ Account: cloud.accountId }),
      AssumeRole: (input, call) => assumeRole(cloud, input, call),
      AssumeRoleWithWebIdentity: (input, call) => assumeRoleWithWebIdentity(cloud, input, call),
      GetSessionToken: (input, call) => getSessionToken(cloud, input, call),
    },
    permissions,
    /** A role's trust policy is the resource-based policy of `sts:AssumeRole`. */
    resourcePolicyOf: (arn) => roleByArn(cloud, arn)?.trust,
  };
}

function assumeRole(cloud: Cloud, input: Members, { principal: caller }: Call): Members {
  if (caller.type === "root") throw new AwsError("AccessDenied", "Roles may not be assumed by root accounts.", 403);
  if (input.TokenCode !== undefined)
    throw new AwsError("AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code. ", 403);
  const role = roleByArn(cloud, String(input.RoleArn));
  // The authoriser has asked the role's trust policy, so the role was there a moment ago.
  if (!role)
    throw new AwsError(
      "AccessDenied",
      `User: ${caller.arn} is not authorized to perform: sts:AssumeRole on resource: ${String(input.RoleArn)}`,
      403,
    );
  const seconds = sessionSeconds(role, caller, input.DurationSeconds);
  const policies = sessionPolicies(cloud, input);
  const { tags, transitiveTagKeys } = sessionTags(input, caller);
  const sourceIdentity = (input.SourceIdentity ?? caller.sourceIdentity) as string | undefined;
  if (caller.sourceIdentity && input.SourceIdentity && input.SourceIdentity !== caller.sourceIdentity) {
    throw new AwsError("AccessDenied", "The source identity of a session cannot be changed.", 403);
  }
  const session = roleSession(cloud, role, String(input.RoleSessionName), {
    ...(policies && { sessionPolicies: policies }),
    ...(tags && { tags }),
    ...(transitiveTagKeys && { transitiveTagKeys }),
    ...(sourceIdentity && { sourceIdentity }),
    // Who assumes a role stays where it is.
    ...(caller.network && { network: caller.network }),
  });
  return {
    Credentials: issue(cloud, session, seconds),
    AssumedRoleUser: { AssumedRoleId: session.id, Arn: session.arn },
    PackedPolicySize: packedPolicySize(policies, tags),
    SourceIdentity: sourceIdentity,
  };
}

function getSessionToken(cloud: Cloud, input: Members, { principal }: Call): Members {
  if (principal.type === "role")
    throw new AwsError("AccessDenied", "Cannot call GetSessionToken with session credentials", 403);
  if (input.TokenCode !== undefined)
    throw validationError(
      "The local cloud has no MFA devices: call GetSessionToken without SerialNumber and TokenCode.",
    );
  // Twelve hours for users, one for the root user (STS API).
  const seconds = principal.type === "root" ? 3600 : ((input.DurationSeconds as number | undefined) ?? 43_200);
  return { Credentials: issue(cloud, { ...principal, mfa: false, issuedMs: cloud.clock.nowMs() }, seconds) };
}

interface ServiceRequest {
  readonly roleArn: string;
  /** The service's host name. */
  readonly service: string;
  readonly sessionName: string;
  /** What the service acts for. */
  readonly sourceArn: string | undefined;
  /** In whose name it acts. */
  readonly sourceIdentity: string | undefined;
}

/**
 * A session of a role for an AWS service, if the role's trust policy lets the service have it, and say in whose name it
 * acts.
 */
function assumeForService(
  cloud: Cloud,
  { roleArn, service, sessionName, sourceArn, sourceIdentity }: ServiceRequest,
): Principal {
  const role = roleByArn(cloud, roleArn);
  const principal: Principal = {
    type: "service",
    arn: service,
    accountId: cloud.accountId,
    id: service,
    ...(sourceArn && { sourceArn }),
  };
  const call = cloud.asked(principal, "sts", "AssumeRole", service);
  const context: Requirement["context"] = sourceIdentity === undefined ? {} : { "sts:SourceIdentity": sourceIdentity };
  for (const action of ["sts:AssumeRole", ...(sourceIdentity === undefined ? [] : ["sts:SetSourceIdentity"])]) {
    const decision =
      role &&
      evaluate(
        {
          action,
          resource: roleArn,
          principal,
          lookup: serviceContext(cloud, call, { action, resource: roleArn, context }),
          resourceMustAllow: true,
        },
        { identity: [], resource: { name: roleArn, policy: compilePolicy(role.trust, "trust") } },
      );
    if (!decision?.allowed)
      throw new AwsError(
        "AccessDenied",
        `User: ${service} is not authorized to perform: ${action} on resource: ${roleArn}`,
        403,
      );
  }
  return roleSession(cloud, role!, sessionNameFrom(sessionName), {
    invokedBy: service,
    ...(sourceIdentity && { sourceIdentity }),
  });
}

function serviceContext(cloud: Cloud, call: Call, requirement: Requirement): ReturnType<typeof requestContext> {
  return requestContext({
    call,
    input: {},
    requirement,
    region: cloud.region,
    principalTags: () => ({}),
    resourceTags: () => undefined,
    resourceAccount: cloud.accountId,
    ownAction: false,
  });
}

/** Services name sessions after their resources; what a session name may not hold becomes a dash. */
function sessionNameFrom(name: string): string {
  return name
    .replace(/[^\w+=,.@-]/g, "-")
    .slice(0, 64)
    .padEnd(2, "-");
}
