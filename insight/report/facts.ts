import type { PlatformFacts, Reading } from "../read-model/facts";
import type { Period } from "./period";
import type { KeptReport } from "./kept";

/** Something with an interval, such as an effect on a business figure. */
export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** What a change of the model did to a business figure. */
export interface ShownEffect {
  /** Such as `v3 → v4`. */
  readonly change: string;
  readonly environment: string;
  /** ISO 8601. */
  readonly at: string;
  /** Business figure, with its unit. */
  readonly figure: string;
  readonly unit: string;
  readonly effect: Interval;
  /** A to D: how strong the design is that it was found by. */
  readonly grade: string;
  readonly sentence: string;
}

/** What models were worth in the period. */
export interface BusinessFacts {
  readonly valueUsd: Interval;
  readonly grade: string;
  readonly effects: readonly ShownEffect[];
  readonly assumptions: readonly string[];
}

/** What was really paid, as it was billed. */
export interface SpendFacts {
  /** Of the period, USD. */
  readonly usd: number;
  /** Whether the newest days are still estimates. */
  readonly estimated: boolean;
  /** What it was spent on, the dearest first. */
  readonly parts: readonly { readonly part: string; readonly usd: number }[];
}

/** Everything that a report is made of: the same facts give the same bytes. */
export interface ReportFacts {
  readonly period: Period;
  readonly platform: PlatformFacts;
  /** Undefined where nobody has declared what a detection is worth. */
  readonly business?: Reading<BusinessFacts>;
  /** Undefined where bills are not read. */
  readonly spend?: Reading<SpendFacts>;
  /** The report before this one. */
  readonly previous?: KeptReport;
  /** Why it could not be read, where there may be one. */
  readonly previousUnread?: string;
}
