import type { AssetKind, Capability } from "../model";

/**
 * One request that must be allowed. `{arn}` and other braces stand for parts of the thing it is about; a wildcard is
 * the caller's choice.
 */
export interface Precondition {
  readonly action: string;
  readonly resource: string;
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
}

/**
 * What holds afterwards: a capability over the asset, or that somebody acts as the role that it is, that it runs as,
 * that is invented, or that its owner has.
 */
export type Postcondition = Capability | "as it" | "as its role" | "as its owner" | "as a new role" | "as a new user";

/**
 * An edge of the attack graph: how one principal comes to act as another, to write what is run or believed, or to
 * silence what would notice.
 */
export interface EdgeKind {
  readonly name: string;
  readonly says: string;
  /** Where AWS says so, in words; "believed" where nobody does. */
  readonly source: string;
}

/** An edge that is one or more requests of a session about a thing. */
export interface RequestEdge extends EdgeKind {
  readonly targets: readonly AssetKind[];
  /** Any of these; of each, all. */
  readonly alternatives: readonly (readonly Precondition[])[];
  readonly postconditions: readonly Postcondition[];
  /** The service that must be trusted by the role it is about. */
  readonly trustedService?: string;
}

export interface EdgeFamily {
  readonly name: string;
  readonly requests: readonly RequestEdge[];
  /** Edges that nobody requests (`World.derivedEdges`): they follow from what somebody holds already. */
  readonly derived: readonly EdgeKind[];
}

export const requires = (action: string, on = "{arn}", context?: Precondition["context"]): Precondition => ({
  action,
  resource: on,
  ...(context ? { context } : {}),
});

/** One alternative for each action. */
export const anyOf = (actions: string, on = "{arn}"): Precondition[][] =>
  actions.split(/\s+/).map((action) => [requires(action, on)]);
