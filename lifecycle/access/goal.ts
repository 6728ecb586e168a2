import { type Fact, keyOf, type Session } from "./model";
import { chainTo, type Reach, type Step } from "./reach";
import type { Search } from "./search";

/** Somebody who starts somewhere: a person with a role, notebooks, experiments, a workflow. */
export interface Actor {
  /** `deployer of prod`. */
  readonly name: string;
  /** Name of the role, without its environment. */
  readonly role: string;
  /** Environments of the starting roles. */
  readonly environments: readonly string[];
  /** The person's name, which is the truthful source identity. */
  readonly person?: string;
  readonly starts: readonly Session[];
}

/** Whether a fact is what must not be. */
export type FactPredicate = (fact: Fact, actor: Actor) => boolean;

export interface Goal {
  /** Short, for the command line: `four-eyes`. */
  readonly name: string;
  /** What must not be reached, as a sentence. */
  readonly says: string;
  readonly actors: (actor: Actor) => boolean;
  /** Forbidden is to reach, for each of these, a fact that passes. */
  readonly reaches: readonly FactPredicate[];
}

/** A goal that somebody reaches, by the shortest chain. */
export interface Breach {
  readonly goal: string;
  readonly actor: string;
  readonly chain: readonly Step[];
}

/** The shortest breach of a goal by an actor, if there is any. */
function breachOf(goal: Goal, actor: Actor, reach: Reach): Breach | undefined {
  const started = new Set(actor.starts.map((session) => keyOf({ kind: "as", session })));
  const keys: string[] = [];
  for (const test of goal.reaches) {
    let best: { key: string; length: number } | undefined;
    for (const [key, { fact }] of reach) {
      if (started.has(key) || !test(fact, actor)) continue;
      const { length } = chainTo(reach, key);
      if (!best || length < best.length) best = { key, length };
    }
    if (!best) return undefined;
    keys.push(best.key);
  }
  const chain = keys.flatMap((key) => chainTo(reach, key));
  return { goal: goal.name, actor: actor.name, chain: [...new Set(chain)] };
}

/** Every breach of every goal: for each actor that a goal is about, the shortest chain. */
export function breaches(search: Search, goals: readonly Goal[], actors: readonly Actor[]): Breach[] {
  return actors.flatMap((actor) => {
    const concerned = goals.filter((goal) => goal.actors(actor));
    if (concerned.length === 0) return [];
    const reach = search.reach(actor.starts);
    return concerned.flatMap((goal) => breachOf(goal, actor, reach) ?? []);
  });
}
