import { ObjectStore } from "../../aws/s3";
import { answerLabel, type AnswerLabel, groundTruthLine, hourFolder } from "../../contract/labels";
import { labelsPrefix } from "../../contract/monitoring";
import { addPrediction, type PredictionSource } from "../../records/lineage/from-serving";
import type { LineageGraph } from "../../records/lineage/graph";
import type { RecordedRelease } from "../../records/release";
import { type CapturedAnswer, capturedImages, readCaptured } from "../labels/captured";
import { type LineagePlace, reading, sha256Of } from "./reading";

/** Which captured answers are read. */
export interface PredictionQuery {
  readonly from: Date;
  readonly to: Date;
  /** One answer alone; all of the time when left out. */
  readonly inferenceId?: string;
}

/** Reads answers that an endpoint captured, with their images and what people said of them. */
export async function gatherPredictions(
  graph: LineageGraph,
  { name, session, outputs }: LineagePlace,
  releases: readonly RecordedRelease[],
  { from, to, inferenceId }: PredictionQuery,
): Promise<void> {
  const { artifactsBucket: bucket, endpointName: endpoint } = outputs;
  const store = new ObjectStore(session);
  const captured = await reading(graph, `what ${endpoint} captured`, () =>
    readCaptured(store, bucket, endpoint, from, to),
  );
  const answers = (captured?.answers ?? []).filter(
    (one) => inferenceId === undefined || one.inferenceId === inferenceId,
  );
  if (captured && captured.unreadable > 0)
    graph.gap(`${captured.unreadable} captured lines of ${endpoint} are not readable`);
  if (captured && captured.doubled > 0)
    graph.gap(`${captured.doubled} inference ids of ${endpoint} name several answers, and tell nothing`);
  if (answers.length === 0) return;
  const [images, labels] = await Promise.all([
    reading(graph, `images that ${endpoint} captured`, () => capturedImages(store, bucket, answers)),
    reading(graph, `labels of ${endpoint}`, () => labelsOf(store, bucket, endpoint, from)),
  ]);
  for (const answer of answers)
    addPrediction(
      graph,
      sourceOf(answer, endpoint, bucket, images?.get(answer.inferenceId), labels?.get(answer.inferenceId) ?? []),
      name,
      releases,
    );
}

function sourceOf(
  answer: CapturedAnswer,
  endpoint: string,
  bucket: string,
  image: Buffer | undefined,
  labels: PredictionSource["labels"],
): PredictionSource {
  const { inferenceId, at, variant, modelSha256, detections, place } = answer;
  return {
    endpoint,
    inferenceId,
    at,
    variant,
    modelSha256,
    detections: detections.length,
    line: `s3://${bucket}/${place.key}, line ${place.line + 1}`,
    imageSha256: image && sha256Of(image),
    labels,
  };
}

/** Labels by inference id; they come after their answers. */
async function labelsOf(
  store: ObjectStore,
  bucket: string,
  endpoint: string,
  since: Date,
): Promise<Map<string, PredictionSource["labels"][number][]>> {
  const prefix = labelsPrefix(endpoint);
  const found = new Map<string, PredictionSource["labels"][number][]>();
  for (const { key } of await store.list(bucket, prefix)) {
    if (key.slice(prefix.length) < hourFolder(since)) continue;
    for (const [index, text] of String(await store.get({ bucket, key }))
      .split("\n")
      .entries()) {
      const read = readLine(text);
      if (!read) continue;
      const { id, label } = read;
      const place = `s3://${bucket}/${key}, line ${index + 1}`;
      found.set(id, [...(found.get(id) ?? []), { by: label.by, at: label.at, said: saidOf(label), place }]);
    }
  }
  return found;
}

function readLine(text: string): { id: string; label: AnswerLabel } | undefined {
  try {
    const { groundTruthData, eventMetadata } = groundTruthLine.parse(JSON.parse(text));
    return { id: eventMetadata.eventId, label: answerLabel.parse(JSON.parse(groundTruthData.data)) };
  } catch {
    return undefined;
  }
}

function saidOf(label: AnswerLabel): string {
  return "boxes" in label
    ? `${label.boxes.length} true objects`
    : `${label.verdicts.length} verdicts, ${label.missed.length} missed`;
}
