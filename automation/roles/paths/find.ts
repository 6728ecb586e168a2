import { type Actor, breaches, type Breach, type Goal } from "../../../lifecycle/access/goal";
import { describeFact, type World } from "../../../lifecycle/access/model";
import type { Evaluator } from "../../../lifecycle/access/evaluator";
import type { Step } from "../../../lifecycle/access/reach";
import { Search } from "../../../lifecycle/access/search";

/** One request of a chain, with the statement that allows it. */
export interface PathRequest {
  readonly action: string;
  readonly resource: string;
  /** What the caller chooses in the request so that it is allowed; absent keys are left out. */
  readonly context: Readonly<Record<string, readonly string[]>>;
  readonly policy: string;
  readonly statement: string;
}

/** One step of a chain. */
export interface PathStep {
  readonly edge: string;
  readonly reaches: string;
  readonly requests: readonly PathRequest[];
  readonly why?: string;
}

export interface Path {
  readonly actor: string;
  readonly steps: readonly PathStep[];
}

/** A goal with every actor that reaches it, the shortest chain first; none is as it must be. */
export interface GoalAnswer {
  readonly goal: string;
  readonly says: string;
  readonly paths: readonly Path[];
}

export interface PathsAnswer {
  readonly goals: readonly GoalAnswer[];
  readonly roles: number;
  readonly things: number;
  readonly actors: number;
}

/**
 * Which forbidden goals can be reached by allowed steps in a world.
 * @param goals those that are asked for.
 */
export function findPaths(
  world: World,
  evaluator: Evaluator,
  goals: readonly Goal[],
  actors: readonly Actor[],
): PathsAnswer {
  const found = breaches(new Search(world, evaluator), goals, actors);
  return {
    goals: goals.map((goal) => answerOf(goal, found)),
    roles: world.roles.length,
    things: world.assets.length,
    actors: actors.length,
  };
}

function answerOf({ name, says }: Goal, found: readonly Breach[]): GoalAnswer {
  const paths = found
    .filter(({ goal }) => goal === name)
    .map(({ actor, chain }): Path => ({ actor, steps: chain.filter(({ edge }) => edge !== "start").map(stepOf) }));
  return { goal: name, says, paths: [...paths].sort((one, other) => one.steps.length - other.steps.length) };
}

function stepOf({ edge, fact, requests, why }: Step): PathStep {
  return {
    edge,
    reaches: describeFact(fact),
    requests: requests.map(({ action, resource, context, policy, statement }) => ({
      action,
      resource,
      context,
      policy,
      statement,
    })),
    ...(why ? { why } : {}),
  };
}

/** Goals that somebody reaches. */
export function reached({ goals }: PathsAnswer): GoalAnswer[] {
  return goals.filter(({ paths }) => paths.length > 0);
}
