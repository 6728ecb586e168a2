import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../component";
import { policyDocument } from "../identity/document";
import type { Scope } from "../scope";
import { keyPolicy } from "./key-policy";

/** The environment's encryption key: buckets, topics and logs use it. */
export class EnvironmentKey extends Component {
  readonly key: aws.kms.Key;
  readonly alias: aws.kms.Alias;

  constructor(name: string, scope: Scope, options: pulumi.ComponentResourceOptions) {
    super("keys", "EnvironmentKey", name, scope, options);
    this.key = new aws.kms.Key(
      this.named("key"),
      {
        description: `Data of Peregrine's environment ${scope.environment}`,
        enableKeyRotation: true,
        deletionWindowInDays: scope.settings.retention.keyDeletionDays,
        policy: policyDocument(keyPolicy(scope)),
      },
      this.child(),
    );
    this.alias = new aws.kms.Alias(
      this.named("alias"),
      { name: scope.keyAlias, targetKeyId: this.key.keyId },
      this.child(),
    );
    this.registerOutputs({ keyArn: this.key.arn });
  }

  get arn(): pulumi.Output<string> {
    return this.key.arn;
  }
}
