import type { Call, Cloud, Members } from "../../cloud";
import { AwsError } from "../../errors";
import { fixedContext } from "../../iam/context";
import { evaluate } from "../../iam/evaluate";
import { compilePolicy } from "../../iam/policy";
import type { Principal } from "../../iam/principal";
import { iamRecords, type OidcProviderRecord } from "../../iam/records";
import { issue, packedPolicySize, roleByArn, roleSession, sessionPolicies, sessionSeconds } from "./sessions";

type Claims = Readonly<Record<string, unknown>>;

/**
 * A session for the bearer of an OpenID Connect token. Issuer, audience and lifetime are checked against the account's providers and the
 * claims against the role's trust policy; the token's signature is not, since the issuer's keys cannot be fetched.
 */
export function assumeRoleWithWebIdentity(cloud: Cloud, input: Members, call: Call): Members {
  const claims = readClaims(String(input.WebIdentityToken));
  if (typeof claims.exp !== "number" || claims.exp * 1000 < Date.now()) throw new AwsError("ExpiredTokenException", "Token expired: current date/time must be before the expiration date/time");
  const provider = providerOf(cloud, claims);
  const audience = [claims.aud].flat().map(String).find((client) => provider.clientIds.includes(client));
  if (!audience) throw new AwsError("InvalidIdentityToken", "Incorrect token audience");
  const bearer: Principal = { type: "user", arn: `${provider.url}:${String(claims.sub)}`, accountId: "", id: String(claims.sub), federatedProvider: provider.arn };
  const role = roleByArn(cloud, String(input.RoleArn));
  const decision = role && evaluate(
    {
      action: "sts:AssumeRoleWithWebIdentity",
      resource: role.arn,
      principal: bearer,
      lookup: fixedContext({ ...claimContext(provider.url, claims), "sts:RoleSessionName": String(input.RoleSessionName) }),
      resourceMustAllow: true,
    },
    { identity: [], resource: { name: role.arn, policy: compilePolicy(role.trust, "trust") } },
  );
  if (!role || !decision?.allowed) throw new AwsError("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity", 403);
  const policies = sessionPolicies(cloud, input);
  const session = roleSession(cloud, role, String(input.RoleSessionName), { federatedProvider: provider.arn, ...(policies && { sessionPolicies: policies }) });
  return {
    Credentials: issue(cloud, session, sessionSeconds(role, call.principal.type === "role" ? bearer : call.principal, input.DurationSeconds)),
    SubjectFromWebIdentityToken: String(claims.sub),
    AssumedRoleUser: { AssumedRoleId: session.id, Arn: session.arn },
    PackedPolicySize: packedPolicySize(policies, undefined),
    Provider: provider.arn,
    Audience: audience,
  };
}

function readClaims(token: string): Claims {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));
    if (typeof claims === "object" && claims !== null) return claims as Claims;
  } catch {
    // Answered below, as for a token that is JSON but no object.
  }
  throw new AwsError("InvalidIdentityToken", "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)");
}

function providerOf(cloud: Cloud, claims: Claims): OidcProviderRecord {
  const issuer = String(claims.iss).replace(/^https:\/\//, "");
  for (const provider of iamRecords(cloud).oidcProviders.values()) if (provider.url === issuer) return provider;
  throw new AwsError("InvalidIdentityToken", `No OpenIDConnect provider found in your account for https://${issuer}`);
}

/** Claims as condition keys: `token.actions.githubusercontent.com:sub`. */
function claimContext(url: string, claims: Claims): Record<string, string | string[]> {
  const plain = Object.entries(claims).filter(([, value]) => typeof value !== "object" || Array.isArray(value));
  return Object.fromEntries(plain.map(([name, value]) => [`${url}:${name}`, Array.isArray(value) ? value.map(String) : String(value)]));
}
