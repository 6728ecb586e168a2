import { compareGolden, type GoldenAnswer, type GoldenPolicy, goldenDefaults } from "./golden";
import type { Decision } from "./verdict";

/** An image of the golden set, with what people marked in it. */
export interface GoldenExpectation {
  readonly key: string;
  /** From the labels beside the image; absent where there are none. */
  readonly expected?: GoldenAnswer;
}

/** What came of one image: an answer that keeps the serving contract, or what is wrong. */
export type GoldenReply =
  | { readonly answer: GoldenAnswer; readonly model: string }
  /** `failed`: no answer at all, SageMaker or the container refused. */
  | { readonly problem: string; readonly failed: boolean };

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
 * Labels are truth and a detector is not: an image counts as answered when a tenth of what is there is found right. A
 * model that works is far above, one that answers nothing or nonsense far below.
 */
const labelPolicy: GoldenPolicy = { ...goldenDefaults, minImageF1: 0.1 };
/** A release that finds so much less than the live one on the same images is broken, whatever its evaluation says. */
const minShareOfLive = 0.7;

/** Replies taken together. @param slowestMs slowest of them. */
export function runOf(
  images: readonly GoldenExpectation[],
  replies: readonly GoldenReply[],
  slowestMs: number,
): GoldenRun {
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

/** Whether an answer to one image is one that no model that works gives, labels or not. */
export function judgeAnswer({ expected }: GoldenExpectation, answer: GoldenAnswer): Decision<"plausible" | "absurd"> {
  const { verdict, reasons } = compareGolden([expected ?? answer], [answer], labelPolicy);
  return verdict === "absurd" ? { verdict, reasons } : { verdict: "plausible", reasons: [] };
}

/**
 * Whether a release's answers to the golden images are those of a model that works.
 * @param live the answers of the release before, to the same images; undefined for a first release.
 */
export function judgeGolden(
  images: readonly GoldenExpectation[],
  run: GoldenRun,
  live: GoldenRun | undefined,
): Decision<"pass" | "fail"> {
  const reasons = [...run.problems, ...(run.answers.length > 0 ? wrongIn(images, run, live) : [])];
  return { verdict: reasons.length === 0 ? "pass" : "fail", reasons };
}

function wrongIn(images: readonly GoldenExpectation[], run: GoldenRun, live: GoldenRun | undefined): string[] {
  const expected = images.flatMap((image) => image.expected ?? []);
  // Without labels an image is expected to be itself: absurd answers show all the same.
  const references = images
    .flatMap(({ key }) => run.answers.filter(({ image }) => image === key))
    .map((answer) => expected.find(({ image }) => image === answer.image) ?? answer);
  const comparison = compareGolden(references, run.answers, labelPolicy);
  const against = comparison.verdict === "agrees" ? [] : comparison.reasons;
  const worse =
    run.f1 !== undefined && live?.f1 !== undefined && run.f1 < minShareOfLive * live.f1
      ? [
          `finds far less than the live release in the same ${expected.length} labelled images: F1 ${run.f1.toFixed(2)}, live ${live.f1.toFixed(2)}`,
        ]
      : [];
  return [...against, ...worse];
}
