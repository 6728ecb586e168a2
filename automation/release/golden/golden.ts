import { XMLParser } from "fast-xml-parser";
import { z } from "zod";
import { ObjectStore } from "../../../aws/s3";
import { SageMakerRuntime } from "../../../aws/sagemaker-runtime";
import type { AwsSession } from "../../../aws/session";
import { compareGolden, type GoldenAnswer, goldenDefaults } from "../../../lifecycle/golden";
import { UserError } from "../../errors";

/** The part of a detector's answer that every client relies on; see ml/README.md. Whether its numbers make sense is the golden set's question. */
const answerShape = z.object({
  image: z.object({ w: z.number().int().positive(), h: z.number().int().positive() }),
  detections: z.array(
    z.object({
      name: z.string(),
      confidence: z.number(),
      box: z.tuple([z.number(), z.number(), z.number(), z.number()]),
    }),
  ),
  model: z.object({ sha256: z.string() }),
});

/** A real image of the dataset, with what people marked in it. */
export interface GoldenImage {
  readonly key: string;
  readonly contentType: string;
  readonly body: Buffer;
  /** From the labels beside the image; absent where there are none. */
  readonly expected?: GoldenAnswer;
}

/** What an endpoint answered to the golden images. */
export interface GoldenRun {
  /** One line per image without an answer that keeps the serving contract. */
  readonly problems: readonly string[];
  readonly answers: readonly GoldenAnswer[];
  /** Images that were sent. */
  readonly images: number;
  readonly detections: number;
  /** Digests that the answering models gave of themselves. */
  readonly models: readonly string[];
  /** Slowest answer, milliseconds, as the client sees it. */
  readonly slowestMs: number;
  /** F1 of all answers against the labels, 0..1; undefined without labels. */
  readonly f1?: number;
}

/**
 * Labels are truth and a detector is not: an image counts as answered when a tenth of what is there is found right. A model
 * that works is far above, one that answers nothing or nonsense far below.
 */
const labelPolicy = { ...goldenDefaults, minImageF1: 0.1 };
/** A release that finds so much less than the live one on the same images is broken, whatever its evaluation says. */
const minShareOfLive = 0.7;

/** Images by their keys, each with the labels beside it. @throws UserError naming an image with broken labels. */
export async function readGolden(session: AwsSession, bucket: string, keys: readonly string[]): Promise<GoldenImage[]> {
  const store = new ObjectStore(session);
  return Promise.all(
    keys.map(async (key) => {
      const [body, labels] = await Promise.all([store.get({ bucket, key }), store.get({ bucket, key: labelsOf(key) })]);
      if (!body)
        throw new UserError(`s3://${bucket}/${key} is listed and cannot be read.`, "Ask the owner of the dataset.");
      return {
        key,
        contentType: /\.png$/i.test(key) ? "image/png" : "image/jpeg",
        body,
        expected: labels && parseLabels(key, labels.toString("utf8")),
      };
    }),
  );
}

/** What came of one image: an answer that keeps the serving contract, or what is wrong. */
export type GoldenReply =
  { readonly answer: GoldenAnswer; readonly model: string } | { readonly problem: string; readonly failed: boolean };

/** Sends one image. A reply with `failed` is no answer at all: SageMaker or the container refused. */
export async function askOne(
  runtime: SageMakerRuntime,
  endpoint: string,
  { key, body, contentType }: GoldenImage,
): Promise<GoldenReply> {
  let text: string;
  try {
    text = (await runtime.invoke(endpoint, body, contentType)).body.toString("utf8");
  } catch (error) {
    return { problem: `${key}: ${(error as Error).name}: ${(error as Error).message}`, failed: true };
  }
  const parsed = answerShape.safeParse(parseJson(text));
  if (!parsed.success)
    return {
      problem: `${key}: the answer breaks the serving contract: ${z.prettifyError(parsed.error)}`,
      failed: false,
    };
  const { image, detections, model } = parsed.data;
  return { answer: { image: key, width: image.w, height: image.h, detections }, model: model.sha256 };
}

/** Sends each image once. */
export async function askGolden(
  session: AwsSession,
  endpoint: string,
  images: readonly GoldenImage[],
): Promise<GoldenRun> {
  const runtime = new SageMakerRuntime(session);
  const replies: GoldenReply[] = [];
  let slowestMs = 0;
  for (const image of images) {
    const started = performance.now();
    replies.push(await askOne(runtime, endpoint, image));
    slowestMs = Math.max(slowestMs, performance.now() - started);
  }
  return runOf(images, replies, slowestMs);
}

/** Replies taken together. */
export function runOf(images: readonly GoldenImage[], replies: readonly GoldenReply[], slowestMs: number): GoldenRun {
  const answered = replies.flatMap((reply) => ("answer" in reply ? [reply] : []));
  const answers = answered.map(({ answer }) => answer);
  const expected = images.flatMap((image) => image.expected ?? []);
  return {
    problems: replies.flatMap((reply) => ("problem" in reply ? [reply.problem] : [])),
    answers,
    images: images.length,
    models: [...new Set(answered.map(({ model }) => model))],
    detections: answers.reduce((sum, answer) => sum + answer.detections.length, 0),
    slowestMs,
    ...(expected.length > 0 ? { f1: compareGolden(expected, answers, labelPolicy).f1 } : {}),
  };
}

/** What no model that works answers to an image, labels or not; empty when the answer may be. */
export function absurdIn({ expected }: GoldenImage, answer: GoldenAnswer): readonly string[] {
  const { verdict, reasons } = compareGolden([expected ?? answer], [answer], labelPolicy);
  return verdict === "absurd" ? reasons : [];
}

/** Text that is no JSON breaks the contract as any other wrong answer. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What is wrong with a release's answers. @param live the answers of the release before, to the same images; undefined for a first release. */
export function judgeGolden(images: readonly GoldenImage[], run: GoldenRun, live: GoldenRun | undefined): string[] {
  const expected = images.flatMap((image) => image.expected ?? []);
  // Without labels an image is expected to be itself: absurd answers show all the same.
  const references = images
    .flatMap(({ key }) => run.answers.filter(({ image }) => image === key))
    .map((answer) => expected.find(({ image }) => image === answer.image) ?? answer);
  if (run.answers.length === 0) return [...run.problems];
  const comparison = compareGolden(references, run.answers, labelPolicy);
  const against = comparison.verdict === "agrees" ? [] : comparison.reasons;
  const worse =
    run.f1 !== undefined && live?.f1 !== undefined && run.f1 < minShareOfLive * live.f1
      ? [
          `finds far less than the live release in the same ${expected.length} labelled images: F1 ${run.f1.toFixed(2)}, live ${live.f1.toFixed(2)}`,
        ]
      : [];
  return [...run.problems, ...against, ...worse];
}

const voc = new XMLParser({ isArray: (name) => name === "object" });

/** Pascal VOC, as `peregrine_ml` reads it. @throws UserError naming the image when the labels are no VOC. */
function parseLabels(image: string, text: string): GoldenAnswer {
  const shape = z.object({
    annotation: z.object({
      size: z.object({ width: z.number(), height: z.number() }),
      object: z
        .array(
          z.object({
            name: z.coerce.string(),
            bndbox: z.object({ xmin: z.number(), ymin: z.number(), xmax: z.number(), ymax: z.number() }),
          }),
        )
        .default([]),
    }),
  });
  const parsed = shape.safeParse(voc.parse(text));
  if (!parsed.success)
    throw new UserError(
      `The labels of ${image} (${labelsOf(image)}) are no Pascal VOC: ${z.prettifyError(parsed.error)}`,
      "Correct them in the dataset, or remove the file.",
    );
  const { size, object } = parsed.data.annotation;
  const detections = object.map(({ name, bndbox: { xmin, ymin, xmax, ymax } }) => ({
    name,
    confidence: 1,
    box: [xmin, ymin, xmax, ymax] as const,
  }));
  return { image, width: size.width, height: size.height, detections };
}

/** Where an image's labels lie. */
export function labelsOf(key: string): string {
  return key.replace(/\.[^./]+$/, ".xml");
}
