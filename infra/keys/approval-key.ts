import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../component";
import { policyDocument, type Statement } from "../identity/document";
import { readerAccounts } from "../registry/readers";
import type { Scope } from "../scope";
import { administration } from "./key-policy";

/** In a key policy "*" means this key. */
const thisKey = ["*"];
/** What it takes to verify a signature, inside of KMS or outside. */
const verifying = [
  // KMS answers `Verify` itself; with the public key anybody else can.
  "kms:DescribeKey",
  "kms:GetPublicKey",
  "kms:Verify",
];

/**
 * The key by which approvers sign what they decide about model packages. The private half never leaves KMS, so a
 * signature under it was made by the approver's role; whoever has the public half verifies it without AWS. KMS cannot
 * rotate asymmetric keys (KMS developer guide, "Rotating keys"): a new key would leave earlier decisions without their
 * proof.
 */
export class ApprovalKey extends Component {
  readonly key: aws.kms.Key;

  constructor(name: string, scope: Scope, options: pulumi.ComponentResourceOptions) {
    super("keys", "ApprovalKey", name, scope, options);
    this.key = new aws.kms.Key(
      this.named("key"),
      {
        description: `Decisions about model packages of Peregrine's environment ${scope.environment}`,
        customerMasterKeySpec: "ECC_NIST_P256",
        keyUsage: "SIGN_VERIFY",
        deletionWindowInDays: scope.settings.retention.keyDeletionDays,
        policy: policyDocument(approvalKeyPolicy(scope)),
      },
      this.child(),
    );
    new aws.kms.Alias(this.named("alias"), { name: scope.approvalKeyAlias, targetKeyId: this.key.keyId }, this.child());
    this.registerOutputs({ keyArn: this.key.arn });
  }
}

/**
 * Signing is the approver's alone, whatever a later policy or grant says; verifying is everybody's whose own policy
 * says so. The approver is known by a condition and not as principal, since KMS refuses a policy that names a role
 * which is not there yet.
 */
export function approvalKeyPolicy(scope: Scope): Statement[] {
  const approver = { "aws:PrincipalArn": scope.roleArn("approver") };
  const account = { AWS: scope.arns.accountRoot };
  const readers = readerAccounts(scope);
  return [
    ...administration(scope),
    {
      Sid: "ApproverSigns",
      Effect: "Allow",
      Principal: account,
      Action: ["kms:Sign"],
      Resource: thisKey,
      Condition: { ArnEquals: approver, StringEquals: { "kms:SigningAlgorithm": "ECDSA_SHA_256" } },
    },
    {
      Sid: "NobodyElseSigns",
      Effect: "Deny",
      Principal: "*",
      Action: ["kms:Sign"],
      Resource: thisKey,
      Condition: { ArnNotEquals: approver },
    },
    { Sid: "AccountVerifies", Effect: "Allow", Principal: account, Action: verifying, Resource: thisKey },
    ...(readers
      ? [{ Sid: "ReadersVerify", Effect: "Allow", Principal: readers, Action: verifying, Resource: thisKey } as const]
      : []),
  ];
}
