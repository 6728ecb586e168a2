import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../component";
import { policyDocument } from "../identity/document";
import { prefixes } from "../identity/roles";
import type { Scope } from "../scope";
import { artifactsBucketPolicy } from "./bucket-policy";

/**
 * The artifacts bucket: outputs of pipelines, released models, captured data. Versioned, encrypted with the environment's
 * key, closed to the public and to plain HTTP. The dataset bucket belongs to somebody else and is only named here.
 */
export class Storage extends Component {
  readonly artifacts: aws.s3.Bucket;
  /** Exists so that comparing with a champion finds its prefix when there is no champion yet. */
  readonly championMarker: aws.s3.BucketObjectv2;

  constructor(name: string, scope: Scope, keyArn: pulumi.Input<string>, options: pulumi.ComponentResourceOptions) {
    super("storage", "Storage", name, scope, options);
    this.artifacts = new aws.s3.Bucket(
      this.named("artifacts"),
      { bucket: scope.artifactsBucket, forceDestroy: scope.settings.deleteWithContents },
      this.child(),
    );
    const bucket = this.artifacts.bucket;
    const versioning = new aws.s3.BucketVersioning(this.named("versioning"), { bucket, versioningConfiguration: { status: "Enabled" } }, this.child());
    const encryption = new aws.s3.BucketServerSideEncryptionConfiguration(
      this.named("encryption"),
      // A bucket key: one KMS request per bucket and time slice instead of one per object.
      { bucket, rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: keyArn }, bucketKeyEnabled: true }] },
      this.child(),
    );
    new aws.s3.BucketOwnershipControls(this.named("ownership"), { bucket, rule: { objectOwnership: "BucketOwnerEnforced" } }, this.child());
    const closed = new aws.s3.BucketPublicAccessBlock(
      this.named("public-access"),
      { bucket, blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true },
      this.child(),
    );
    // S3 refuses two changes of a bucket's access at the same time: one after the other.
    new aws.s3.BucketPolicy(this.named("policy"), { bucket, policy: policyDocument(artifactsBucketPolicy(scope)) }, this.child({ dependsOn: [closed] }));
    new aws.s3.BucketLifecycleConfiguration(this.named("lifecycle"), { bucket, rules: lifecycleRules(scope) }, this.child({ dependsOn: [versioning] }));
    this.championMarker = new aws.s3.BucketObjectv2(
      this.named("champion-marker"),
      { bucket, key: `${prefixes.champion}README.txt`, content: "The champion's model.tar.gz lies here; without it candidates are judged alone.\n", contentType: "text/plain" },
      this.child({ dependsOn: [versioning, encryption] }),
    );
    this.registerOutputs({ bucket });
  }
}

/** What is kept how long. Released models and the experiments' records stay. */
export function lifecycleRules({ settings: { retention } }: Scope): aws.types.input.s3.BucketLifecycleConfigurationRule[] {
  const expire = (id: string, prefix: string, days: number) => ({ id, status: "Enabled", filter: { prefix }, expiration: { days } });
  return [
    expire("captured-data", prefixes.capture, retention.captureDays),
    expire("pipeline-runs", prefixes.runs, retention.runDays),
    expire("checkpoints", prefixes.checkpoints, retention.runDays),
    { id: "old-versions", status: "Enabled", filter: { prefix: "" }, noncurrentVersionExpiration: { noncurrentDays: retention.runDays } },
    { id: "broken-uploads", status: "Enabled", filter: { prefix: "" }, abortIncompleteMultipartUpload: { daysAfterInitiation: 7 } },
  ];
}
