import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../component";
import { verifying } from "../identity/documents/approval";
import { policyDocument, type Statement } from "../identity/document";
import { ourRoles, writerArns } from "../identity/writers";
import type { Scope } from "../scope";
import { administration } from "./key-policy";

/**
 * The key by which checkpoints of the environment's log are signed. Like the approvers' key it never leaves KMS, and is
 * not rotated: a new key would leave earlier checkpoints without their proof.
 */
export class LogKey extends Component {
  readonly key: aws.kms.Key;

  constructor(name: string, scope: Scope, options: pulumi.ComponentResourceOptions) {
    super("keys", "LogKey", name, scope, options);
    this.key = new aws.kms.Key(
      this.named("key"),
      {
        description: `Checkpoints of the log of Peregrine's environment ${scope.environment}`,
        customerMasterKeySpec: "ECC_NIST_P256",
        keyUsage: "SIGN_VERIFY",
        deletionWindowInDays: scope.settings.retention.keyDeletionDays,
        policy: policyDocument(logKeyPolicy(scope)),
      },
      this.child(),
    );
    new aws.kms.Alias(this.named("alias"), { name: scope.logKeyAlias, targetKeyId: this.key.keyId }, this.child());
    this.registerOutputs({ keyArn: this.key.arn });
  }
}

/**
 * Of our roles only those sign that write the log; besides them the account's administrators, who release by hand.
 * Verifying is everybody's whose own policy says so.
 */
export function logKeyPolicy(scope: Scope): Statement[] {
  const account = { AWS: scope.arns.accountRoot };
  const thisKey = ["*"];
  return [
    ...administration(scope),
    {
      Sid: "AccountSigns",
      Effect: "Allow",
      Principal: account,
      Action: ["kms:Sign"],
      Resource: thisKey,
      Condition: { StringEquals: { "kms:SigningAlgorithm": "ECDSA_SHA_256" } },
    },
    {
      Sid: "WritersOfTheLogSign",
      Effect: "Deny",
      Principal: "*",
      Action: ["kms:Sign"],
      Resource: thisKey,
      Condition: {
        ArnLike: { "aws:PrincipalArn": ourRoles(scope) },
        ArnNotLike: { "aws:PrincipalArn": writerArns(scope, "ledger") },
      },
    },
    { Sid: "AccountVerifies", Effect: "Allow", Principal: account, Action: verifying, Resource: thisKey },
  ];
}
