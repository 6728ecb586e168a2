import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../component";
import type { Statement } from "../identity/document";
import { prefixes } from "../../contract/places";
import { settingsStay, writersOnly } from "../identity/writers";
import { artifactsForReaders } from "../registry/readers";
import type { Scope } from "../scope";
import { ClosedBucket } from "./bucket";

/**
 * The artifacts bucket: outputs of pipelines, released models, captured data, each with an end of its own. Versioned,
 * encrypted with the environment's key, closed to the public and to plain HTTP. The dataset bucket belongs to somebody
 * else and is only named here.
 */
export class Storage extends Component {
  readonly artifacts: aws.s3.Bucket;
  /** Exists so that comparing with a champion finds its prefix when there is no champion yet. */
  readonly championMarker: aws.s3.BucketObjectv2;
  /** Settings of the artifacts bucket without which nothing should be written there. */
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, scope: Scope, keyArn: pulumi.Input<string>, options: pulumi.ComponentResourceOptions) {
    super("storage", "Storage", name, scope, options);
    const { audit, deleteWithContents } = scope.settings;
    const artifacts = new ClosedBucket(
      this.named("artifacts"),
      scope,
      {
        bucket: scope.artifactsBucket,
        keyArn,
        lifecycle: lifecycleRules(scope),
        policy: () => [...artifactsForReaders(scope), ...writersOnly(scope)],
        deleteWithContents,
      },
      { parent: this },
    );
    this.artifacts = artifacts.bucket;
    this.ready = artifacts.ready;
    if (audit.accessLogs) this.logAccess();
    this.championMarker = new aws.s3.BucketObjectv2(
      this.named("champion-marker"),
      {
        bucket: this.artifacts.bucket,
        key: `${prefixes.champion}README.txt`,
        content: "The champion's model.tar.gz lies here; without it candidates are judged alone.\n",
        contentType: "text/plain",
      },
      this.child({ dependsOn: [...artifacts.ready] }),
    );
    this.registerOutputs({ bucket: this.artifacts.bucket });
  }

  /**
   * Requests to the artifacts bucket, as S3 sees them. S3 delivers them to buckets with its own encryption only (S3
   * user guide, "Enabling Amazon S3 server access logging").
   */
  private logAccess(): void {
    const { scope } = this;
    const { audit, deleteWithContents } = scope.settings;
    const logs = new ClosedBucket(
      this.named("access-logs"),
      scope,
      {
        bucket: scope.accessLogsBucket,
        keyArn: undefined,
        lifecycle: [
          {
            id: "access-logs",
            status: "Enabled",
            filter: { prefix: "" },
            expiration: { days: audit.retentionDays },
            noncurrentVersionExpiration: { noncurrentDays: 1 },
          },
        ],
        policy: (bucketArn) => [...accessLogDelivery(scope, bucketArn), settingsStay(scope, bucketArn)],
        deleteWithContents,
      },
      { parent: this },
    );
    new aws.s3.BucketLogging(
      this.named("logging"),
      {
        bucket: this.artifacts.bucket,
        targetBucket: logs.bucket.bucket,
        targetPrefix: "artifacts/",
        targetObjectKeyFormat: { partitionedPrefix: { partitionDateSource: "EventTime" } },
      },
      this.child({ dependsOn: [...logs.ready] }),
    );
  }
}

/** S3's log delivery may write, for the artifacts bucket of this account alone. */
export function accessLogDelivery(
  { arns, artifactsBucket, place: { accountId } }: Scope,
  bucketArn: string,
): Statement[] {
  return [
    {
      Sid: "AccessLogsArrive",
      Effect: "Allow",
      Principal: { Service: "logging.s3.amazonaws.com" },
      Action: ["s3:PutObject"],
      Resource: [`${bucketArn}/artifacts/*`],
      Condition: {
        ArnLike: { "aws:SourceArn": arns.bucket(artifactsBucket) },
        StringEquals: { "aws:SourceAccount": accountId },
      },
    },
  ];
}

/** What is kept how long. Released models and the experiments' records stay. */
export function lifecycleRules({
  settings: { retention },
}: Scope): aws.types.input.s3.BucketLifecycleConfigurationRule[] {
  const expire = (id: string, prefix: string, days: number) => ({
    id,
    status: "Enabled",
    filter: { prefix },
    expiration: { days },
  });
  return [
    expire("captured-data", prefixes.capture, retention.captureDays),
    expire("held-images", prefixes.held, retention.captureDays),
    expire("pipeline-runs", prefixes.runs, retention.runDays),
    expire("checkpoints", prefixes.checkpoints, retention.runDays),
    {
      id: "old-versions",
      status: "Enabled",
      filter: { prefix: "" },
      noncurrentVersionExpiration: { noncurrentDays: retention.runDays },
    },
    {
      id: "broken-uploads",
      status: "Enabled",
      filter: { prefix: "" },
      abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
    },
  ];
}
