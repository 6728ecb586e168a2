import { z } from "zod";
import { readJson } from "./json";

/**
 * What a serving container says of its answers, as a line of its log: how many it gave since the line before, and what
 * they were like. It says so at most once a second (`ml/peregrine_ml/serving/tally.py` writes it;
 * `test/contract/answer-tally.spec.ts` compares both sides), and has no other way to tell: it runs without a network.
 */
const line = z.object({
  event: z.literal("answered"),
  /** With status 200. */
  answers: z.int().min(0),
  /** Nothing was found, or values that no detector can mean. */
  empty: z.int().min(0),
  /** Something was found, and nothing of it with a confidence of a half. */
  unsure: z.int().min(0),
  /** ARN of the model package that answered; empty where the container was not told. */
  package: z.string(),
});
export type AnswerTally = Readonly<z.infer<typeof line>>;

/** Finds these lines in CloudWatch Logs ("Filter pattern syntax", JSON). */
export const answerTallyPattern = '{ $.event = "answered" }';

/** The tally in a line of the log; undefined where it is another line. */
export function answerTallyOf(text: string): AnswerTally | undefined {
  const read = readJson(text, line);
  return read.kind === "value" ? read.value : undefined;
}

/** Log group of an endpoint's containers; their streams are `<variant>/<instance>` ("Monitor Amazon SageMaker with CloudWatch Logs"). */
export function servingLogGroup(endpoint: string): string {
  return `/aws/sagemaker/Endpoints/${endpoint}`;
}
