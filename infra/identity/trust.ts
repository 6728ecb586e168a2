import { project } from "../../contract/names";
import type { Scope } from "../scope";
import { type Conditions, policyDocument, type Statement } from "./document";
import type { RoleDescription } from "./roles/role-definition";

/** Who may take a role. @param name of the role: that of a person says which of the listed people it is for. */
export function trustOf({ trusted }: RoleDescription, scope: Scope, name: string): string {
  if (trusted !== "people" && "provider" in trusted)
    return trustWorkflows(trusted.provider, trusted.issuer, trusted.subjects);
  if (trusted !== "people")
    return trusted.sendsNoAccount
      ? trustServiceBlindly(trusted.service)
      : trustService(trusted.service, scope.place.accountId, trusted.setsSourceIdentity);
  const { trustedPrincipals, requireMfa, members } = scope.settings.people;
  return trustPeople({
    principals: trustedPrincipals.length > 0 ? trustedPrincipals : [scope.arns.accountRoot],
    // What production serves is decided by the approver of the registry's environment, whichever that is.
    requireMfa: requireMfa || name === "approver",
    names: members.filter(({ role }) => role === name).map((person) => person.name),
    neverRoles: scope.arns.rolesAnywhere(`/${project}/`),
    identityCenterRoles: scope.arns.rolesAnywhere("/aws-reserved/sso.amazonaws.com/"),
  });
}

/**
 * Lets an AWS service assume a role, only on behalf of this account (no confused deputy).
 * @param setsSourceIdentity the service says in whose name it acts.
 */
export function trustService(service: string, accountId: string, setsSourceIdentity = false): string {
  return policyDocument([
    {
      Sid: "TrustService",
      Effect: "Allow",
      Principal: { Service: service },
      Action: setsSourceIdentity
        ? [
            // With the name of whoever it acts for.
            "sts:AssumeRole",
            "sts:SetSourceIdentity",
          ]
        : ["sts:AssumeRole"],
      Condition: { StringEquals: { "aws:SourceAccount": accountId } },
    },
  ]);
}

/**
 * Lets workflows assume a role, by the token of their issuer: meant for AWS, and for exactly the named subjects.
 * @param subjects without wildcards, which would let every branch or fork in that matches.
 */
function trustWorkflows(provider: string, issuer: string, subjects: readonly string[]): string {
  return policyDocument([
    {
      Sid: "TrustWorkflows",
      Effect: "Allow",
      Principal: { Federated: provider },
      Action: ["sts:AssumeRoleWithWebIdentity"],
      Condition: { StringEquals: { [`${issuer}:aud`]: "sts.amazonaws.com", [`${issuer}:sub`]: subjects } },
    },
  ]);
}

/** The same for the few services that do not say for whom they act: a condition on the account would shut them out. */
export function trustServiceBlindly(service: string): string {
  return policyDocument([
    { Sid: "TrustService", Effect: "Allow", Principal: { Service: service }, Action: ["sts:AssumeRole"] },
  ]);
}

/** Who may take a role of people. */
export interface TrustedPeople {
  /** ARNs of users, roles or accounts; of an account, its IAM policies decide who may. */
  readonly principals: readonly string[];
  readonly requireMfa: boolean;
  /** The source identities that may have the role; none leaves it to the principals. */
  readonly names: readonly string[];
  /** Roles of the environments: none of them becomes a person. */
  readonly neverRoles: string;
  /** Roles that IAM Identity Center makes. */
  readonly identityCenterRoles: string;
}

/**
 * Lets people assume a role, each under a name that they cannot choose: every session carries it as its source
 * identity, which stays in all that follows and in every record of the trail (IAM user guide, "Monitor and control
 * actions taken with assumed roles").
 * - Users of IAM give the name of their user.
 * - Sessions of an identity provider (SAML, OpenID Connect) keep the source identity that the provider set; STS lets
 * nobody change it. Its own
 *   second factor stands in for AWS's, which such sessions do not have. A session that a user took by AssumeRole is not among them: whoever
 *   made it could give it any name.
 * - Sessions of IAM Identity Center, which sets no source identity, give the name of the session: Identity Center sets
 * that to the user's. Nobody passes session tags: conditions on tags would believe them.
 */
export function trustPeople({ principals, requireMfa, names, neverRoles, identityCenterRoles }: TrustedPeople): string {
  const people = (sid: string, condition: Conditions): Statement => ({
    Sid: sid,
    Effect: "Allow",
    Principal: { AWS: principals },
    Action: takeAsPerson,
    Condition: condition,
  });
  return policyDocument([
    people("Users", {
      StringEquals: { "sts:SourceIdentity": "${aws:username}" },
      ...(requireMfa ? { Bool: { "aws:MultiFactorAuthPresent": "true" } } : {}),
    }),
    people("Federated", {
      Null: { "aws:SourceIdentity": "false", "aws:FederatedProvider": "false" },
      // When a chained call names nothing, STS carries the old name on; whether it shows as the new one, too, is not
      // documented.
      StringEqualsIfExists: { "sts:SourceIdentity": "${aws:SourceIdentity}" },
      ArnNotLike: { "aws:PrincipalArn": neverRoles },
    }),
    people("IdentityCenter", {
      StringLike: { "aws:userid": "*:${sts:SourceIdentity}" },
      ArnLike: { "aws:PrincipalArn": identityCenterRoles },
    }),
    ...(names.length > 0
      ? [
          {
            ...people("OnlyListed", { StringNotEquals: { "sts:SourceIdentity": names, "aws:SourceIdentity": names } }),
            Effect: "Deny" as const,
            Principal: { AWS: "*" },
          },
        ]
      : []),
  ]);
}

/** STS asks for both, also when a chained call carries the name on. */
const takeAsPerson = [
  // AssumeRole, and the name.
  "sts:AssumeRole",
  "sts:SetSourceIdentity",
];
