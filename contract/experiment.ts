import { z } from "zod";
import { experimentId } from "./desired-release";
import { summariesPrefix } from "./monitoring";
import { prefixes } from "./places";

/**
 * What the parts agree on about experiments: champion against challenger on one endpoint. The design and what became of
 * it are in the ledger; what was seen in between lies in the artifacts bucket.
 */

/** How an experiment can end; see `docs/experiments.md`. */
export const experimentEndings = [
  "won",
  "lost",
  /** The challenger fails more often, or is slower. */
  "guardrail",
  /** The traffic was not split as intended, or the endpoint was changed meanwhile: nothing is known. */
  "void",
  "inconclusive",
  /** By a person. */
  "stopped",
  /** By a rollback. */
  "superseded",
  /** The challenger did not come up, or failed its tests. */
  "failed",
] as const;

/** What is seen of experiments: `<prefix><id>/`. */
export const experimentsPrefix = `${prefixes.watch}experiments/`;

/** All looks at an experiment so far. */
export function courseKey(id: string): string {
  return `${experimentsPrefix}${id}/course.json`;
}

/** What it has come to, written once; absent while it runs. */
export function endingKey(id: string): string {
  return `${experimentsPrefix}${id}/ending.json`;
}

/** That the release path was asked to do what follows from the ending, and that people were told. */
export function askedKey(id: string): string {
  return `${experimentsPrefix}${id}/asked.json`;
}

/** What an experiment has come to. */
export const endingDocument = z.strictObject({
  version: z.literal(1),
  id: experimentId,
  outcome: z.enum(experimentEndings),
  reasons: z.array(z.string()).min(1),
  at: z.iso.datetime(),
  /** Looks behind it. */
  looks: z.int().min(0),
  /** Challenger less champion, with its interval; absent where too little was seen. */
  difference: z.strictObject({ mean: z.number(), low: z.number(), high: z.number() }).optional(),
  informationShare: z.number().min(0).max(1).optional(),
});
export type EndingDocument = Readonly<z.infer<typeof endingDocument>>;

/**
 * What labelled answers scored, and which flights came: `monitor` writes it on every run
 * (`ml/peregrine_ml/monitoring/scores.py`) for as long as labels count.
 */
export const scoresDocument = z.object({
  schema: z.literal("peregrine.scores/1"),
  /** What was labelled and captured until then is in it. */
  until: z.iso.datetime({ offset: true }),
  answers: z.array(
    z.object({
      id: z.string(),
      flight: z.string(),
      variant: z.string(),
      answeredAt: z.iso.datetime({ offset: true }),
      labelledAt: z.iso.datetime({ offset: true }),
      /** How it was picked to be labelled: `random` ones alone tell of all answers. */
      sample: z.string(),
      /** Detections that are right, detections, true objects: at an IoU of 0.5. */
      right: z.int().min(0),
      found: z.int().min(0),
      true: z.int().min(0),
    }),
  ),
  /** Flights by variant, each with the end of the run that saw it first. */
  flights: z.record(z.string(), z.record(z.string(), z.iso.datetime({ offset: true }))),
});
export type ScoresDocument = Readonly<z.infer<typeof scoresDocument>>;
export type ScoredAnswer = ScoresDocument["answers"][number];

/** Where it lies, beside the summaries of hours. */
export function scoresKey(endpoint: string): string {
  return `${summariesPrefix}${endpoint}/scores.json`;
}
