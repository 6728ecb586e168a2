import { existsSync, readFileSync } from "node:fs";
import { isAbsolute, join, relative } from "node:path";
import { type ObjectStore, parseS3Uri } from "../../aws/s3";

/** Where images of answers are found by their inference ids: `<id>.jpg`, `.jpeg` or `.png`. */
export interface ImageSource {
  find(inferenceId: string): Promise<Buffer | undefined>;
}

const suffixes = ["jpg", "jpeg", "png"];

/** @param place a folder, or an S3 URI whose key is a prefix. */
export function imageSource(place: string, store: ObjectStore): ImageSource {
  if (!place.startsWith("s3://")) return { find: async (inferenceId) => inFolder(place, inferenceId) };
  const { bucket, key } = parseS3Uri(place);
  const prefix = key === "" || key.endsWith("/") ? key : `${key}/`;
  return {
    find: async (inferenceId) => {
      for (const suffix of suffixes) {
        const body = await store.get({ bucket, key: `${prefix}${inferenceId}.${suffix}` });
        if (body) return body;
      }
      return undefined;
    },
  };
}

function inFolder(folder: string, inferenceId: string): Buffer | undefined {
  for (const suffix of suffixes) {
    const path = join(folder, `${inferenceId}.${suffix}`);
    const within = relative(folder, path);
    // Ids come from whoever sends requests.
    if (within.startsWith("..") || isAbsolute(within)) return undefined;
    if (existsSync(path)) return readFileSync(path);
  }
  return undefined;
}
