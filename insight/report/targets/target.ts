import type { AlertArea, Severity } from "../../../contract/alerts";
import { liveRelease } from "../../../records/release";
import { type EnvironmentFacts, type Evidence, valueOf } from "../../read-model/facts";
import type { Series } from "../../read-model/series";
import type { Money } from "../amount";
import type { Period } from "../period";

/** Something that was promised, and what came of it. */
export interface Target {
  /** The same in every report: `quality:prod`. */
  readonly id: string;
  readonly environment: string;
  /** Such as `Measured mAP50`. */
  readonly title: string;
  /** What it ought to be, and what it is: with their units. */
  readonly wanted: string;
  readonly found: string;
  /** `unmeasured`: nobody knows, which is not met. */
  readonly state: "met" | "missed" | "unmeasured";
  /** Distance to the limit as a share of it; the smallest one is missed next. Undefined where there is no scale. */
  readonly slack?: number;
  readonly severity: Severity;
  readonly area: AlertArea;
  readonly owner: string;
  readonly atStake: Money;
  /** What to do, in a sentence, and what is typed. */
  readonly action: string;
  readonly command: string;
  /** ISO 8601 date. */
  readonly due: string;
  readonly evidence: readonly Evidence[];
}

/** A target before it has an owner and a date. */
export type Judged = Omit<Target, "id" | "environment" | "owner" | "due"> & { readonly name: string };
/** Judges a promise of an environment; none where it promised nothing. */
export type Judge = (environment: EnvironmentFacts, period: Period) => readonly Judged[];

/** Whether an environment answers requests: only then is anything promised of its answers. */
export function serves({ releases }: EnvironmentFacts): boolean {
  return liveRelease(valueOf(releases, [])) !== undefined;
}

/** The share of the measured windows that missed a limit. */
export function missedShare({ values }: Series, misses: (value: number) => boolean): { share: number; text: string } {
  const count = values.reduce((sum, value) => sum + (misses(value) ? 1 : 0), 0);
  return {
    share: count / Math.max(1, values.length),
    text: `${count} of ${values.length} measured windows missed it`,
  };
}

export const doctor = (environment: string): string => `npx peregrine doctor --stack ${environment}`;
export const labelling = (environment: string): string => `npx peregrine label export to-label --stack ${environment}`;
