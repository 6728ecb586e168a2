import type { Cost } from "./budget";
import type { Bench } from "./bench";

/** What an experiment saw, and what that says of the belief. */
export interface Finding {
  readonly verdict: "held" | "refuted";
  readonly observed: string;
}

/** One open question about AWS, with the smallest thing that answers it. */
export interface Experiment {
  /** Letters, digits and hyphens, 20 at most: it is a part of names. */
  readonly name: string;
  readonly question: string;
  /** What this project rests on today, as a sentence that AWS can refute. */
  readonly believed: string;
  /** The longest that it takes, minutes. */
  readonly minutes: number;
  /** What it costs when it takes all of them. */
  readonly costs: readonly Cost[];
  /** @throws CouldNotAsk, or whatever AWS answers that says nothing about the belief. */
  ask(bench: Bench): Promise<Finding>;
}

/** Why a question has no answer: something is missing that it takes. */
export class CouldNotAsk extends Error {}

export const held = (observed: string): Finding => ({ verdict: "held", observed });
export const refuted = (observed: string): Finding => ({ verdict: "refuted", observed });

/** An error in AWS's words. */
export function wordsOf(error: unknown): string {
  const { name, message } = error as Error;
  return `${name}: ${message}`;
}
