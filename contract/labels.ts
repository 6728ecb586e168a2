import { z } from "zod";
import { labelsPrefix } from "./monitoring";

/**
 * What people say about answers: labels, how they come in, and how they are kept. Every label comes in by the feedback
 * function, which alone writes them. The monitoring reads them (`ml/peregrine_ml/monitoring/labels.py`);
 * `ml/tests/labels.json` is read by both sides' tests.
 */

/** A box in pixels of the image as it was sent: left, top, right, bottom. */
const box = z
  .tuple([z.number(), z.number(), z.number(), z.number()])
  .refine(
    ([left, top, right, bottom]) => left < right && top < bottom,
    "a box has an extent: left, top, right, bottom",
  );
const labelledBox = z.object({ class: z.string().min(1).max(256), box });

const detectionVerdict = z
  .object({
    detection: z.number().int().nonnegative(),
    verdict: z.enum(["right", "wrong", "other-class"]),
    /** True class, where the verdict is `other-class`. */
    class: z.string().max(256).optional(),
  })
  .refine(
    ({ verdict, class: name }) => (verdict === "other-class") === Boolean(name),
    "the verdict other-class, and no other, names the true class",
  );

/** All true objects in an image. */
const trueObjects = z.object({ boxes: z.array(labelledBox).max(10_000) });

/** A verdict for each detection, named by its place in the answer, and what was missed. */
const detectionVerdicts = z.object({
  verdicts: z
    .array(detectionVerdict)
    .max(10_000)
    .refine(
      (verdicts) => new Set(verdicts.map(({ detection }) => detection)).size === verdicts.length,
      "two verdicts about one detection",
    ),
  missed: z.array(labelledBox).max(10_000).default([]),
});

/** How an answer came to be labelled: drawn by lot, or chosen for what it shows. Only the former tell of all answers. */
export const labelSamples = ["random", "chosen"] as const;

const drawn = {
  /** Who labelled, as the tool says it, where several people do; whoever delivers is `by`. */
  annotator: z.string().min(1).max(256).optional(),
  sample: z.enum(labelSamples).optional(),
};
const said = { ...drawn, by: z.string().min(1), at: z.iso.datetime() };

/**
 * What a person says about one answer: either all true objects, or verdicts. What counts when several labels come, or
 * verdicts leave detections out: `ml/peregrine_ml/monitoring/label_rules.py`.
 */
export const answerLabel = z.union([trueObjects.extend(said).strict(), detectionVerdicts.extend(said).strict()]);
export type AnswerLabel = Readonly<z.infer<typeof answerLabel>>;

/** An inference id (SageMaker Runtime API, InvokeEndpoint: `InferenceId`); what precedes the first slash is the flight. */
export const inferenceId = z.string().regex(/^[!-~][ -~]{0,63}$/, "not an inference id: 1 to 64 printable characters");

/** What stands before the first slash of an inference id; an id without one is a flight of its own. */
export function flightOf(id: string): string {
  return id.split("/")[0]!;
}

/** One label of a request to the feedback function: it says neither who delivers it, nor when. */
export const deliveredObjects = trueObjects.extend({ ...drawn, inferenceId }).strict();
export const deliveredVerdicts = detectionVerdicts.extend({ ...drawn, inferenceId }).strict();
export type DeliveredLabel = Readonly<z.infer<typeof deliveredObjects> | z.infer<typeof deliveredVerdicts>>;

/** Labels in a request, at most. Together with `maxFeedbackBytes` it keeps below Lambda's 6 MB. */
export const maxFeedbackLabels = 1000;
/** Of a request's body. */
export const maxFeedbackBytes = 5 * 1024 * 1024;
/** Problems that a refusal spells out. */
export const maxToldProblems = 100;

/** What the feedback function answers to a request that it took. */
export const feedbackReceipt = z.object({
  /** Labels that were stored. */
  accepted: z.number().int(),
  /** Where, in the artifacts bucket. */
  key: z.string(),
  by: z.string(),
});
export type FeedbackReceipt = Readonly<z.infer<typeof feedbackReceipt>>;

/** And to one that it refused; nothing of it was stored. */
export const feedbackRefusal = z.object({
  message: z.string(),
  /** The first of them, with the label's place in the request. */
  problems: z.array(z.string()),
  /** How many there are. */
  count: z.number().int(),
});
export type FeedbackRefusal = Readonly<z.infer<typeof feedbackRefusal>>;

/** A line of ground truth (Model Monitor developer guide, "Ingest ground truth labels and merge them with predictions"). */
export const groundTruthLine = z.object({
  groundTruthData: z.object({
    /** JSON of `answerLabel`. */
    data: z.string(),
    encoding: z.literal("JSON"),
  }),
  eventMetadata: z.object({
    /** The inference id. */
    eventId: z.string().min(1),
  }),
  eventVersion: z.literal("0"),
});
export type GroundTruthLine = Readonly<z.infer<typeof groundTruthLine>>;

/** Where labels that came in one request lie: by the hour in which they came. */
export function labelsKey(endpoint: string, at: Date, requestId: string): string {
  return `${labelsPrefix(endpoint)}${hourFolder(at)}/${requestId}.jsonl`;
}

/** `yyyy/mm/dd/hh` in UTC, as SageMaker names the folders of capture and ground truth. */
export function hourFolder(at: Date): string {
  return at.toISOString().slice(0, 13).replace(/[-T]/g, "/");
}
