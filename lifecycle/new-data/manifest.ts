import { z } from "zod";
import { type Counts, moreThan, sumCounts, totalOf } from "./counts";

const counts = z.record(z.string(), z.number().int().nonnegative());

/** What is known of a file of the data set. */
const knownFile = z.object({
  /** Entity tag, as S3 writes it without quotes: it changes with the content. */
  tag: z.string(),
  bytes: z.number().int().nonnegative(),
  /** Of a label file: objects by class, for each image that it is about; the empty name is the image beside it. */
  labels: z.record(z.string(), counts).optional(),
});

/** A flight: the recording that images come from; they never part. */
const knownFlight = z.object({
  images: z.number().int().nonnegative(),
  /** Labelled objects by class, as far as they could be read. */
  labels: counts,
});

/** What came at one time. */
const addition = z.object({
  /** When the newest of it was written to the bucket, ISO 8601. */
  at: z.iso.datetime(),
  flights: z.array(z.string()),
  /** Labelled objects that were not there before, by class. */
  labels: counts,
});

/** The data set as it was seen last. */
export const datasetManifest = z.object({
  version: z.literal(1),
  at: z.iso.datetime(),
  bucket: z.string(),
  prefix: z.string(),
  files: z.record(z.string(), knownFile),
  flights: z.record(z.string(), knownFlight),
  /** Oldest first; the last `maxAdditions`. */
  additions: z.array(addition),
});
export type DatasetManifest = Readonly<z.infer<typeof datasetManifest>>;
export type KnownFile = Readonly<z.infer<typeof knownFile>>;
export type KnownFlight = Readonly<z.infer<typeof knownFlight>>;

/** An object of the bucket, its key below the data set's prefix. */
export interface ListedFile extends KnownFile {
  readonly key: string;
  /** ISO 8601. */
  readonly modified: string;
}

export interface ManifestDiff {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  /** Labelled objects that were not there before, by class. */
  readonly labels: Counts;
}

/** So many additions are remembered: a decision asks for those since the last training. */
const maxAdditions = 500;

/**
 * Flights that came, changed or went.
 * @param files of now, by key. @param flightOf a file's flight.
 */
export function diffManifest(
  before: DatasetManifest | undefined,
  files: readonly ListedFile[],
  flights: Readonly<Record<string, KnownFlight>>,
  flightOf: (key: string) => string,
): ManifestDiff {
  const known = before?.flights ?? {};
  const touched = new Set(changedFiles(before, files).map(flightOf));
  const names = Object.keys(flights);
  const added = names.filter((name) => !(name in known));
  const changed = names.filter((name) => name in known && touched.has(name));
  const removed = Object.keys(known).filter((name) => !(name in flights));
  const labels = sumCounts([...added, ...changed].map((name) => moreThan(known[name]?.labels, flights[name]!.labels)));
  return { added: added.sort(), changed: changed.sort(), removed: removed.sort(), labels };
}

/** Keys of files that are new or another content. */
export function changedFiles(before: DatasetManifest | undefined, files: readonly ListedFile[]): string[] {
  return files.filter(({ key, tag }) => before?.files[key]?.tag !== tag).map(({ key }) => key);
}

/** The manifest after a look. @param at of the look. */
export function nextManifest(
  before: DatasetManifest | undefined,
  seen: Pick<DatasetManifest, "at" | "bucket" | "prefix" | "flights">,
  files: readonly ListedFile[],
  { added, changed, labels }: ManifestDiff,
): DatasetManifest {
  const fresh = new Set(changedFiles(before, files));
  const newest = files
    .filter(({ key }) => fresh.has(key))
    .map(({ modified }) => modified)
    .sort()
    .at(-1);
  const additions = before?.additions ?? [];
  const came = added.length + changed.length > 0;
  return {
    version: 1,
    ...seen,
    files: Object.fromEntries(
      files.map(({ key, tag, bytes, labels: found }) => [key, { tag, bytes, ...(found ? { labels: found } : {}) }]),
    ),
    additions: [
      ...additions,
      ...(came ? [{ at: newest ?? seen.at, flights: [...added, ...changed], labels: { ...labels } }] : []),
    ].slice(-maxAdditions),
  };
}

/**
 * Labelled objects by class that came after a time, and all there are.
 * @param since ISO 8601; undefined counts all as fresh, as before the first training.
 */
export function labelsSince(
  { additions, flights }: DatasetManifest,
  since: string | undefined,
): { readonly fresh: Counts; readonly total: number } {
  const after = additions.filter(({ at }) => since === undefined || Date.parse(at) > Date.parse(since));
  return {
    fresh: sumCounts(after.map(({ labels }) => labels)),
    total: Object.values(flights).reduce((all, { labels }) => all + totalOf(labels), 0),
  };
}
