import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../component";
import { policyDocument } from "../identity/document";
import type { Role } from "../identity/identity";
import type { Scope } from "../scope";
import { ClosedBucket } from "../storage/bucket";
import { auditBucketPolicy, auditKeyPolicy } from "./policies";
import { eventSelectors } from "./selectors";

/** On what a teardown leaves behind on purpose, so that it is told apart from what was forgotten. */
const keptTag = { kept: "audit" } as const;

/**
 * Who did what: a trail with data events and log-file validation, into a bucket that locks what it holds, and into
 * CloudWatch Logs for searching. Bucket and key can outlive the stack; they go together, because a log file is worth no
 * more than its key.
 */
export class Audit extends Component {
  readonly trail: aws.cloudtrail.Trail;
  readonly bucket: aws.s3.Bucket;
  readonly key: aws.kms.Key;

  constructor(name: string, scope: Scope, role: Role, options: pulumi.ComponentResourceOptions) {
    super("audit", "Audit", name, scope, options);
    this.key = this.createKey();
    const bucket = this.createBucket();
    this.bucket = bucket.bucket;
    const logs = new aws.cloudwatch.LogGroup(
      this.named("logs"),
      { name: scope.trailLogGroup, retentionInDays: scope.settings.retention.logDays, kmsKeyId: this.key.arn },
      this.child(),
    );
    this.trail = new aws.cloudtrail.Trail(
      this.named("trail"),
      {
        name: scope.trailName,
        s3BucketName: this.bucket.bucket,
        kmsKeyId: this.key.arn,
        enableLogging: true,
        enableLogFileValidation: true,
        isMultiRegionTrail: true,
        includeGlobalServiceEvents: true,
        advancedEventSelectors: eventSelectors(scope),
        // CloudTrail takes the group's ARN with its streams.
        cloudWatchLogsGroupArn: pulumi.interpolate`${logs.arn}:*`,
        cloudWatchLogsRoleArn: role.arn,
      },
      this.child({ dependsOn: [...bucket.ready, role.duties] }),
    );
    // Of each log file the recorder is told (`recorder.ts`).
    new aws.s3.BucketNotification(
      this.named("told"),
      { bucket: this.bucket.bucket, eventbridge: true },
      this.child({ dependsOn: [...bucket.ready] }),
    );
    this.registerOutputs({ trailArn: this.trail.arn, bucket: this.bucket.bucket });
  }

  private createKey(): aws.kms.Key {
    const { scope } = this;
    const { audit, retention } = scope.settings;
    const key = new aws.kms.Key(
      this.named("key"),
      {
        description: `Audit trail of Peregrine's environment ${scope.environment}`,
        enableKeyRotation: true,
        deletionWindowInDays: retention.keyDeletionDays,
        policy: policyDocument(auditKeyPolicy(scope)),
        ...(audit.keep ? { tags: keptTag } : {}),
      },
      this.child(audit.keep ? { retainOnDelete: true } : {}),
    );
    new aws.kms.Alias(this.named("key-alias"), { name: scope.auditKeyAlias, targetKeyId: key.keyId }, this.child());
    return key;
  }

  /** Named by Pulumi, with random characters: a bucket that was kept must not stand in the way of the next one. */
  private createBucket(): ClosedBucket {
    const { scope } = this;
    const { audit, deleteWithContents } = scope.settings;
    return new ClosedBucket(
      this.named(scope.place.accountId),
      scope,
      {
        keyArn: this.key.arn,
        bucketKey: false,
        lifecycle: [
          {
            id: "log-files",
            status: "Enabled",
            filter: { prefix: "" },
            expiration: { days: audit.retentionDays },
            noncurrentVersionExpiration: { noncurrentDays: 1 },
          },
        ],
        policy: (bucketArn) => auditBucketPolicy(scope, bucketArn),
        lock: audit.lock,
        deleteWithContents,
        keep: audit.keep,
        ...(audit.keep ? { tags: keptTag } : {}),
      },
      { parent: this },
    );
  }
}
