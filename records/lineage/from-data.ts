import type { ObjectVersion } from "../../aws/s3-versions";
import type { DatasetManifest } from "../../contract/dataset-manifest";
import type { LineageGraph } from "./graph";
import { datasetId, facts } from "./from-registry";

/** A manifest, where it lies, and what S3 knows of the files that it was made of. */
export interface ManifestSource {
  readonly manifest: DatasetManifest;
  /** `s3://bucket/key`. */
  readonly uri: string;
  /** Where the flights lie; `s3://bucket/prefix`. */
  readonly flights: { readonly bucket: string; readonly prefix: string };
  /** Newest first; undefined where they may not be listed. */
  readonly versions: readonly ObjectVersion[] | undefined;
  /** When the job began to read, and when it had ended; undefined where nobody knows. */
  readonly read: { readonly from: Date; readonly to: Date } | undefined;
}

/** The id of an object as it was: the same key with another version is another image. */
function objectId(bucket: string, key: string, versionId: string | undefined): string {
  return `s3://${bucket}/${key}${versionId === undefined ? "" : `?versionId=${versionId}`}`;
}

const labelFile = /\.(xml|txt|json|csv)$/i;

/** A data set with every image and annotation that it was made of, each by S3's version as far as S3 keeps versions. */
export function addManifest(graph: LineageGraph, source: ManifestSource): void {
  const { manifest, uri, flights, versions, read } = source;
  const { digest, splits, options, classes } = manifest;
  graph.node(
    {
      id: datasetId(digest),
      kind: "dataset",
      title: `data set ${digest.slice(0, 12)}`,
      facts: facts({
        manifest: uri,
        classes: classes.join(", "),
        ...Object.fromEntries(
          Object.entries(splits).map(([name, { images, boxes, flights: some }]) => [
            `split ${name}`,
            `${images} tiles, ${boxes} boxes, ${some.length} flights: ${some.join(", ")}`,
          ]),
        ),
        ...Object.fromEntries(
          Object.entries(options).map(([name, value]) => [`option ${name}`, JSON.stringify(value)]),
        ),
      }),
    },
    digest,
    uri,
  );
  if (!manifest.sources) return graph.gap(`${uri} is of an earlier form and does not say what it was made of`);
  const byKey = new Map<string, ObjectVersion[]>();
  for (const one of versions ?? []) byKey.set(one.key, [...(byKey.get(one.key) ?? []), one]);
  for (const [path, { sha256, bytes }] of Object.entries(manifest.sources)) {
    const key = `${flights.prefix}${path}`;
    const bound = versions && read ? bind(byKey.get(key) ?? [], bytes, read) : undefined;
    for (const text of bound?.problems ?? [])
      graph.problem(`s3://${flights.bucket}/${key} ${text} (data set ${digest.slice(0, 12)})`);
    const id = objectId(flights.bucket, key, bound?.versionId);
    graph.node(
      {
        id,
        kind: labelFile.test(path) ? "label" : "image",
        title: path,
        facts: facts({ sha256, bytes, versionId: bound?.versionId }),
      },
      `s3://${flights.bucket}/${key}`,
      sha256,
    );
    graph.edge(id, datasetId(digest), "went into it", `${uri}: sources["${path}"]`);
  }
}

interface Bound {
  readonly versionId: string | undefined;
  readonly problems: readonly string[];
}

/**
 * Which version of a file a job read: the one that was current when it began, and that has the file's size. What was
 * written later wrote over it.
 * @param versions of the key, newest first.
 */
export function bind(
  versions: readonly ObjectVersion[],
  bytes: number,
  { from, to }: { readonly from: Date; readonly to: Date },
): Bound {
  const newest = versions[0];
  if (!newest) return { versionId: undefined, problems: ["is gone, with all of its versions"] };
  const fits = ({ deleted, bytes: size }: ObjectVersion) => !deleted && size === bytes;
  const current = versions.find(({ modified }) => modified <= from);
  // What came while the job read may have been read instead.
  const meanwhile = versions.filter(({ modified }) => modified > from && modified <= to);
  const found = current && fits(current) ? current : meanwhile.find(fits);
  const problems: string[] = [];
  if (!found) problems.push(`has no version of ${bytes} bytes from when the job read it`);
  if (meanwhile.length > 0) problems.push("was written while the job read");
  if (newest !== found && newest.modified > from)
    problems.push(
      newest.deleted
        ? `was deleted at ${newest.modified.toISOString()}, after the job had read it`
        : `was written over at ${newest.modified.toISOString()}, after the job had read it: the version is ${newest.versionId} now${found ? `, and was ${found.versionId}` : ""}`,
    );
  return { versionId: found && found.versionId !== "null" ? found.versionId : undefined, problems };
}
