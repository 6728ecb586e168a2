import type { AlertArea, Severity } from "../../contract/alerts";
import type { EnvironmentFacts, Evidence } from "../read-model/facts";
import type { Money } from "./amount";
import type { ReportFacts } from "./facts";
import type { Target } from "./targets/target";

/** How sure a recommendation is: it was measured, somebody estimated it, or it follows from what is assumed. */
export type Confidence = "measured" | "estimated" | "assumed";

/** What a rule found, before it has an owner and a date. */
export interface Finding {
  /** What it is about: with rule and environment it is the same in the next report. */
  readonly subject: string;
  readonly severity: Severity;
  /** What to do, in one sentence. */
  readonly action: string;
  readonly command: string;
  /** What was found, in one sentence. */
  readonly why: string;
  readonly evidence: readonly Evidence[];
  /** What following it is worth in a month. */
  readonly value: Money;
  /** What it costs to follow it. */
  readonly cost: string;
  /** What can go wrong with it. */
  readonly risk: string;
  readonly confidence: Confidence;
  /** ISO 8601 date, where it is due before its severity says so. */
  readonly dueBy?: string;
}

/** A rule that recommends something: pure, so that each recommendation can be explained and worked out again. */
export interface RecommendationRule {
  /** Its file's name. */
  readonly name: string;
  /** When it speaks, in one sentence. */
  readonly when: string;
  /** Whose it is to follow it. */
  readonly area: AlertArea;
  /** What it is made from: where that was not read, nobody knows whether it still holds. */
  readonly reads: readonly (keyof EnvironmentFacts)[];
  find(environment: EnvironmentFacts, context: RuleContext): readonly Finding[];
}

export interface RuleContext {
  readonly facts: ReportFacts;
  /** Of this environment. */
  readonly targets: readonly Target[];
}

/** A missed target of this environment by its name. */
export function missedTarget({ targets }: RuleContext, name: string): Target | undefined {
  return targets.find(({ id, state }) => id.startsWith(`${name}:`) && state === "missed");
}

/** What something is worth that takes away what is at stake of a target: as much each month as in the period. */
export function monthly(atStake: Money, days: number): Money {
  if (!("usd" in atStake)) return atStake;
  const months = 365 / 12 / Math.max(1, days);
  const scaled = (usd: number) => usd * months;
  const [low, high] = atStake.range;
  return {
    usd: scaled(atStake.usd),
    range: [scaled(low), scaled(high)],
    how: `${atStake.how}; as much each month as in these ${days} days`,
  };
}
