import { atATime } from "../../aws/at-a-time";
import type { ObjectStore } from "../../aws/s3";
import { classFiles, classNames, countLabels, labelFormat, type LabelsOfFile } from "../../lifecycle/new-data/labels";
import type { DatasetManifest, ListedFile } from "../../lifecycle/new-data/manifest";

export interface LabelsRead {
  /** By key below the prefix. */
  readonly found: ReadonlyMap<string, LabelsOfFile>;
  /** Label files that are left for the next look. */
  readonly left: ReadonlySet<string>;
  /** What is wrong with files that could not be read. */
  readonly problems: readonly string[];
}

/** Label files that one look reads; more would outlast the function. */
const mostFiles = 5000;
/** Larger ones are not cheap to read, bytes. */
const mostBytes = 50 * 1024 * 1024;
const atOnce = 32;

/**
 * Labels of the files that changed; those of the others are known. A file that cannot be read is told, counts as having
 * no labels, and is read again once it changes.
 */
export async function readLabels(
  {
    store,
    bucket,
    prefix,
  }: { readonly store: Pick<ObjectStore, "get">; readonly bucket: string; readonly prefix: string },
  before: DatasetManifest | undefined,
  files: readonly Omit<ListedFile, "labels">[],
  changed: readonly string[],
): Promise<LabelsRead> {
  const found = new Map<string, LabelsOfFile>();
  const problems: string[] = [];
  const text = async (key: string) => (await store.get({ bucket, key: `${prefix}${key}` }))?.toString("utf8");
  const fresh = new Set(changed);
  for (const { key } of files) {
    const known = fresh.has(key) ? undefined : before?.files[key]?.labels;
    if (known) found.set(key, known);
  }
  const wanted = files.filter(({ key }) => fresh.has(key) && labelFormat(key) !== undefined);
  const names = wanted.some(({ key }) => labelFormat(key) === "yolo") ? await yoloNames(text, problems) : undefined;
  const now = wanted.slice(0, mostFiles);
  const read = async ({ key, bytes }: (typeof now)[number]): Promise<void> => {
    try {
      if (bytes > mostBytes) throw new Error(`has ${bytes} bytes, and ${mostBytes} are read`);
      found.set(key, countLabels(labelFormat(key)!, (await text(key)) ?? "", names));
    } catch (error) {
      problems.push(`${key}: ${(error as Error).message}`);
    }
  };
  await atATime(now, read, atOnce);
  return { found, left: new Set(wanted.slice(mostFiles).map(({ key }) => key)), problems: problems.sort() };
}

async function yoloNames(
  text: (key: string) => Promise<string | undefined>,
  problems: string[],
): Promise<string[] | undefined> {
  for (const file of classFiles) {
    const content = await text(file);
    if (content === undefined) continue;
    try {
      return classNames(file, content);
    } catch (error) {
      problems.push((error as Error).message);
    }
  }
  return undefined;
}
