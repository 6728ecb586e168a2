import { type Fact, describeFact, keyOf } from "../../../lifecycle/access/model";
import type { Step } from "../../../lifecycle/access/reach";
import type { Search } from "../../../lifecycle/access/search";
import type { Session } from "../../../lifecycle/access/model";

/** A step that a chain takes: the edge kind, and what is reached in words. */
export type Wanted = readonly [edge: string, reaches: RegExp];

/**
 * Goes a chain step by step, each from all that was reached before.
 * @throws Error that says what could be done instead, where a step is not there.
 */
export function walk(search: Search, start: Session, wanted: readonly Wanted[]): Step[] {
  const first: Step = { fact: { kind: "as", session: start }, edge: "start", from: [], requests: [] };
  const found = new Map<string, Step>([[keyOf(first.fact), first]]);
  return wanted.map(([edge, reaches]) => {
    const next = [...found.values()].flatMap(({ fact }: { fact: Fact }) => search.expand(fact, found));
    const step = next.find((one) => one.edge === edge && reaches.test(describeFact(one.fact)));
    if (!step)
      throw new Error(
        `no step "${edge}" to ${reaches.source}; there are:\n${[...new Set(next.map((one) => `${one.edge}: ${describeFact(one.fact)}`))].sort().join("\n")}`,
      );
    found.set(keyOf(step.fact), step);
    return step;
  });
}

/** The statements that allow a step's requests. */
export function statementsOf({ requests }: Step): string[] {
  return requests.map(({ statement }) => statement);
}
