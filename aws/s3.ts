import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  paginateListBuckets,
  paginateListObjectsV2,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  PutBucketEncryptionCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { type AwsSession, clientSettings, hasCode } from "./session";

/** An object's place in S3. */
export interface S3Location {
  readonly bucket: string;
  readonly key: string;
}

/** An object with its entity tag, as S3 writes it (in quotes). */
export interface TaggedObject {
  readonly body: Buffer;
  readonly tag: string;
}

/** What must hold for a write: the object still is the one with this tag, or there is none. */
export type WriteCondition = { readonly tag: string } | { readonly absent: true };

/** What became of a conditional write; `conflict` means that somebody else was faster, and that nothing was written. */
export type ConditionalWrite =
  { readonly outcome: "written"; readonly tag: string } | { readonly outcome: "conflict"; readonly code: string };

/** Splits `s3://bucket/key`. @throws Error naming the text when it is not an S3 URI. */
export function parseS3Uri(uri: string): S3Location {
  const match = /^s3:\/\/([^/]+)\/?(.*)$/.exec(uri);
  if (!match?.[1]) throw new Error(`not an S3 URI: ${uri} (expected s3://bucket/key)`);
  return { bucket: match[1], key: match[2] ?? "" };
}

/** S3: whole objects, listings, and emptying of versioned buckets. */
export class ObjectStore {
  private readonly client: S3Client;

  constructor(session: AwsSession) {
    this.client = new S3Client(clientSettings(session));
  }

  /** Makes a bucket in the given Region. */
  async createBucket(bucket: string, region: string): Promise<void> {
    const place =
      region === "us-east-1" ? {} : { CreateBucketConfiguration: { LocationConstraint: region as "eu-central-1" } };
    await this.client.send(new CreateBucketCommand({ Bucket: bucket, ...place }));
  }

  /** Has S3 encrypt a bucket's objects with a key, which is asked once for many of them (bucket key). */
  async encryptBucket(bucket: string, keyArn: string): Promise<void> {
    const Rules = [
      {
        ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms" as const, KMSMasterKeyID: keyArn },
        BucketKeyEnabled: true,
      },
    ];
    await this.client.send(
      new PutBucketEncryptionCommand({ Bucket: bucket, ServerSideEncryptionConfiguration: { Rules } }),
    );
  }

  /** The account's buckets whose names start so. */
  async bucketsNamed(start: string): Promise<string[]> {
    const names: string[] = [];
    for await (const { Buckets = [] } of paginateListBuckets({ client: this.client }, {}))
      names.push(...Buckets.flatMap(({ Name }) => (Name?.startsWith(start) ? [Name] : [])));
    return names;
  }

  async bucketExists(bucket: string): Promise<boolean> {
    try {
      await this.client.send(new HeadBucketCommand({ Bucket: bucket }));
      return true;
    } catch (error) {
      if (hasCode(error, "NotFound", "NoSuchBucket")) return false;
      throw error;
    }
  }

  /** The object's bytes, or undefined when it does not exist. */
  async get(location: S3Location): Promise<Buffer | undefined> {
    try {
      const answer = await this.client.send(new GetObjectCommand({ Bucket: location.bucket, Key: location.key }));
      return Buffer.from(await answer.Body!.transformToByteArray());
    } catch (error) {
      if (hasCode(error, "NoSuchKey")) return undefined;
      throw error;
    }
  }

  /** The object's bytes with the tag that `putIf` compares, or undefined when it does not exist. */
  async getWithTag(location: S3Location): Promise<TaggedObject | undefined> {
    try {
      const answer = await this.client.send(new GetObjectCommand({ Bucket: location.bucket, Key: location.key }));
      return { body: Buffer.from(await answer.Body!.transformToByteArray()), tag: answer.ETag! };
    } catch (error) {
      if (hasCode(error, "NoSuchKey")) return undefined;
      throw error;
    }
  }

  async exists(location: S3Location): Promise<boolean> {
    try {
      await this.client.send(new HeadObjectCommand({ Bucket: location.bucket, Key: location.key }));
      return true;
    } catch (error) {
      if (hasCode(error, "NotFound", "NoSuchKey")) return false;
      throw error;
    }
  }

  async put(location: S3Location, body: Buffer | string, contentType?: string): Promise<void> {
    await this.client.send(
      new PutObjectCommand({ Bucket: location.bucket, Key: location.key, Body: body, ContentType: contentType }),
    );
  }

  /**
   * Writes only where nobody else wrote since: S3 compares and writes in one step ("conditional writes", S3 User
   * Guide). Needs `s3:GetObject` beside `s3:PutObject`, since an answer tells what is there.
   */
  async putIf(
    location: S3Location,
    body: Buffer | string,
    condition: WriteCondition,
    contentType?: string,
  ): Promise<ConditionalWrite> {
    const when = "tag" in condition ? { IfMatch: condition.tag } : { IfNoneMatch: "*" };
    try {
      const answer = await this.client.send(
        new PutObjectCommand({
          Bucket: location.bucket,
          Key: location.key,
          Body: body,
          ContentType: contentType,
          ...when,
        }),
      );
      return { outcome: "written", tag: answer.ETag! };
    } catch (error) {
      // 412: the object is another one by now; 409: another write was under way; 404: the object was deleted meanwhile.
      if (hasCode(error, "PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey"))
        return { outcome: "conflict", code: (error as Error).name };
      throw error;
    }
  }

  /** Deletes the object (in a versioned bucket its earlier versions stay); absent is fine. */
  async delete(location: S3Location): Promise<void> {
    await this.client.send(new DeleteObjectCommand({ Bucket: location.bucket, Key: location.key }));
  }

  /** Deletes all versions of an object but its newest. */
  async deleteEarlier({ bucket, key }: S3Location): Promise<void> {
    let page: ListObjectVersionsCommandOutput;
    let [KeyMarker, VersionIdMarker]: [string?, string?] = [];
    do {
      page = await this.client.send(
        new ListObjectVersionsCommand({ Bucket: bucket, Prefix: key, KeyMarker, VersionIdMarker }),
      );
      for (const { Key, VersionId, IsLatest } of [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])])
        if (Key === key && !IsLatest)
          await this.client.send(new DeleteObjectCommand({ Bucket: bucket, Key, VersionId }));
      [KeyMarker, VersionIdMarker] = [page.NextKeyMarker, page.NextVersionIdMarker];
    } while (page.IsTruncated);
  }

  /** Copies inside S3, without the bytes passing through here (objects up to 5 GB). */
  async copy(from: S3Location, to: S3Location): Promise<void> {
    const source = `${from.bucket}/${from.key.split("/").map(encodeURIComponent).join("/")}`;
    await this.client.send(new CopyObjectCommand({ CopySource: source, Bucket: to.bucket, Key: to.key }));
  }

  /**
   * Deletes a bucket with everything in it; governance locks do not hold it up (`s3:BypassGovernanceRetention`),
   * compliance locks do.
   * @returns why S3 refuses the first object, or undefined when all is gone.
   */
  async deleteLocked(bucket: string): Promise<string | undefined> {
    for (;;) {
      const page = await this.client.send(new ListObjectVersionsCommand({ Bucket: bucket }));
      const objects = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])].map(({ Key, VersionId }) => ({
        Key,
        VersionId,
      }));
      if (objects.length === 0) break;
      const { Errors = [] } = await this.client.send(
        new DeleteObjectsCommand({
          Bucket: bucket,
          Delete: { Objects: objects, Quiet: true },
          BypassGovernanceRetention: true,
        }),
      );
      if (Errors[0]) return `s3://${bucket}/${Errors[0].Key}: ${Errors[0].Code} ${Errors[0].Message}`;
    }
    await this.client.send(new DeleteBucketCommand({ Bucket: bucket }));
    return undefined;
  }

  /** Objects under a prefix with their entity tags, without quotes, and when they were written. */
  async listTagged(
    bucket: string,
    prefix: string,
  ): Promise<{ key: string; bytes: number; tag: string; modified: string }[]> {
    const found: { key: string; bytes: number; tag: string; modified: string }[] = [];
    for await (const page of paginateListObjectsV2({ client: this.client }, { Bucket: bucket, Prefix: prefix }))
      for (const { Key, Size, ETag, LastModified } of page.Contents ?? [])
        found.push({
          key: Key!,
          bytes: Size ?? 0,
          tag: (ETag ?? "").replaceAll('"', ""),
          modified: LastModified!.toISOString(),
        });
    return found;
  }

  /** Keys under a prefix, in S3's (UTF-8 binary) order. */
  async list(bucket: string, prefix: string, limit = Infinity): Promise<{ key: string; bytes: number }[]> {
    const found: { key: string; bytes: number }[] = [];
    for await (const page of paginateListObjectsV2({ client: this.client }, { Bucket: bucket, Prefix: prefix })) {
      for (const object of page.Contents ?? []) found.push({ key: object.Key!, bytes: object.Size ?? 0 });
      if (found.length >= limit) break;
    }
    return found.slice(0, limit);
  }

  /** Names of the folders directly below a prefix, which ends in a slash. */
  async folders(bucket: string, prefix: string): Promise<string[]> {
    const found: string[] = [];
    for await (const page of paginateListObjectsV2(
      { client: this.client },
      { Bucket: bucket, Prefix: prefix, Delimiter: "/" },
    ))
      found.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix!.slice(prefix.length, -1)));
    return found;
  }

  /**
   * Deletes every version and delete marker of a bucket.
   * @param keep a key whose versions stay.
   * @returns how many were deleted.
   */
  async empty(bucket: string, keep?: string): Promise<number> {
    let deleted = 0;
    let page: ListObjectVersionsCommandOutput;
    let [KeyMarker, VersionIdMarker]: [string?, string?] = [];
    do {
      page = await this.client.send(new ListObjectVersionsCommand({ Bucket: bucket, KeyMarker, VersionIdMarker }));
      const objects = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])]
        .filter(({ Key }) => Key !== keep)
        .map(({ Key, VersionId }) => ({ Key, VersionId }));
      if (objects.length === 0) {
        [KeyMarker, VersionIdMarker] = [page.NextKeyMarker, page.NextVersionIdMarker];
        continue;
      }
      const answer = await this.client.send(
        new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: objects, Quiet: true } }),
      );
      const refused = answer.Errors?.[0];
      if (refused) throw new Error(`cannot delete s3://${bucket}/${refused.Key}: ${refused.Code} ${refused.Message}`);
      deleted += objects.length;
      // From the start again: what was listed before is gone, and a marker must not be a version that is.
      [KeyMarker, VersionIdMarker] = [undefined, undefined];
    } while (page.IsTruncated);
    return deleted;
  }
}
