import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../component";
import { policyDocument, type Statement } from "../identity/document";
import type { Scope } from "../scope";

export interface ClosedBucketArgs {
  /**
   * Physical name; without it Pulumi makes one from the component's name. Bucket names are global: either carries the
   * account id.
   */
  readonly bucket?: string;
  /** Key of the default encryption; undefined for S3's own keys. */
  readonly keyArn: pulumi.Input<string> | undefined;
  /**
   * One KMS request per bucket and time slice instead of one per object. Off where a key policy looks at the encryption
   * context, which S3 then replaces by its own.
   */
  readonly bucketKey?: boolean;
  readonly lifecycle: aws.types.input.s3.BucketLifecycleConfigurationRule[];
  /** Statements beyond "TLS only", for the bucket's ARN. */
  readonly policy?: (bucketArn: string) => readonly Statement[];
  readonly lock?: { readonly mode: "governance" | "compliance"; readonly days: number };
  /** Objects go with the bucket when the stack is destroyed. */
  readonly deleteWithContents: boolean;
  /** The bucket outlives the stack, with all of its settings. */
  readonly keep?: boolean;
  readonly tags?: Readonly<Record<string, string>>;
}

/**
 * A bucket as all of ours are: versioned, encrypted, closed to the public and to plain HTTP, with an end for everything
 * in it.
 */
export class ClosedBucket extends Component {
  readonly bucket: aws.s3.Bucket;
  /** Settings without which nothing should be written. */
  readonly ready: readonly pulumi.Resource[];

  constructor(
    name: string,
    scope: Scope,
    private readonly args: ClosedBucketArgs,
    options: pulumi.ComponentResourceOptions,
  ) {
    super("storage", "ClosedBucket", name, scope, options);
    this.bucket = new aws.s3.Bucket(
      args.bucket ? this.named("bucket") : name,
      {
        ...(args.bucket ? { bucket: args.bucket } : {}),
        forceDestroy: args.deleteWithContents,
        // Object Lock can be had at birth only.
        ...(args.lock ? { objectLockEnabled: true } : {}),
        ...(args.tags ? { tags: { ...args.tags } } : {}),
      },
      this.kept(),
    );
    const bucket = this.bucket.bucket;
    const versioning = new aws.s3.BucketVersioning(
      this.named("versioning"),
      { bucket, versioningConfiguration: { status: "Enabled" } },
      this.kept(),
    );
    const encryption = new aws.s3.BucketServerSideEncryptionConfiguration(
      this.named("encryption"),
      { bucket, rules: [encryptionRule(args)] },
      this.kept(),
    );
    new aws.s3.BucketOwnershipControls(
      this.named("ownership"),
      { bucket, rule: { objectOwnership: "BucketOwnerEnforced" } },
      this.kept(),
    );
    const closed = new aws.s3.BucketPublicAccessBlock(
      this.named("public-access"),
      { bucket, blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true },
      this.kept(),
    );
    // S3 refuses two changes of a bucket's access at the same time: one after the other.
    const policy = new aws.s3.BucketPolicy(
      this.named("policy"),
      { bucket, policy: this.policy() },
      this.kept({ dependsOn: [closed] }),
    );
    new aws.s3.BucketLifecycleConfiguration(
      this.named("lifecycle"),
      { bucket, rules: args.lifecycle },
      this.kept({ dependsOn: [versioning] }),
    );
    if (args.lock) this.lock(args.lock, versioning);
    this.ready = [versioning, encryption, policy];
    this.registerOutputs({ bucket });
  }

  private policy(): pulumi.Input<string> {
    const { bucket, policy } = this.args;
    const document = (arn: string) => policyDocument([...tlsOnly(arn), ...(policy?.(arn) ?? [])]);
    // A name of ours is known before the bucket is, so that a first preview shows the document.
    return bucket ? document(this.scope.arns.bucket(bucket)) : this.bucket.arn.apply(document);
  }

  private lock({ mode, days }: NonNullable<ClosedBucketArgs["lock"]>, versioning: pulumi.Resource): void {
    new aws.s3.BucketObjectLockConfiguration(
      this.named("lock"),
      {
        bucket: this.bucket.bucket,
        objectLockEnabled: "Enabled",
        rule: { defaultRetention: { mode: mode.toUpperCase(), days } },
      },
      this.kept({ dependsOn: [versioning] }),
    );
  }

  private kept(options: pulumi.CustomResourceOptions = {}): pulumi.CustomResourceOptions {
    return this.child({ ...options, ...(this.args.keep ? { retainOnDelete: true } : {}) });
  }
}

function encryptionRule({
  keyArn,
  bucketKey = true,
}: ClosedBucketArgs): aws.types.input.s3.BucketServerSideEncryptionConfigurationRule {
  if (keyArn === undefined) return { applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } };
  return {
    applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: keyArn },
    bucketKeyEnabled: bucketKey,
  };
}

/** Refuses requests without TLS, or with a TLS older than 1.2. Who may do what is said by the roles. */
export function tlsOnly(bucketArn: string): Statement[] {
  const everything = {
    Effect: "Deny",
    Principal: "*",
    Action: ["s3:*"],
    Resource: [bucketArn, `${bucketArn}/*`],
  } as const;
  return [
    { Sid: "TlsOnly", ...everything, Condition: { Bool: { "aws:SecureTransport": "false" } } },
    { Sid: "RecentTlsOnly", ...everything, Condition: { NumericLessThan: { "s3:TlsVersion": "1.2" } } },
  ];
}
