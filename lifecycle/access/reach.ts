import type { AllowedRequest } from "./evaluator";
import type { Fact, Session } from "./model";

/** How a fact was reached: from which facts, by which edge, and what allowed it. */
export interface Step {
  readonly fact: Fact;
  readonly edge: string;
  /** Keys of the facts it follows from; empty for what somebody starts with. */
  readonly from: readonly string[];
  /** Requests that were allowed, with the statements that allow them; empty for derived edges. */
  readonly requests: readonly AllowedRequest[];
  /** Why the postcondition of a derived edge follows. */
  readonly why?: string;
}

/** All that somebody reaches, each with its shortest derivation: steps by the key of their fact. */
export type Reach = ReadonlyMap<string, Step>;

/** The sessions that somebody holds. */
export function sessionsIn(found: Reach): Session[] {
  return [...found.values()].flatMap(({ fact }) => (fact.kind === "as" ? [fact.session] : []));
}

/** The steps that lead to a fact, first things first. */
export function chainTo(reach: Reach, key: string): Step[] {
  const chain: Step[] = [];
  const seen = new Set<string>();
  const walk = (one: string): void => {
    if (seen.has(one)) return;
    seen.add(one);
    const step = reach.get(one);
    if (!step) return;
    step.from.forEach(walk);
    chain.push(step);
  };
  walk(key);
  return chain;
}
