import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../component";
import { verifying } from "../identity/documents/approval";
import { policyDocument, type Statement } from "../identity/document";
import type { Scope } from "../scope";
import { thisKey } from "./key-policy";

/** What a signing key is, beside how it signs. */
interface SigningKeyArgs {
  readonly description: string;
  readonly alias: string;
  readonly policy: readonly Statement[];
}

/**
 * A key that signs. The private half never leaves KMS; whoever has the public half verifies without AWS. KMS cannot
 * rotate asymmetric keys (KMS developer guide, "Rotating keys"): a new key would leave earlier signatures without their
 * proof.
 */
export abstract class SigningKey extends Component {
  readonly key: aws.kms.Key;

  protected constructor(
    type: string,
    name: string,
    scope: Scope,
    { description, alias, policy }: SigningKeyArgs,
    options: pulumi.ComponentResourceOptions,
  ) {
    super("keys", type, name, scope, options);
    this.key = new aws.kms.Key(
      this.named("key"),
      {
        description,
        customerMasterKeySpec: "ECC_NIST_P256",
        keyUsage: "SIGN_VERIFY",
        deletionWindowInDays: scope.settings.retention.keyDeletionDays,
        policy: policyDocument(policy),
      },
      this.child(),
    );
    new aws.kms.Alias(this.named("alias"), { name: alias, targetKeyId: this.key.keyId }, this.child());
    this.registerOutputs({ keyArn: this.key.arn });
  }
}

/** The one algorithm that a P-256 key of KMS signs by. */
export const signingAlgorithm = { "kms:SigningAlgorithm": "ECDSA_SHA_256" };

/** Verifying is everybody's in the account whose own policy says so. */
export function accountVerifies({ arns }: Scope): Statement {
  return {
    Sid: "AccountVerifies",
    Effect: "Allow",
    Principal: { AWS: arns.accountRoot },
    Action: verifying,
    Resource: thisKey,
  };
}
