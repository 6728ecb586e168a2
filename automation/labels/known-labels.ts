import type { ObjectStore } from "../../aws/s3";
import { answerLabel, groundTruthLine, hourFolder } from "../../contract/labels";
import { labelsPrefix } from "../../contract/monitoring";

/** Inference ids by what people said about them so far. */
export interface KnownLabels {
  /** Somebody drew all true objects, or judged every detection as right with nothing missed. */
  readonly settled: ReadonlySet<string>;
  /** Somebody said that something is wrong. */
  readonly reported: ReadonlySet<string>;
}

/**
 * Reads the labels of an endpoint. Lines that cannot be read are the monitoring's to tell.
 * @param since labels come after their answers: earlier hours are not read.
 */
export async function readKnownLabels(
  store: ObjectStore,
  bucket: string,
  endpoint: string,
  since: Date,
): Promise<KnownLabels> {
  const prefix = labelsPrefix(endpoint);
  const settled = new Set<string>();
  const reported = new Set<string>();
  for (const { key } of await store.list(bucket, prefix)) {
    if (key.slice(prefix.length) < hourFolder(since)) continue;
    for (const text of String(await store.get({ bucket, key })).split("\n")) {
      const read = readLine(text);
      if (!read) continue;
      const { inferenceId, label } = read;
      if ("boxes" in label) settled.add(inferenceId);
      else if (label.missed.length > 0 || label.verdicts.some(({ verdict }) => verdict !== "right"))
        reported.add(inferenceId);
    }
  }
  return { settled, reported };
}

function readLine(text: string) {
  try {
    const { groundTruthData, eventMetadata } = groundTruthLine.parse(JSON.parse(text));
    return { inferenceId: eventMetadata.eventId, label: answerLabel.parse(JSON.parse(groundTruthData.data)) };
  } catch {
    return undefined;
  }
}
