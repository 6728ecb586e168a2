import type { Cloud } from "../cloud";
import { RawResponse } from "../raw";
import { AwsError } from "../errors";
import type { Principal } from "../iam/principal";

/** Bytes of a blob member, however it arrived. */
export function bytes(value: unknown): Buffer {
  if (value === undefined || value === null) return Buffer.alloc(0);
  if (Buffer.isBuffer(value)) return value;
  if (value instanceof Uint8Array) return Buffer.from(value);
  return Buffer.from(String(value));
}

/**
 * Reads an S3 object as a principal: authorised and recorded like any other request.
 * @throws AwsError as S3 answers it (`NoSuchKey`, `AccessDenied`, ...).
 */
export async function readObject(
  cloud: Cloud,
  principal: Principal,
  bucket: string,
  key: string,
  userAgent: string,
  versionId?: string,
): Promise<Buffer> {
  const output = await cloud.call(
    "s3",
    "GetObject",
    { Bucket: bucket, Key: key, VersionId: versionId },
    { principal, sourceIp: userAgent, userAgent },
  );
  if (!(output instanceof RawResponse)) return bytes(output["Body"]);
  if (output.status >= 300) throw rawError(output);
  return output.body;
}

function rawError(output: RawResponse): AwsError {
  const text = output.body.toString("utf8");
  const member = (name: string): string | undefined => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1];
  return new AwsError(member("Code") ?? `${output.status}`, member("Message") ?? text, output.status);
}

/** Bucket and key of `s3://bucket/key`. */
export function parseS3Uri(uri: string): { bucket: string; key: string } | undefined {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/?(.*)$/.exec(uri) ?? [];
  return bucket === undefined ? undefined : { bucket, key: key ?? "" };
}
