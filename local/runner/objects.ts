import { createHash } from "node:crypto";
import { constants, existsSync, mkdirSync, readdirSync, renameSync, statSync } from "node:fs";
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import type { Cloud } from "../cloud";
import type { Members } from "../members";
import { dependentFacts } from "../iam/dependents/facts";
import type { Principal } from "../iam/principal";

/** Who a service says it is in audit records of what it does with a customer's role. */
const SAGEMAKER = "sagemaker.amazonaws.com";
/** Transfers at a time; S3 behind the local cloud is one Python process, more would only queue there. */
const PARALLEL = 8;
/** Larger objects are not kept in the cache. */
const CACHEABLE_BYTES = 256 * 1024 * 1024;

export interface ObjectSummary {
  readonly key: string;
  readonly etag: string;
  readonly size: number;
}

export interface S3Location {
  readonly bucket: string;
  readonly key: string;
}

/** @throws TypeError for anything but `s3://bucket[/key]`. */
export function parseS3Uri(uri: string): S3Location {
  const match = /^s3:\/\/([^/]+)\/?(.*)$/s.exec(uri);
  if (!match) throw new TypeError(`${uri} is not an S3 URI (s3://bucket/key)`);
  return { bucket: match[1]!, key: match[2]! };
}

/**
 * S3 as a role sees it: every transfer of a job or endpoint is a request of its execution role, so a missing permission
 * fails it with AWS's message. Contents are kept on disk by ETag; a hit is authorised like a request, only not fetched
 * again.
 */
export class Objects {
  constructor(
    private readonly cloud: Cloud,
    private readonly cacheDir: string,
  ) {}

  async list(principal: Principal, bucket: string, prefix: string, maxKeys?: number): Promise<ObjectSummary[]> {
    const found: ObjectSummary[] = [];
    let token: string | undefined;
    do {
      const page = await this.call(principal, "ListObjectsV2", {
        Bucket: bucket,
        Prefix: prefix,
        ...(maxKeys ? { MaxKeys: maxKeys } : {}),
        ...(token ? { ContinuationToken: token } : {}),
      });
      for (const item of (page.Contents ?? []) as Members[]) {
        found.push({
          key: String(item.Key),
          etag: String(item.ETag ?? "").replaceAll('"', ""),
          size: Number(item.Size ?? 0),
        });
      }
      token =
        !maxKeys && (page.IsTruncated === true || page.IsTruncated === "true")
          ? (page.NextContinuationToken as string)
          : undefined;
    } while (token);
    return found;
  }

  async head(principal: Principal, at: S3Location): Promise<ObjectSummary> {
    const head = await this.call(principal, "HeadObject", { Bucket: at.bucket, Key: at.key });
    return { key: at.key, etag: String(head.ETag ?? "").replaceAll('"', ""), size: Number(head.ContentLength ?? 0) };
  }

  async read(principal: Principal, at: S3Location): Promise<Buffer> {
    const answer = await this.call(principal, "GetObject", { Bucket: at.bucket, Key: at.key });
    return toBuffer(answer.Body);
  }

  /** Downloads one object. With `known` (from a list) the content may come from the cache. */
  async download(principal: Principal, at: S3Location, file: string, known?: ObjectSummary): Promise<void> {
    mkdirSync(dirname(file), { recursive: true });
    const cached = known?.etag ? this.cacheFile(known.etag, known.size) : undefined;
    if (cached && existsSync(cached) && (await this.mayRead(principal, at)))
      return copyFile(cached, file, constants.COPYFILE_FICLONE);
    const body = await this.read(principal, at);
    await writeFile(file, body);
    if (known?.etag) await this.remember(file, known.etag, known.size);
  }

  /**
   * Downloads all objects below a prefix, each to its place relative to the prefix.
   * @param wanted which of them, by their place in the list.
   * @returns how many.
   */
  async downloadPrefix(
    principal: Principal,
    uri: string,
    folder: string,
    wanted: (object: ObjectSummary, index: number) => boolean = () => true,
  ): Promise<number> {
    const { bucket, key: prefix } = parseS3Uri(uri);
    const objects = (await this.list(principal, bucket, prefix))
      .filter((object) => !object.key.endsWith("/"))
      .filter(wanted);
    mkdirSync(folder, { recursive: true });
    await inParallel(objects, async (object) => {
      const place = object.key === prefix ? basename(object.key) : object.key.slice(prefix.length).replace(/^\/+/, "");
      await this.download(principal, { bucket, key: object.key }, join(folder, place), object);
    });
    return objects.length;
  }

  async write(principal: Principal, at: S3Location, body: Buffer, kmsKeyId?: string): Promise<string> {
    const answer = await this.call(principal, "PutObject", {
      Bucket: at.bucket,
      Key: at.key,
      Body: body,
      ...(kmsKeyId ? { ServerSideEncryption: "aws:kms", SSEKMSKeyId: kmsKeyId } : {}),
    });
    return String(answer.ETag ?? "").replaceAll('"', "");
  }

  async upload(principal: Principal, file: string, at: S3Location, kmsKeyId?: string): Promise<void> {
    const body = await readFile(file);
    const etag = await this.write(principal, at, body, kmsKeyId);
    await this.remember(file, etag, body.length);
  }

  /**
   * Uploads a folder below a prefix.
   * @param known digests by relative path of what is there already; kept up to date.
   */
  async uploadFolder(
    principal: Principal,
    folder: string,
    uri: string,
    options: { kmsKeyId?: string; known?: Map<string, string> } = {},
  ): Promise<number> {
    const { bucket, key } = parseS3Uri(uri);
    const prefix = key === "" || key.endsWith("/") ? key : `${key}/`;
    const files = filesBelow(folder);
    await inParallel(files, async (file) => {
      const path = relative(folder, file).split("\\").join("/");
      if (options.known) {
        const digest = createHash("md5")
          .update(await readFile(file))
          .digest("hex");
        if (options.known.get(path) === digest) return;
        options.known.set(path, digest);
      }
      await this.upload(principal, file, { bucket, key: prefix + path }, options.kmsKeyId);
    });
    return files.length;
  }

  private call(principal: Principal, operation: string, input: Members): Promise<Members> {
    return this.cloud.as(principal, "s3", operation, input, SAGEMAKER);
  }

  /** Authorises a read that the cache will answer. @throws AwsError AccessDenied as the request itself would. */
  private async mayRead(principal: Principal, at: S3Location): Promise<true> {
    const input = { Bucket: at.bucket, Key: at.key };
    const call = this.cloud.arrive(this.cloud.asked(principal, "s3", "GetObject", SAGEMAKER));
    const s3 = this.cloud.services.get("s3");
    if (s3) {
      this.cloud.authoriser.authorise(s3, input, call);
      // Where all objects of a bucket have its key, nobody has to look.
      const facts = dependentFacts(this.cloud);
      const { key, bucketKey = false } = facts.keyOf(`arn:aws:s3:::${at.bucket}`) ?? {};
      const head = facts.mixedBuckets.has(at.bucket)
        ? await this.call(principal, "HeadObject", input)
        : { SSEKMSKeyId: key, BucketKeyEnabled: bucketKey };
      this.cloud.authoriser.authoriseAnswer?.(s3, input, head, call);
    }
    return true;
  }

  private cacheFile(etag: string, size: number): string {
    return join(this.cacheDir, etag.slice(0, 2), `${etag}-${size}`);
  }

  private async remember(file: string, etag: string, size: number): Promise<void> {
    if (!/^[0-9a-f]{32}(-\d+)?$/.test(etag) || size > CACHEABLE_BYTES) return;
    const target = this.cacheFile(etag, size);
    if (existsSync(target)) return;
    mkdirSync(dirname(target), { recursive: true });
    // Written beside and renamed: a kill in the middle must not leave a truncated content under its digest.
    const fresh = `${target}.${process.pid}.${Math.random().toString(36).slice(2)}`;
    await copyFile(file, fresh, constants.COPYFILE_FICLONE);
    renameSync(fresh, target);
  }
}

/** All regular files below a folder, sorted. */
export function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((path) => join(folder, path))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile())
    .sort();
}

/** Runs `work` for each item, a few at a time; stops at the first failure. */
async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length) await work(items[next++]!);
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL, items.length) }, lane));
}

function toBuffer(body: unknown): Buffer {
  if (Buffer.isBuffer(body)) return body;
  if (body instanceof Uint8Array) return Buffer.from(body);
  return Buffer.from(String(body ?? ""), "utf8");
}
