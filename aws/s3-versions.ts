import { ListObjectVersionsCommand, type ListObjectVersionsCommandOutput, S3Client } from "@aws-sdk/client-s3";
import { type AwsSession, clientSettings } from "./session";

/** A version of an object, or the marker of its deletion. */
export interface ObjectVersion {
  readonly key: string;
  readonly versionId: string;
  readonly modified: Date;
  readonly bytes: number;
  readonly deleted: boolean;
}

/**
 * Every version under a prefix, the newest first, with the markers of deletions. In a bucket that was never versioned
 * each key has one, whose id is `null`.
 */
export async function objectVersions(session: AwsSession, bucket: string, prefix: string): Promise<ObjectVersion[]> {
  const client = new S3Client(clientSettings(session));
  const found: ObjectVersion[] = [];
  let page: ListObjectVersionsCommandOutput | undefined;
  do {
    page = await client.send(
      new ListObjectVersionsCommand({
        Bucket: bucket,
        Prefix: prefix,
        KeyMarker: page?.NextKeyMarker,
        VersionIdMarker: page?.NextVersionIdMarker,
      }),
    );
    for (const { Key, VersionId = "null", LastModified, Size = 0 } of page.Versions ?? [])
      found.push({ key: Key!, versionId: VersionId, modified: LastModified!, bytes: Size, deleted: false });
    for (const { Key, VersionId = "null", LastModified } of page.DeleteMarkers ?? [])
      found.push({ key: Key!, versionId: VersionId, modified: LastModified!, bytes: 0, deleted: true });
  } while (page.IsTruncated);
  return found.sort((one, other) => other.modified.getTime() - one.modified.getTime());
}
