import type { Interval } from "./confidence-sequence";
import { signChange } from "./solve";

/**
 * Randomisation inference (Fisher): how often a difference as large comes when the same units are assigned in every
 * other way. It needs no normal values, and few units.
 */

/** Ways to choose `few` of `all`. */
export function choose(all: number, few: number): number {
  let ways = 1;
  for (let index = 1; index <= few; index++) ways = (ways * (all - few + index)) / index;
  return Math.round(ways);
}

/** All of these ways, each as the places that are chosen. */
export function assignments(all: number, few: number): number[][] {
  const found: number[][] = [];
  const go = (from: number, chosen: readonly number[]): void => {
    if (chosen.length === few) {
      found.push([...chosen]);
      return;
    }
    for (let place = from; place <= all - (few - chosen.length); place++) go(place + 1, [...chosen, place]);
  };
  go(0, []);
  return found;
}

/** Differences that are equal but for rounding count as equal. */
const rounding = 1e-9;

/**
 * Share of the assignments whose difference of means is at least as large, either way.
 * @param shift effect that is taken from the treated first.
 */
export function permutationPValue(
  treated: readonly number[],
  control: readonly number[],
  ways: readonly (readonly number[])[],
  shift = 0,
): number {
  const values = [...treated.map((value) => value - shift), ...control];
  const total = values.reduce((sum, value) => sum + value, 0);
  const difference = (places: readonly number[]): number => {
    const sum = places.reduce((one, place) => one + values[place]!, 0);
    return sum / treated.length - (total - sum) / control.length;
  };
  const seen = Math.abs(difference(treated.map((_, index) => index)));
  const slack = rounding * values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return ways.filter((places) => Math.abs(difference(places)) >= seen - slack).length / ways.length;
}

/** Effects that the test does not reject: it is turned round. */
export function permutationInterval(
  treated: readonly number[],
  control: readonly number[],
  ways: readonly (readonly number[])[],
  alpha: number,
): Interval {
  const mean = average(treated) - average(control);
  const range = Math.max(...treated, ...control) - Math.min(...treated, ...control);
  const kept = (shift: number): number => permutationPValue(treated, control, ways, shift) - alpha;
  const end = (direction: -1 | 1): number => {
    let far = Math.max(range, Number.MIN_VALUE);
    for (let step = 0; kept(mean + direction * far) > 0; step++) {
      if (step === 20) return direction * Infinity;
      far *= 2;
    }
    return mean + direction * signChange((distance) => -kept(mean + direction * distance), 0, far, 1e-6 * far);
  };
  return { low: end(-1), high: end(1) };
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
