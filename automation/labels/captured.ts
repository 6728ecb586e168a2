import { z } from "zod";
import type { ObjectStore } from "../../aws/s3";
import { flightOf, hourFolder } from "../../contract/labels";
import { prefixes } from "../../contract/places";
import type { Candidate } from "../../lifecycle/label-selection";

/** An answer that was captured, without its image. */
export interface CapturedAnswer extends Omit<Candidate, "reported"> {
  readonly variant: string;
  readonly at: string;
  readonly width: number;
  readonly height: number;
  readonly modelSha256: string;
  readonly detections: readonly {
    readonly name: string;
    readonly confidence: number;
    readonly box: readonly number[];
  }[];
  /** Where its line is. */
  readonly place: { readonly key: string; readonly line: number };
  /** The same; undefined where the request was not captured with it. */
  readonly image: { readonly key: string; readonly line: number } | undefined;
}

export interface Captured {
  readonly answers: readonly CapturedAnswer[];
  /** Lines that hold no readable answer. */
  readonly unreadable: number;
  /** Answers that another one shares its id with: a label would not say which one it is about. */
  readonly doubled: number;
}

const side = z.object({ observedContentType: z.string().optional(), data: z.string(), encoding: z.string() });
/** A captured line (SageMaker developer guide, "Capture data from real-time endpoint"). */
const capturedLine = z.object({
  captureData: z.object({ endpointInput: side.optional(), endpointOutput: side }),
  eventMetadata: z.object({ eventId: z.string(), inferenceId: z.string().optional(), inferenceTime: z.string() }),
});
/** What the container answers (`peregrine_ml/serving/invocation.py`). */
const answerBody = z.object({
  image: z.object({ w: z.number(), h: z.number() }),
  detections: z.array(z.object({ name: z.string(), confidence: z.number(), box: z.array(z.number()).length(4) })),
  model: z.object({ sha256: z.string() }),
  features: z.record(z.string(), z.number()),
});

/**
 * Reads what an endpoint answered in some hours.
 * @param from and @param to of the hours, by the clock of the cloud.
 */
export async function readCaptured(
  store: ObjectStore,
  bucket: string,
  endpoint: string,
  from: Date,
  to: Date,
): Promise<Captured> {
  const answers = new Map<string, CapturedAnswer>();
  const doubled = new Set<string>();
  let unreadable = 0;
  for await (const { key, variant } of capturedFiles(store, bucket, endpoint, hoursOf(from, to))) {
    const lines = String(await store.get({ bucket, key })).split("\n");
    lines.forEach((text, line) => {
      if (!text.trim()) return;
      const answer = readLine(text, variant, { key, line });
      if (!answer) unreadable += 1;
      else if (answers.has(answer.inferenceId)) doubled.add(answer.inferenceId);
      else answers.set(answer.inferenceId, answer);
    });
  }
  for (const inferenceId of doubled) answers.delete(inferenceId);
  return { answers: [...answers.values()], unreadable, doubled: doubled.size };
}

/** Files of some hours, of all variants: years of capture are not listed for a day of it. */
async function* capturedFiles(
  store: ObjectStore,
  bucket: string,
  endpoint: string,
  hours: readonly string[],
): AsyncGenerator<{ readonly key: string; readonly variant: string }> {
  const prefix = `${prefixes.capture}${endpoint}/`;
  for (const variant of await store.folders(bucket, prefix))
    for (const hour of hours)
      for (const { key } of await store.list(bucket, `${prefix}${variant}/${hour}/`))
        if (key.endsWith(".jsonl")) yield { key, variant };
}

function readLine(text: string, variant: string, place: { key: string; line: number }): CapturedAnswer | undefined {
  const line = capturedLine.safeParse(fromJson(text));
  if (!line.success) return undefined;
  const { captureData, eventMetadata } = line.data;
  const { data, encoding } = captureData.endpointOutput;
  const body = answerBody.safeParse(fromJson(encoding === "BASE64" ? Buffer.from(data, "base64").toString() : data));
  if (!body.success) return undefined;
  const { image, detections, model, features } = body.data;
  const inferenceId = eventMetadata.inferenceId ?? eventMetadata.eventId;
  return {
    inferenceId,
    flight: flightOf(inferenceId),
    confidences: detections.map(({ confidence }) => confidence),
    features,
    variant,
    at: eventMetadata.inferenceTime,
    width: image.w,
    height: image.h,
    modelSha256: model.sha256,
    detections,
    place,
    image: captureData.endpointInput ? place : undefined,
  };
}

/**
 * The images that answers were given to, from their captured lines, by inference id. Each file is read once: one holds
 * many lines with their images.
 */
export async function capturedImages(
  store: ObjectStore,
  bucket: string,
  answers: readonly CapturedAnswer[],
): Promise<Map<string, Buffer>> {
  const byFile = new Map<string, { readonly line: number; readonly inferenceId: string }[]>();
  for (const { image, inferenceId } of answers)
    if (image) byFile.set(image.key, [...(byFile.get(image.key) ?? []), { line: image.line, inferenceId }]);
  const found = new Map<string, Buffer>();
  for (const [key, wanted] of byFile) {
    const lines = String(await store.get({ bucket, key })).split("\n");
    for (const { line, inferenceId } of wanted) {
      const image = imageIn(lines[line] ?? "");
      if (image) found.set(inferenceId, image);
    }
  }
  return found;
}

function imageIn(text: string): Buffer | undefined {
  const line = capturedLine.safeParse(fromJson(text));
  const input = line.success ? line.data.captureData.endpointInput : undefined;
  if (!input) return undefined;
  if (input.encoding === "BASE64") return Buffer.from(input.data, "base64");
  const wrapped = z.object({ image: z.string() }).safeParse(fromJson(input.data));
  return wrapped.success ? Buffer.from(wrapped.data.image, "base64") : undefined;
}

const hourMs = 3_600_000;

/** The hours from one time to another, as `yyyy/mm/dd/hh`. */
function hoursOf(from: Date, to: Date): string[] {
  const hours: string[] = [];
  for (let at = Math.floor(from.getTime() / hourMs) * hourMs; at <= to.getTime(); at += hourMs)
    hours.push(hourFolder(new Date(at)));
  return hours;
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
