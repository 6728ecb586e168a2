import { lowerMixtureBounds, mixtureBounds } from "../statistics/confidence-sequence";
import { asStudent } from "../statistics/difference";
import { crossings, spendingBounds, spent, type Stage } from "../statistics/group-sequential";
import { informationFor } from "../statistics/power";
import { signChange } from "../statistics/solve";
import { type ExperimentDesign, testOf } from "./design";

/** Looks of a plan, evenly spread up to all of the information. */
export function evenLooks({ stopping }: ExperimentDesign, information: number): number[] {
  const count = stopping.rule === "fixed" ? 1 : stopping.looks;
  return Array.from({ length: count }, (_, look) => ((look + 1) / count) * information);
}

/**
 * z at which each look ends the experiment, on either side.
 * @param information of each look, 1 / variance of the difference, increasing.
 * @param target information that the design asks for (`targetInformation`).
 * @param over whether the last look is the last: then it spends what is left.
 */
export function boundsOf(
  design: ExperimentDesign,
  information: readonly number[],
  target: number,
  over: boolean,
): number[] {
  const { alpha, sides } = testOf(design);
  const { stopping } = design;
  if (stopping.rule === "always-valid")
    return sides === 2 ? mixtureBounds(information, 2 * alpha, target) : lowerMixtureBounds(information, alpha, target);
  const last = information.length - 1;
  const reached = information.map((one, look) => one >= target || (over && look === last));
  const shares = information.map((one, look) =>
    reached[look]! ? alpha : stopping.rule === "fixed" ? 0 : spent(alpha, one / target, stopping.phi),
  );
  return spendingBounds({ information, spent: shares });
}

/** What a design does where looks have this information and the challenger has its minimum effect. */
export interface Operation {
  readonly power: number;
  /** Chance of each look to be the last, whichever way. */
  readonly ends: readonly number[];
}

/** @param degrees of freedom of the difference at each look: few units make it harder to prove anything. */
export function operationOf(
  design: ExperimentDesign,
  information: readonly number[],
  target: number,
  degrees: readonly number[],
): Operation {
  const bounds = boundsOf(design, information, target, true).map((bound, look) => asStudent(bound, degrees[look]!));
  return operation(bounds, information, testOf(design).effect);
}

function operation(bounds: readonly number[], information: readonly number[], effect: number): Operation {
  const stages: Stage[] = bounds.map((bound, look) => ({
    information: information[look]!,
    upper: bound,
    lower: -bound,
  }));
  const { upper, lower } = crossings(stages, effect);
  const ends = upper.map((one, look) => one + lower[look]!);
  ends[ends.length - 1]! += Math.max(0, 1 - ends.reduce((total, one) => total + one, 0));
  return { power: upper.reduce((total, one) => total + one, 0), ends };
}

/** By what they follow from: a design is judged at each of its looks. */
const known = new Map<string, number>();

/**
 * Information at which the design has its power if it looks as planned: 1 / variance of the difference. It follows from
 * the question alone, so that no guess about traffic enters a verdict (information-based monitoring: Mehta and Tsiatis,
 * Drug Information Journal 35, 2001).
 */
export function targetInformation(design: ExperimentDesign): number {
  const key = JSON.stringify([design.question, design.alpha, design.power, design.stopping]);
  const before = known.get(key);
  if (before !== undefined) return before;
  const { effect, alpha, sides } = testOf(design);
  const fixed = informationFor(effect, sides * alpha, sides, design.power);
  // Bounds of z depend on shares of the information alone.
  const shares = evenLooks(design, 1);
  const bounds = boundsOf(design, shares, 1, true);
  const powerAt = (factor: number): number => {
    const information = shares.map((share) => share * factor * fixed);
    return operation(bounds, information, effect).power;
  };
  const missing = (factor: number): number => powerAt(factor) - design.power;
  const target = design.stopping.rule === "fixed" ? fixed : fixed * signChange(missing, 1, 4, 1e-4);
  known.set(key, target);
  return target;
}
