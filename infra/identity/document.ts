/** One statement of an IAM policy. */
export interface Statement {
  readonly Sid: string;
  readonly Effect: "Allow" | "Deny";
  readonly Principal?: "*" | Readonly<Record<string, string | readonly string[]>>;
  readonly Action: readonly string[];
  readonly Resource?: readonly string[];
  readonly NotResource?: readonly string[];
  readonly Condition?: Conditions;
}

export type Conditions = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/** Allows actions on resources. @param sid says what for; letters and digits only, as IAM demands. */
export function allow(sid: string, actions: readonly string[], resources: readonly string[], condition?: Conditions): Statement {
  return { Sid: sid, Effect: "Allow", Action: actions, Resource: resources, ...(condition ? { Condition: condition } : {}) };
}

/** Forbids actions on resources, whatever else allows them. */
export function deny(sid: string, actions: readonly string[], resources: readonly string[], condition?: Conditions): Statement {
  return { ...allow(sid, actions, resources, condition), Effect: "Deny" };
}

/** A policy document as IAM takes it: JSON without white space, which counts against the size limits. */
export function policyDocument(statements: readonly Statement[]): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: statements });
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
      Action: setsSourceIdentity ? ["sts:AssumeRole", "sts:SetSourceIdentity"] : ["sts:AssumeRole"],
      Condition: { StringEquals: { "aws:SourceAccount": accountId } },
    },
  ]);
}

/**
 * Lets workflows assume a role, by the token of their issuer: meant for AWS, and for exactly the named subjects.
 * @param subjects without wildcards, which would let every branch or fork in that matches.
 */
export function trustWorkflows(provider: string, issuer: string, subjects: readonly string[]): string {
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
  return policyDocument([{ Sid: "TrustService", Effect: "Allow", Principal: { Service: service }, Action: ["sts:AssumeRole"] }]);
}

/**
 * Lets people assume a role: the given principals, or the account, whose IAM policies then decide who may.
 * @param never pattern of roles that are no people, whatever a policy allows them: the platform's own. Otherwise who makes a role there could become anybody.
 */
export function trustPeople(principals: readonly string[], requireMfa: boolean, never: string): string {
  return policyDocument([
    {
      Sid: "TrustPeople",
      Effect: "Allow",
      Principal: { AWS: principals },
      // No session tags: conditions of ours look at tags.
      Action: ["sts:AssumeRole", "sts:SetSourceIdentity"],
      Condition: { ArnNotLike: { "aws:PrincipalArn": never }, ...(requireMfa ? { Bool: { "aws:MultiFactorAuthPresent": "true" } } : {}) },
    },
  ]);
}
