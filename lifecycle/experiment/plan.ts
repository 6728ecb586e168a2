import type { Decision } from "../verdict";
import { designEffect } from "../statistics/clusters";
import { degreesOf } from "../statistics/difference";
import { evenLooks, operationOf, targetInformation } from "./boundaries";
import {
  type Arm,
  arms,
  type ExperimentDesign,
  type ExperimentTraffic,
  InvalidExperiment,
  planInputs,
  testOf,
} from "./design";
import { costOf, type ExperimentCost } from "./cost";
import { refusals, type Prospect } from "./refusals";

/** What an experiment will be, or why it is not worth starting. */
export interface ExperimentPlan extends Decision<"feasible" | "hopeless"> {
  /** What would make a hopeless design feasible, one a sentence. */
  readonly proposals: readonly string[];
  /** Chance to find the minimum effect, or to prove an equal challenger no worse, within `hours`. */
  readonly power: number;
  /** Until it has its power, or the maximum; with the labels' delay. */
  readonly hours: number;
  /** On average, if the challenger has its minimum effect, or is equal. */
  readonly expectedHours: number;
  /** The smallest effect or margin that would be found with the wanted power within the maximum. */
  readonly smallestEffect: number;
  /** At the end, of each model. */
  readonly labelledImages: Readonly<Record<Arm, number>>;
  readonly units: Readonly<Record<Arm, number>>;
  readonly usd: ExperimentCost;
}

/**
 * Plans an experiment before anything is spent: what it can find, how long it takes and what it costs.
 * @param traffic as it was before, of both models together.
 * @throws InvalidExperiment with all that is wrong with design, traffic and prices.
 */
export function planExperiment(designInput: unknown, trafficInput: unknown, pricesInput: unknown): ExperimentPlan {
  const { design, traffic, prices } = planInputs({ design: designInput, traffic: trafficInput, prices: pricesInput });
  if (traffic.labelHours >= design.maximumHours)
    throw new InvalidExperiment([
      `traffic.labelHours: labels come after ${traffic.labelHours} hours, the experiment ends after ${design.maximumHours}`,
    ]);
  const speed = informationPerHour(design, traffic);
  const target = targetInformation(design);
  const most = design.maximumHours - traffic.labelHours;
  const labelled = Math.min(most, target / speed);
  const hours = labelled + traffic.labelHours;
  const share = design.challengerPercent / 100;
  const images = labelled * 3600 * traffic.requestsPerSecond * traffic.labelledShare;
  const ofArms = (all: number): Record<Arm, number> => ({
    champion: Math.floor(all * (1 - share)),
    challenger: Math.floor(all * share),
  });
  const units = ofArms(design.unit === "flight" ? images / traffic.flightSize : images);
  const at = evenLooks(design, labelled * speed);
  const { power, ends } = operationOf(design, at, target, degreesAt(units, at.length));
  const expectedHours =
    ends.reduce((total, chance, look) => total + chance * (at[look]! / speed), 0) + traffic.labelHours;
  const usd = costOf(prices, traffic, hours, expectedHours);
  const prospect: Prospect = {
    power,
    hours,
    units,
    usd,
    target,
    speed,
    smallestEffect: smallestEffect(design, most * speed),
  };
  const { reasons, proposals } = refusals(design, traffic, prospect);
  return {
    verdict: reasons.length > 0 ? "hopeless" : "feasible",
    reasons: reasons.length > 0 ? reasons : [summary(design, prospect, expectedHours)],
    proposals,
    power,
    hours,
    expectedHours,
    smallestEffect: prospect.smallestEffect,
    labelledImages: ofArms(images),
    units,
    usd,
  };
}

/** Degrees of freedom at evenly spread looks, where all units vary alike. */
function degreesAt(units: Readonly<Record<Arm, number>>, looks: number): number[] {
  return Array.from({ length: looks }, (_, look) => {
    const [one, other] = arms.map((arm) => Math.max(2, (units[arm] * (look + 1)) / looks)) as [number, number];
    return degreesOf({ variance: 1 / one, units: one }, { variance: 1 / other, units: other });
  });
}

/** Information of the difference that an hour of labels brings: both models' effective images, in parallel. */
function informationPerHour(
  { unit, challengerPercent }: ExperimentDesign,
  { requestsPerSecond, flightSize, flightSizeVariation, correlation, deviation, labelledShare }: ExperimentTraffic,
): number {
  const share = challengerPercent / 100;
  const images = 3600 * requestsPerSecond * labelledShare;
  const effect = unit === "flight" ? designEffect(flightSize, correlation, flightSizeVariation) : 1;
  return (images * share * (1 - share)) / (deviation ** 2 * effect);
}

/** Effects scale with the square root of the information: so does what can be seen with it. */
function smallestEffect(design: ExperimentDesign, information: number): number {
  return testOf(design).effect * Math.sqrt(targetInformation(design) / information);
}

function summary(design: ExperimentDesign, { power, hours, usd }: Prospect, expectedHours: number): string {
  const found =
    design.question.kind === "superiority"
      ? `a difference of ${design.question.minimumEffect}`
      : `that an equal challenger is worse by less than ${design.question.margin}`;
  return `finds ${found} with a chance of ${(100 * power).toFixed(0)} % within ${hours.toFixed(1)} hours, ${expectedHours.toFixed(1)} on average, for at most ${usd.total.toFixed(2)} US dollars`;
}
