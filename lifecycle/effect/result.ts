import type { Interval } from "../statistics/confidence-sequence";

/**
 * How an effect is known, from the best evidence down: randomised, difference in differences, interrupted time series,
 * association only. Only the first three are effects.
 */
export const grades = ["A", "B", "C", "D"] as const;
export type Grade = (typeof grades)[number];

export const gradeNames: Readonly<Record<Grade, string>> = {
  A: "randomised",
  B: "difference in differences",
  C: "interrupted time series",
  D: "association only",
};

/** Something that changed on a day. */
export interface Change {
  /** ISO 8601 date in UTC. */
  readonly day: string;
  readonly what: string;
}

/** A day of the KPI, and what would have been expected of it without the change. */
export interface CounterfactualDay {
  readonly day: string;
  readonly value: number;
  readonly expected: number;
  readonly low: number;
  readonly high: number;
}

/** An effect, in the KPI's unit: new less old. */
export interface Estimate extends Interval {
  readonly grade: Exclude<Grade, "D">;
  /** In one sentence, for who wants to know. */
  readonly method: string;
  readonly mean: number;
  readonly pValue: number;
  /** Effects of this size are found with a chance of 80 %. */
  readonly detectable: number;
  /** What is behind it, such as `flights of the challenger: 41`. */
  readonly n: Readonly<Record<string, number>>;
  /** What must be true, and cannot be seen in the data. */
  readonly assumptions: readonly string[];
  /** Of an interval without 0: dates at which nothing changed, and how many of them look as much like a change. */
  readonly placebo?: { readonly dates: number; readonly asExtreme: number };
  readonly course?: readonly CounterfactualDay[];
}

/** What stays of an estimate where a rung cannot carry one. */
export interface Refusal {
  readonly reasons: readonly string[];
}

export type Rung = Estimate | Refusal;

export function isRefusal(rung: Rung): rung is Refusal {
  return "reasons" in rung;
}

/** The chance that intervals hold. */
export const level = 0.95;
export const alpha = 1 - level;
/** Chance with which `detectable` is found. */
export const power = 0.8;
