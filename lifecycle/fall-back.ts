import type { Decision } from "./verdict";

/** What is known when a critical alarm of an endpoint without a front door is raised. */
export interface FallBackFacts {
  /** The live release, by the ledger; undefined where nothing was released. */
  readonly live: { readonly releaseId: string; readonly kind: "promote" | "rollback" } | undefined;
  /** The release that was live before it. */
  readonly before: string | undefined;
  /** Somebody releases, rolls back or tears down at the moment. */
  readonly underWay: boolean;
}

/**
 * Whether a failing release is rolled back without asking anybody: one step, once. Whoever went back already and still
 * fails has another problem than the release, and a release that is under way has guardrails of its own.
 */
export function decideFallBack({ live, before, underWay }: FallBackFacts): Decision<"roll-back" | "stay"> {
  const stay = (reason: string) => ({ verdict: "stay", reasons: [reason] }) as const;
  if (underWay) return stay("a release is under way, and is taken back by its own alarms");
  if (!live) return stay("the ledger knows no live release");
  if (live.kind === "rollback")
    return stay(`${live.releaseId} is live by a rollback already: the next step is a person's`);
  if (before === undefined) return stay(`nothing was live before ${live.releaseId}`);
  return { verdict: "roll-back", reasons: [`${live.releaseId} is live, and ${before} was before it`] };
}
