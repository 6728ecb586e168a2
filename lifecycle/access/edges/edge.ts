import type { AssetKind, Power } from "../model";

/** One request that must be allowed. `{arn}` and other braces stand for parts of the thing it is about; a wildcard is the caller's choice. */
export interface Need {
  readonly action: string;
  readonly on: string;
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
}

/** What an edge gives: a power over the thing, or to act as the role that it is, that it runs as, that is invented, or that its owner has. */
export type Gives = Power | "as it" | "as its role" | "as its owner" | "as a new role" | "as a new user";

/** A way by which one principal comes to act as another, to write what is run or believed, or to silence what would notice. */
export interface EdgeKind {
  readonly name: string;
  readonly says: string;
  /** Where AWS says so, in words; "believed" where nobody does. */
  readonly source: string;
}

/** An edge that is one or more requests of a session about a thing. */
export interface RequestEdge extends EdgeKind {
  readonly on: readonly AssetKind[];
  /** Any of these; of each, all. */
  readonly ways: readonly (readonly Need[])[];
  readonly gives: readonly Gives[];
  /** The service that must be trusted by the role it is about. */
  readonly trusts?: string;
}

export interface Family {
  readonly name: string;
  readonly requests: readonly RequestEdge[];
  /** Edges that the world's consequences name: nobody asks for them, they follow from what somebody has in hand. */
  readonly consequences: readonly EdgeKind[];
}

export const need = (action: string, on = "{arn}", context?: Need["context"]): Need => ({
  action,
  on,
  ...(context ? { context } : {}),
});

/** One way for each action. */
export const anyOf = (actions: string, on = "{arn}"): Need[][] =>
  actions.split(/\s+/).map((action) => [need(action, on)]);
