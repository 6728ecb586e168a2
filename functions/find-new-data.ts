import { z } from "zod";
import { EventBus } from "../aws/eventbridge";
import { ObjectStore } from "../aws/s3";
import { functionSession } from "../aws/session";
import { platformSource } from "../contract/events";
import { readJson } from "../contract/json";
import { type AlertDetail, datasetManifestKey, type RetrainingProposal, watchEvent } from "../contract/monitoring";
import { readVariables } from "../contract/variables";
import { totalOf } from "../lifecycle/new-data/counts";
import { countFlights, flightFinder, flightsFile, flightsOf } from "../lifecycle/new-data/flights";
import {
  changedFiles,
  type DatasetManifest,
  datasetManifest,
  diffManifest,
  type ListedFile,
  type ManifestDiff,
  nextManifest,
} from "../lifecycle/new-data/manifest";
import { type LabelsRead, readLabels } from "./new-data/labels";

/** What the schedule sends: when it meant to, by its own clock. */
const eventShape = z.object({ time: z.iso.datetime() });

/** What the handler depends on. */
export interface Dependencies {
  /** Of the data set: read, never written. */
  readonly bucket: string;
  /** Ends with a slash. */
  readonly prefix: string;
  readonly artifactsBucket: string;
  readonly store: Pick<ObjectStore, "get" | "getWithTag" | "putIf" | "listTagged">;
  readonly bus: Pick<EventBus, "put">;
  readonly log: (line: string) => void;
}

/**
 * Compares the data set with what was there at the last look, keeps what it sees, and proposes a retraining where
 * labelled flights came or changed. Each look also asks anew about what waits: a cool-down ends without an event.
 * @returns what was found, for the log.
 * @throws Error where the data set cannot be read, or somebody else looked at the same time.
 */
export async function findNewData(event: unknown, dependencies: Dependencies): Promise<string> {
  const { time } = eventShape.parse(event);
  const { bucket, prefix, bus, log } = dependencies;
  const { before, tag } = await lastLook(dependencies);
  const listed = (await dependencies.store.listTagged(bucket, prefix)).map(({ key, ...file }) => ({
    key: key.slice(prefix.length),
    ...file,
  }));
  if (listed.length === 0) throw new Error(`there is nothing under s3://${bucket}/${prefix}`);
  const labels = await readLabels(dependencies, before, listed, changedFiles(before, listed));
  const { flights: named, unreadable } = flightsOf((await textOf(dependencies, flightsFile)) ?? "file,flight");
  const flightOf = flightFinder(named);
  const files = listed.flatMap((file): ListedFile[] =>
    labels.left.has(file.key) ? [] : [{ ...file, labels: labels.found.get(file.key) }],
  );
  const flights = countFlights(files, flightOf);
  const diff = diffManifest(before, files, flights, flightOf);
  await keep(dependencies, nextManifest(before, { at: time, bucket, prefix, flights }, files, diff), tag);
  const found = summaryOf(diff, labels, unreadable);
  log(found);
  if (before) await tell(dependencies, time, diff, labels, found, unreadable);
  await bus.put(platformSource("model"), watchEvent.retrainingProposed, {
    trigger: "schedule",
    key: `schedule/${time}`,
    reason: "what waits is looked at again",
  } satisfies Pick<RetrainingProposal, "trigger" | "key" | "reason">);
  return found;
}

/** What was seen last, with the tag that a write compares; nothing at the first look. */
async function lastLook({
  store,
  artifactsBucket: bucket,
  bucket: dataset,
  prefix,
  log,
}: Dependencies): Promise<{ readonly before?: DatasetManifest; readonly tag?: string }> {
  const object = await store.getWithTag({ bucket, key: datasetManifestKey });
  if (!object) return {};
  const read = readJson(object.body.toString("utf8"), datasetManifest);
  if (read.kind !== "value") {
    log(`${datasetManifestKey} is damaged and is made anew`);
    return { tag: object.tag };
  }
  // Another data set is looked at for the first time.
  if (read.value.bucket !== dataset || read.value.prefix !== prefix) return { tag: object.tag };
  return { before: read.value, tag: object.tag };
}

async function keep(
  { store, artifactsBucket: bucket }: Dependencies,
  manifest: DatasetManifest,
  tag: string | undefined,
): Promise<void> {
  const { outcome } = await store.putIf(
    { bucket, key: datasetManifestKey },
    `${JSON.stringify(manifest)}\n`,
    tag === undefined ? { absent: true } : { tag },
    "application/json",
  );
  if (outcome === "conflict") throw new Error(`another look wrote ${datasetManifestKey} at the same time`);
}

/** Tells people what came, and proposes a training where labels came with it. */
async function tell(
  { bus, bucket, prefix, artifactsBucket }: Dependencies,
  time: string,
  { added, changed, removed, labels }: ManifestDiff,
  { problems, left }: LabelsRead,
  found: string,
  unreadable: number,
): Promise<void> {
  if (added.length + changed.length + removed.length === 0 && problems.length === 0) return;
  const wrong = problems.length > 0 || left.size > 0 || unreadable > 0;
  await bus.put(platformSource("model"), watchEvent.newData, {
    severity: wrong ? "warning" : "info",
    area: "model",
    cause: "new-data",
    message: `The data set s3://${bucket}/${prefix} changed: ${found}.${problems.length > 0 ? ` ${problems.slice(0, 5).join("; ")}.` : ""} Correct what cannot be read, in the data set: docs/retraining.md`,
    evidence: `s3://${artifactsBucket}/${datasetManifestKey}`,
  } satisfies AlertDetail);
  if (totalOf(labels) === 0) return;
  await bus.put(platformSource("model"), watchEvent.retrainingProposed, {
    trigger: "new-data",
    key: `new-data/${time}`,
    reason: found.slice(0, 1000),
    evidence: `s3://${artifactsBucket}/${datasetManifestKey}`,
  } satisfies Pick<RetrainingProposal, "trigger" | "key" | "reason" | "evidence">);
}

function summaryOf(
  { added, changed, removed, labels }: ManifestDiff,
  { problems, left }: LabelsRead,
  unreadable: number,
): string {
  const some = (names: readonly string[], what: string) =>
    names.length === 0
      ? []
      : [`${names.length} flights ${what} (${names.slice(0, 5).join(", ")}${names.length > 5 ? ", ..." : ""})`];
  const classes = Object.entries(labels).map(([name, count]) => `${count} ${name}`);
  const parts = [
    ...some(added, "came"),
    ...some(changed, "changed"),
    ...some(removed, "went"),
    ...(classes.length > 0 ? [`new labelled objects: ${classes.join(", ")}`] : []),
    ...(problems.length > 0 ? [`${problems.length} label files could not be read`] : []),
    ...(left.size > 0 ? [`${left.size} label files are left for the next look`] : []),
    ...(unreadable > 0 ? [`${unreadable} lines of ${flightsFile} could not be read`] : []),
  ];
  return parts.join("; ") || "nothing new";
}

async function textOf({ store, bucket, prefix }: Dependencies, key: string): Promise<string | undefined> {
  return (await store.get({ bucket, key: `${prefix}${key}` }))?.toString("utf8");
}

/** Lambda's entry point. */
export async function handler(event: unknown): Promise<string> {
  const { DATASET_BUCKET, DATASET_PREFIX, ARTIFACTS_BUCKET, EVENT_BUS } = readVariables("find-new-data", process.env);
  const session = functionSession();
  return findNewData(event, {
    bucket: DATASET_BUCKET,
    prefix: DATASET_PREFIX,
    artifactsBucket: ARTIFACTS_BUCKET,
    store: new ObjectStore(session),
    bus: new EventBus(session, EVENT_BUS),
    log: (line) => void process.stdout.write(`${line}\n`),
  });
}
