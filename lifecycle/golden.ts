import type { Decision } from "./verdict";

/** One object found in an image. */
export interface Detection {
  readonly name: string;
  /** 0..1. */
  readonly confidence: number;
  /** x1, y1, x2, y2 in pixels. */
  readonly box: readonly [number, number, number, number];
}

/** What is, or should be, answered to one image of the golden set. */
export interface GoldenAnswer {
  /** Names the image, such as its key. */
  readonly image: string;
  readonly width: number;
  readonly height: number;
  readonly detections: readonly Detection[];
}

export interface GoldenPolicy {
  /** Lowest F1 at which an image's answer agrees with its expectation, 0..1. */
  readonly minImageF1: number;
  /** Lowest share of images that must agree, 0..1. */
  readonly minShare: number;
  /** More detections in one image than this are no answer. */
  readonly maxDetections: number;
}

/** Half of the objects may differ: the golden set looks for broken models, the evaluation for worse ones. */
export const goldenDefaults: GoldenPolicy = { minImageF1: 0.5, minShare: 0.8, maxDetections: 1000 };

export interface ImageAgreement {
  readonly image: string;
  readonly matched: number;
  /** Agreement of both answers, 0..1; 1 where both find nothing. */
  readonly f1: number;
  /** Why the answer cannot be one, whatever is in the image. */
  readonly absurd: readonly string[];
}

export interface GoldenComparison extends Decision<"agrees" | "differs" | "absurd"> {
  readonly images: readonly ImageAgreement[];
  /** Share of images that agree, 0..1. */
  readonly share: number;
  /** Over the objects of all images together. */
  readonly f1: number;
}

/** Boxes overlapping by this much mean the same object, as in mAP50. */
const sameObjectIou = 0.5;
/** Corners may lie this far outside: rounding of resized images, in pixels. */
const outsideBy = 1;
/** An expectation of so many objects cannot be answered by none. */
const notEmpty = 3;

/**
 * Compares an endpoint's answers with recorded expectations for the same images. The expectation is another model's
 * word, not truth: a better model may differ, a broken one answers absurdly.
 */
export function compareGolden(
  expected: readonly GoldenAnswer[],
  answers: readonly GoldenAnswer[],
  policy: GoldenPolicy = goldenDefaults,
): GoldenComparison {
  const byImage = new Map(answers.map((answer) => [answer.image, answer]));
  const images = expected.map((expectation) => compareImage(expectation, byImage.get(expectation.image), policy));
  const asked = new Set(expected.map(({ image }) => image));
  const matched = sum(images.map((image) => image.matched));
  const total = sum(
    expected.map(({ image, detections }) => detections.length + (byImage.get(image)?.detections.length ?? 0)),
  );
  const share =
    images.length === 0
      ? 0
      : images.filter(({ f1, absurd }) => f1 >= policy.minImageF1 && absurd.length === 0).length / images.length;
  const absurd = [
    ...images.flatMap(({ image, absurd }) => absurd.map((why) => `${image}: ${why}`)),
    ...answers
      .filter(({ image }) => !asked.has(image))
      .map(({ image }) => `${image}: answered, but not in the golden set`),
    ...(asked.size < expected.length || byImage.size < answers.length ? ["an image is named twice"] : []),
  ];
  const agreement = `${percent(share)} of ${images.length} golden images agree (F1 at least ${policy.minImageF1})`;
  const common = { images, share, f1: f1Of(matched, total) };
  if (images.length === 0)
    return {
      ...common,
      verdict: "differs",
      f1: 0,
      reasons: ["the golden set holds no image: nothing was compared", ...absurd],
    };
  if (absurd.length > 0) return { ...common, verdict: "absurd", reasons: absurd };
  if (share >= policy.minShare) return { ...common, verdict: "agrees", reasons: [agreement] };
  const differing = images
    .filter(({ f1 }) => !(f1 >= policy.minImageF1))
    .map(({ image, f1 }) => `${image}: F1 ${f1.toFixed(2)}`);
  return { ...common, verdict: "differs", reasons: [`${agreement}, ${percent(policy.minShare)} must`, ...differing] };
}

function compareImage(
  expectation: GoldenAnswer,
  answer: GoldenAnswer | undefined,
  policy: GoldenPolicy,
): ImageAgreement {
  const { image } = expectation;
  if (!answer) return { image, matched: 0, f1: 0, absurd: ["no answer"] };
  const matched = matches(expectation.detections, answer.detections);
  const total = expectation.detections.length + answer.detections.length;
  return { image, matched, f1: f1Of(matched, total), absurd: absurdities(expectation, answer, policy) };
}

/** What no model that works answers. */
function absurdities(
  { width, height, detections: expected }: GoldenAnswer,
  answer: GoldenAnswer,
  { maxDetections }: GoldenPolicy,
): string[] {
  const { detections } = answer;
  const count = (what: string, wrong: (one: Detection) => boolean): string[] => {
    const found = detections.filter(wrong).length;
    return found === 0 ? [] : [`${found} of ${detections.length} detections ${what}`];
  };
  const broken = ({ confidence, box }: Detection) => ![confidence, ...box].every(Number.isFinite);
  return [
    ...(answer.width === width && answer.height === height
      ? []
      : [`answered as ${answer.width} x ${answer.height}, the image is ${width} x ${height}`]),
    ...count("hold a number that is none", broken),
    ...count("have a confidence outside 0 to 1", (one) => !broken(one) && (one.confidence < 0 || one.confidence > 1)),
    ...count("have a box without area", (one) => !broken(one) && !(one.box[2] > one.box[0] && one.box[3] > one.box[1])),
    ...count(
      "lie outside the image",
      (one) =>
        !broken(one) &&
        (Math.min(...one.box) < -outsideBy ||
          Math.max(one.box[0], one.box[2]) > width + outsideBy ||
          Math.max(one.box[1], one.box[3]) > height + outsideBy),
    ),
    ...(detections.length > maxDetections ? [`${detections.length} detections, more than ${maxDetections}`] : []),
    ...(detections.length === 0 && expected.length >= notEmpty
      ? [`nothing found where ${expected.length} objects are expected`]
      : []),
  ];
}

/**
 * How many objects two answers share: the largest one-to-one assignment of boxes of the same name and IoU of at least
 * one half (Kuhn's algorithm), so that neither the order of the boxes nor who is compared with whom matters.
 */
function matches(expected: readonly Detection[], found: readonly Detection[]): number {
  const same = expected.map((one) =>
    found.flatMap((other, index) =>
      one.name === other.name && intersectionOverUnion(one.box, other.box) >= sameObjectIou ? [index] : [],
    ),
  );
  const takenBy = new Map<number, number>();
  const assign = (one: number, seen: Set<number>): boolean =>
    same[one]!.some((other) => {
      if (seen.has(other)) return false;
      seen.add(other);
      const holder = takenBy.get(other);
      if (holder !== undefined && !assign(holder, seen)) return false;
      takenBy.set(other, one);
      return true;
    });
  return expected.filter((_, index) => assign(index, new Set())).length;
}

/** Area shared by two boxes over the area of both, 0..1; 0 for boxes without area. */
export function intersectionOverUnion(a: Detection["box"], b: Detection["box"]): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  if (!(width > 0 && height > 0)) return 0;
  const shared = width * height;
  return shared / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared);
}

/** Harmonic mean of precision and recall: twice the matches over all boxes. */
function f1Of(matched: number, boxes: number): number {
  return boxes === 0 ? 1 : (2 * matched) / boxes;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
