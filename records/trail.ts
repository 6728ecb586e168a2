import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { z } from "zod";
import { atATime } from "../aws/at-a-time";
import type { ObjectStore, S3Location } from "../aws/s3";
import { isTrailFile, trailFile, trailPrefix, type TrailRecord } from "../contract/trail";

const unpack = promisify(gunzip);

/** The records of one log file of a trail. @throws Error for a file that is not there, or is no log file. */
export async function readTrailFile(store: Pick<ObjectStore, "get">, place: S3Location): Promise<TrailRecord[]> {
  const name = `s3://${place.bucket}/${place.key}`;
  const packed = await store.get(place);
  if (!packed) throw new Error(`${name} is not there`);
  const parsed = trailFile.safeParse(JSON.parse((await unpack(packed)).toString("utf8")));
  if (parsed.success) return parsed.data.Records;
  throw new Error(`${name} is no log file:\n${z.prettifyError(parsed.error)}`);
}

/**
 * Reads a trail's log files, of all Regions, one after the other so that only some are held at a time.
 * @param since those of earlier days are left out: `yyyy-mm-dd`.
 * @param each is told the records of a file.
 * @returns how many files there were.
 */
export async function eachTrailFile(
  store: Pick<ObjectStore, "get" | "list" | "folders">,
  { bucket, accountId, since }: { readonly bucket: string; readonly accountId: string; readonly since?: string },
  each: (records: readonly TrailRecord[], key: string) => void,
): Promise<number> {
  const prefix = trailPrefix(accountId);
  const from = since?.replaceAll("-", "/") ?? "";
  let files = 0;
  for (const region of await store.folders(bucket, prefix)) {
    const start = `${prefix}${region}/`;
    const keys = (await store.list(bucket, start))
      .map(({ key }) => key)
      .filter((key) => isTrailFile(key) && key.slice(start.length) >= from);
    files += keys.length;
    await atATime(keys, async (key) => each(await readTrailFile(store, { bucket, key }), key));
  }
  return files;
}
