import { z } from "zod";
import { championVariant } from "../../contract/variants";
import { signals } from "../rollout/served";

/** Both models of an experiment; their names are the variants'. */
export const arms = [championVariant, "challenger"] as const;
export type Arm = (typeof arms)[number];

const chance = z.number().gt(0).lt(1);
const hours = z.number().positive();
const amount = z.number().min(0);
const share = z.number().gt(0).max(1);

/** What the experiment asks of the difference, challenger less champion, in the metric's own unit. */
const question = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("superiority"),
    /** The smallest difference that is worth finding. */
    minimumEffect: z.number().positive(),
  }),
  z.strictObject({
    kind: z.literal("non-inferiority"),
    /** How much worse the challenger may be. */
    margin: z.number().positive(),
  }),
]);

const looks = z.int().min(1).max(200);

/** When the experiment may end; see docs/statistics.md. */
const stopping = z.discriminatedUnion("rule", [
  /** Once, at the end. */
  z.strictObject({ rule: z.literal("fixed") }),
  /** At any look; the error chance is spent as α tᵠ of the information. For a planned length. */
  z.strictObject({ rule: z.literal("group-sequential"), looks, phi: z.number().min(1).max(8).default(2) }),
  /** At any look, without a plan; `looks` only tells the power. */
  z.strictObject({ rule: z.literal("always-valid"), looks }),
]);

const design = z.strictObject({
  name: z.string().regex(/^[a-z0-9](-?[a-z0-9]){0,62}$/, "lower-case letters, digits and hyphens, 63 at most"),
  /** What is assigned to a model as a whole: images of one flight are alike, so that requests alone prove less. */
  unit: z.enum(["flight", "request"]),
  /** Of the traffic, to the challenger; the rest goes to the champion. */
  challengerPercent: z.number().gt(0).lt(100),
  /** Scored on each labelled image. */
  metric: z.strictObject({ name: z.string().min(1), better: z.enum(["higher", "lower"]) }),
  question,
  /** Chance to be wrong: on both sides together for superiority, on one for non-inferiority. */
  alpha: chance.default(0.05),
  /** Chance to find the minimum effect, or to prove an equal challenger no worse. */
  power: chance.default(0.8),
  stopping,
  maximumHours: hours,
  /** What ends the experiment where the challenger does more of it; `alpha` is the chance of a false alarm of each. */
  guardrails: z.array(z.strictObject({ signal: z.enum(signals), alpha: chance.default(0.01) })).default([]),
  /** Chance to call the experiment void although the split is as intended. */
  sampleRatioAlpha: chance.default(0.01),
  /** The most it may cost. */
  budgetUsd: z.number().positive().optional(),
});

const traffic = z.strictObject({
  /** Images a second, of both models together. */
  requestsPerSecond: z.number().positive(),
  /** Images of a flight, on average, and their coefficient of variation. */
  flightSize: z.number().min(1),
  flightSizeVariation: amount.default(0),
  /** Of two images of a flight (ICC), 0 to 1. */
  correlation: z.number().min(0).max(1),
  /** Standard deviation of the metric over images. */
  deviation: z.number().positive(),
  /** Of the images, those that get a label; of the flights, where the unit is a flight: whole flights are labelled. */
  labelledShare: share,
  /** From an answer to its label. */
  labelHours: amount.default(0),
});

const prices = z.strictObject({
  /** Of the challenger's instances. */
  challengerUsdPerHour: amount,
  usdPerLabel: amount,
  /** Capture and storage. */
  usdPerRequest: amount,
});

export type ExperimentDesign = Readonly<z.infer<typeof design>>;
/** As people write it: what has a default may be left out. */
export type ExperimentDesignInput = z.input<typeof design>;
/** What an experiment can learn from, as it was before. */
export type ExperimentTraffic = Readonly<z.infer<typeof traffic>>;
export type ExperimentPrices = Readonly<z.infer<typeof prices>>;

/** A design, or what was observed, that makes no sense; everything that is wrong with it. */
export class InvalidExperiment extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`not an experiment: ${problems.join("; ")}`);
    this.name = "InvalidExperiment";
  }
}

/** Reads a design. @throws InvalidExperiment with all that is wrong with it. */
export function designOf(input: unknown): ExperimentDesign {
  return read({ design }, { design: input }).design;
}

/** Reads all that a plan is made of. @throws InvalidExperiment with all that is wrong with any of them. */
export function planInputs(input: { design: unknown; traffic: unknown; prices: unknown }): {
  readonly design: ExperimentDesign;
  readonly traffic: ExperimentTraffic;
  readonly prices: ExperimentPrices;
} {
  return read({ design, traffic, prices }, input);
}

/** @throws InvalidExperiment */
export function read<Shape extends z.ZodRawShape>(shape: Shape, input: unknown): z.infer<z.ZodObject<Shape>> {
  const parsed = z.strictObject(shape).safeParse(input);
  if (parsed.success) return parsed.data as z.infer<z.ZodObject<Shape>>;
  throw new InvalidExperiment(
    parsed.error.issues.map(
      ({ path, message }) => `${path.join(".")}: ${message.endsWith("received undefined") ? "missing" : message}`,
    ),
  );
}

/** How the difference is tested. */
export interface Test {
  readonly sides: 1 | 2;
  /** On each side. */
  readonly alpha: number;
  /** Added to the difference: what is to be proven is that the sum is above 0. */
  readonly shift: number;
  /** True difference, with the shift, at which the power is asked for. */
  readonly effect: number;
}

export function testOf({ question: asked, alpha }: ExperimentDesign): Test {
  return asked.kind === "superiority"
    ? { sides: 2, alpha: alpha / 2, shift: 0, effect: asked.minimumEffect }
    : { sides: 1, alpha, shift: asked.margin, effect: asked.margin };
}
