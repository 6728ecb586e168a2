import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../component";
import { policyDocument, type Statement } from "../identity/document";
import type { Scope } from "../scope";

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
    this.alias = new aws.kms.Alias(this.named("alias"), { name: scope.keyAlias, targetKeyId: this.key.keyId }, this.child());
    this.registerOutputs({ keyArn: this.key.arn });
  }

  get arn(): pulumi.Output<string> {
    return this.key.arn;
  }
}

/**
 * The account decides through its IAM policies (without that statement nobody could repair the key policy), and the services
 * that write to encrypted topics and logs of this account may use the key. In a key policy "*" means this key.
 */
export function keyPolicy({ arns, settings: { region } }: Scope): Statement[] {
  const use = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"];
  return [
    { Sid: "AccountDecidesByIam", Effect: "Allow", Principal: { AWS: arns.accountRoot }, Action: ["kms:*"], Resource: ["*"] },
    // EventBridge sends no source account with the requests it makes for encrypted topics, so neither service is limited by it.
    { Sid: "AlertsReachTopics", Effect: "Allow", Principal: { Service: ["cloudwatch.amazonaws.com", "events.amazonaws.com"] }, Action: ["kms:Decrypt", "kms:GenerateDataKey*"], Resource: ["*"] },
    {
      Sid: "LogsAreEncrypted",
      Effect: "Allow",
      Principal: { Service: `logs.${region}.amazonaws.com` },
      Action: use,
      Resource: ["*"],
      Condition: { ArnLike: { "kms:EncryptionContext:aws:logs:arn": arns.logGroup("*") } },
    },
  ];
}
