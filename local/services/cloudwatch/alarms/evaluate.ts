import type { AlarmState } from "./state";

/** What decides about an alarm's state: the newest datapoint last, undefined where a period had no samples. */
export interface Evaluation {
  readonly datapoints: readonly (number | undefined)[];
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly threshold: number;
  readonly comparison: string;
  readonly treatMissingData: "missing" | "ignore" | "breaching" | "notBreaching";
  readonly state: AlarmState;
}

export interface Verdict {
  readonly state: AlarmState;
  /** The datapoints that decided, newest first, by their place in `datapoints`. */
  readonly decisive: readonly number[];
  /** Periods that were filled in. */
  readonly missing: number;
}

/** Extra periods that CloudWatch looks back when some of the newest have no samples. */
export const EXTRA_PERIODS = 2;

const COMPARE: Readonly<Record<string, (value: number, threshold: number) => boolean>> = {
  GreaterThanThreshold: (value, threshold) => value > threshold,
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
};

/** Comparison operators that the local cloud evaluates; the others need anomaly detection. */
export const COMPARISONS: readonly string[] = Object.keys(COMPARE);

/**
 * The state of an alarm by its newest datapoints, as "Configuring how CloudWatch alarms treat missing data" describes
 * it: the newest existing datapoints of the evaluation range count first, missing ones are filled in only when there
 * are too few.
 */
export function evaluate(input: Evaluation): Verdict {
  const { datapoints, evaluationPeriods, datapointsToAlarm, threshold, treatMissingData, state } = input;
  const breaches = (at: number): boolean => COMPARE[input.comparison]!(datapoints[at]!, threshold);
  const newestFirst = datapoints.map((_value, at) => at).reverse();
  const existing = newestFirst.filter((at) => datapoints[at] !== undefined).slice(0, evaluationPeriods);
  const missing = evaluationPeriods - existing.length;
  const breaching = existing.filter(breaches).length;
  const verdict = (next: AlarmState): Verdict => ({ state: next, decisive: existing, missing });

  if (breaching >= datapointsToAlarm) return verdict("ALARM");
  if (missing === 0) return verdict("OK");
  if (treatMissingData === "breaching") return verdict(breaching + missing >= datapointsToAlarm ? "ALARM" : "OK");
  if (treatMissingData === "notBreaching") return verdict("OK");
  if (existing.length === 0) return verdict(treatMissingData === "ignore" ? state : "INSUFFICIENT_DATA");
  if (breaching < existing.length) return verdict("OK");
  // All that exist breach, but they are too few: "missing" goes to ALARM when the oldest of them is old enough.
  const age = datapoints.length - existing.at(-1)!;
  return verdict(treatMissingData === "missing" && age >= datapointsToAlarm ? "ALARM" : state);
}
