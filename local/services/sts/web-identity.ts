import type { Call } from "../../call";
import type { Cloud } from "../../cloud";
import type { Members } from "../../members";
import { AwsError } from "../../errors";
import { fixedContext, requestContext } from "../../iam/context";
import { evaluate } from "../../iam/evaluate";
import type { Lookup } from "../../iam/pattern";
import { compilePolicy } from "../../iam/policy";
import type { Principal } from "../../iam/principal";
import { iamRecords, type OidcProviderRecord } from "../../iam/records";
import { issue, packedPolicySize, roleByArn, roleSession, sessionPolicies, sessionSeconds } from "./sessions";

type Claims = Readonly<Record<string, unknown>>;

/**
 * A session for the bearer of an OpenID Connect token. Issuer, audience and lifetime are checked against the account's
 * providers and the claims against the role's trust policy; the token's signature is not, since the issuer's keys
 * cannot be fetched.
 */
export function assumeRoleWithWebIdentity(cloud: Cloud, input: Members, call: Call): Members {
  const claims = readClaims(String(input.WebIdentityToken));
  if (typeof claims.exp !== "number" || claims.exp * 1000 < Date.now())
    throw new AwsError(
      "ExpiredTokenException",
      "Token expired: current date/time must be before the expiration date/time",
    );
  const provider = providerOf(cloud, claims);
  const audience = [claims.aud]
    .flat()
    .map(String)
    .find((client) => provider.clientIds.includes(client));
  if (!audience) throw new AwsError("InvalidIdentityToken", "Incorrect token audience");
  const bearer: Principal = {
    type: "user",
    arn: `${provider.url}:${String(claims.sub)}`,
    accountId: "",
    id: String(claims.sub),
    federatedProvider: provider.arn,
  };
  const role = roleByArn(cloud, String(input.RoleArn));
  const wanted = sessionClaims(claims);
  const lookup = contextOf(cloud, {
    input,
    call: { ...call, principal: bearer },
    claims: claimContext(provider.url, claims),
    wanted,
  });
  for (const action of actionsFor(wanted)) {
    const decision =
      role &&
      evaluate(
        { action, resource: role.arn, principal: bearer, lookup, resourceMustAllow: true },
        { identity: [], resource: { name: role.arn, policy: compilePolicy(role.trust, "trust") } },
      );
    if (!decision?.allowed) throw new AwsError("AccessDenied", `Not authorized to perform ${action}`, 403);
  }
  const policies = sessionPolicies(cloud, input);
  const session = roleSession(cloud, role!, String(input.RoleSessionName), {
    federatedProvider: provider.arn,
    ...(policies && { sessionPolicies: policies }),
    ...wanted,
  });
  return {
    Credentials: issue(
      cloud,
      session,
      sessionSeconds(role!, call.principal.type === "role" ? bearer : call.principal, input.DurationSeconds),
    ),
    SubjectFromWebIdentityToken: String(claims.sub),
    AssumedRoleUser: { AssumedRoleId: session.id, Arn: session.arn },
    PackedPolicySize: packedPolicySize(policies, wanted.tags),
    Provider: provider.arn,
    Audience: audience,
    SourceIdentity: wanted.sourceIdentity,
  };
}

/** What a token asks to be put into the session (STS user guide: claims under `https://aws.amazon.com/`). */
type Wanted = Pick<Principal, "tags" | "transitiveTagKeys" | "sourceIdentity">;

function sessionClaims(claims: Claims): Wanted {
  const given = claims["https://aws.amazon.com/tags"] as
    { principal_tags?: Record<string, unknown>; transitive_tag_keys?: readonly unknown[] } | undefined;
  const tags = Object.entries(given?.principal_tags ?? {}).map(([key, value]) => [key, String([value].flat()[0])]);
  const transitive = (given?.transitive_tag_keys ?? []).map(String);
  const sourceIdentity = claims["https://aws.amazon.com/source_identity"];
  return {
    ...(tags.length > 0 && { tags: Object.fromEntries(tags) as Record<string, string> }),
    ...(transitive.length > 0 && { transitiveTagKeys: transitive }),
    ...(typeof sourceIdentity === "string" && { sourceIdentity }),
  };
}

/** The trust policy must allow the tags and the source identity of a token as well. */
function actionsFor({ tags, sourceIdentity }: Wanted): string[] {
  return [
    "sts:AssumeRoleWithWebIdentity",
    ...(tags ? ["sts:TagSession"] : []),
    ...(sourceIdentity === undefined ? [] : ["sts:SetSourceIdentity"]),
  ];
}

/** The global keys of requests whose bearer is no principal of AWS yet. */
const bearerKeys: ReadonlySet<string> = new Set([
  "aws:currenttime",
  "aws:epochtime",
  "aws:securetransport",
  "aws:sourceip",
  "aws:useragent",
  "aws:requestedregion",
  "aws:federatedprovider",
]);

interface WebIdentityRequest {
  readonly input: Members;
  readonly call: Call;
  readonly claims: Record<string, string | string[]>;
  readonly wanted: Wanted;
}

function contextOf(cloud: Cloud, { input, call, claims, wanted }: WebIdentityRequest): Lookup {
  const own = fixedContext({
    ...claims,
    "sts:RoleSessionName": String(input.RoleSessionName),
    ...(input.DurationSeconds !== undefined && { "sts:DurationSeconds": String(input.DurationSeconds) }),
    ...(wanted.sourceIdentity !== undefined && { "sts:SourceIdentity": wanted.sourceIdentity }),
    ...(wanted.transitiveTagKeys && { "sts:TransitiveTagKeys": wanted.transitiveTagKeys }),
    ...(wanted.tags && { "aws:TagKeys": Object.keys(wanted.tags) }),
    ...Object.fromEntries(Object.entries(wanted.tags ?? {}).map(([key, value]) => [`aws:RequestTag/${key}`, value])),
  });
  const global = requestContext({
    call,
    input,
    requirement: { action: "sts:AssumeRoleWithWebIdentity", resource: "*" },
    region: cloud.region,
    principalTags: () => ({}),
    resourceTags: () => undefined,
    resourceAccount: cloud.accountId,
    ownAction: false,
  });
  return (key) => own(key) ?? (bearerKeys.has(key) ? global(key) : undefined);
}

function readClaims(token: string): Claims {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));
    if (typeof claims === "object" && claims !== null) return claims as Claims;
  } catch {
    // Answered below, as for a token that is JSON but no object.
  }
  throw new AwsError(
    "InvalidIdentityToken",
    "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
  );
}

function providerOf(cloud: Cloud, claims: Claims): OidcProviderRecord {
  const issuer = String(claims.iss).replace(/^https:\/\//, "");
  for (const provider of iamRecords(cloud).oidcProviders.values()) if (provider.url === issuer) return provider;
  throw new AwsError("InvalidIdentityToken", `No OpenIDConnect provider found in your account for https://${issuer}`);
}

/** Claims as condition keys: `token.actions.githubusercontent.com:sub`. */
function claimContext(url: string, claims: Claims): Record<string, string | string[]> {
  const plain = Object.entries(claims).filter(([, value]) => typeof value !== "object" || Array.isArray(value));
  return Object.fromEntries(
    plain.map(([name, value]) => [`${url}:${name}`, Array.isArray(value) ? value.map(String) : String(value)]),
  );
}
