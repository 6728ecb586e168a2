import type * as pulumi from "@pulumi/pulumi";
import { verifying } from "../identity/documents/approval";
import type { Statement } from "../identity/document";
import { readerAccounts } from "../registry/readers";
import type { Scope } from "../scope";
import { administration, thisKey } from "./key-policy";
import { accountVerifies, SigningKey, signingAlgorithm } from "./signing-key";

/**
 * The key by which approvers sign what they decide about model packages: a signature under it was made by the approver's
 * role.
 */
export class ApprovalKey extends SigningKey {
  constructor(name: string, scope: Scope, options: pulumi.ComponentResourceOptions) {
    const description = `Decisions about model packages of Peregrine's environment ${scope.environment}`;
    const policy = approvalKeyPolicy(scope);
    super("ApprovalKey", name, scope, { description, alias: scope.approvalKeyAlias, policy }, options);
  }
}

/**
 * Signing is the approver's alone, whatever a later policy or grant says; verifying is everybody's whose own policy
 * says so. The approver is known by a condition and not as principal, since KMS refuses a policy that names a role
 * which is not there yet.
 */
export function approvalKeyPolicy(scope: Scope): Statement[] {
  const approver = { "aws:PrincipalArn": scope.roleArn("approver") };
  const readers = readerAccounts(scope);
  return [
    ...administration(scope),
    {
      Sid: "ApproverSigns",
      Effect: "Allow",
      Principal: { AWS: scope.arns.accountRoot },
      Action: ["kms:Sign"],
      Resource: thisKey,
      Condition: { ArnEquals: approver, StringEquals: signingAlgorithm },
    },
    {
      Sid: "NobodyElseSigns",
      Effect: "Deny",
      Principal: "*",
      Action: ["kms:Sign"],
      Resource: thisKey,
      Condition: { ArnNotEquals: approver },
    },
    accountVerifies(scope),
    ...(readers
      ? [{ Sid: "ReadersVerify", Effect: "Allow", Principal: readers, Action: verifying, Resource: thisKey } as const]
      : []),
  ];
}
