import {
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutPublicAccessBlockCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { type AwsSession, clientSettings, hasCode } from "./session";

/** All four switches that keep a bucket from the public. */
const closed = {
  BlockPublicAcls: true,
  BlockPublicPolicy: true,
  IgnorePublicAcls: true,
  RestrictPublicBuckets: true,
};

/** Who may come near buckets, and whether they keep what is written over. */
export class BucketSettings {
  private readonly client: S3Client;

  constructor(session: AwsSession) {
    this.client = new S3Client(clientSettings(session));
  }

  async policy(Bucket: string): Promise<string | undefined> {
    try {
      return (await this.client.send(new GetBucketPolicyCommand({ Bucket }))).Policy;
    } catch (error) {
      if (hasCode(error, "NoSuchBucketPolicy")) return undefined;
      throw error;
    }
  }

  async setPolicy(Bucket: string, Policy: string): Promise<void> {
    await this.client.send(new PutBucketPolicyCommand({ Bucket, Policy }));
  }

  async isVersioned(Bucket: string): Promise<boolean> {
    return (await this.client.send(new GetBucketVersioningCommand({ Bucket }))).Status === "Enabled";
  }

  async version(Bucket: string): Promise<void> {
    await this.client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
  }

  /** Whether nobody can open it to the public. */
  async isClosed(Bucket: string): Promise<boolean> {
    try {
      const { PublicAccessBlockConfiguration: found = {} } = await this.client.send(
        new GetPublicAccessBlockCommand({ Bucket }),
      );
      return Object.keys(closed).every((name) => found[name as keyof typeof closed] === true);
    } catch (error) {
      if (hasCode(error, "NoSuchPublicAccessBlockConfiguration")) return false;
      throw error;
    }
  }

  async close(Bucket: string): Promise<void> {
    await this.client.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: closed }));
  }
}
