import type { Breaker, FailoverState, Rung, Server, ServerSwitch } from "../../contract/front-door";

/** How long a rung that failed is left alone, and what brings it back. */
export const breakerPolicy = {
  /** After the first failure; twice as long after each further one. */
  coolMs: 30_000,
  maxCoolMs: 600_000,
  /** Tries in a row that must go well before a rung serves again. */
  goodTries: 3,
  /** A rung that has served for so long since is calm: its earlier failures do not count any more. */
  calmMs: 600_000,
  /** Whoever tries a rung, and is not done after so long, does not get done any more. */
  tryingMs: 70_000,
} as const;

/** Requests go to the best rung that serves. @param rungs that the environment has, best first. */
export function serverOf({ breakers }: FailoverState, rungs: readonly Rung[]): Server {
  return rungs.find((rung) => breakers[rung]?.state !== "open") ?? "hold";
}

/**
 * Who answers, for whoever does not know which rungs there are below the champion: the last switch away from it tells.
 * The breakers count and not the last switch: one back may not be written yet.
 */
export function serverToldBy({ breakers }: FailoverState, switches: readonly Pick<ServerSwitch, "to">[]): Server {
  if (breakers.champion?.state !== "open") return "champion";
  return switches.findLast(({ to }) => to !== "champion")?.to ?? "hold";
}

/**
 * Whether a request is sent to a rung: yes, as a try of one that failed a while ago (whoever tries claims it first), or
 * not at all.
 */
export function useOf({ breakers }: FailoverState, rung: Rung, nowMs: number): "serve" | "try" | "skip" {
  const breaker = breakers[rung];
  if (breaker?.state !== "open") return "serve";
  return nowMs >= breaker.untilMs ? "try" : "skip";
}

/** Takes a rung out of service. One that is out already stays as it is: many requests may have seen the same failure. */
export function openBreaker(state: FailoverState, rung: Rung, nowMs: number): FailoverState {
  const before = state.breakers[rung];
  if (before?.state === "open") return state;
  const calm = !before || nowMs - before.sinceMs >= breakerPolicy.calmMs;
  return put(state, rung, opened(calm ? 1 : before.trips + 1, nowMs));
}

/**
 * Claims the next try of a rung: nobody else tries it until the try has come to an end, or should have. @returns the
 * state as it was, where there is nothing to try now.
 */
export function claimTry(state: FailoverState, rung: Rung, nowMs: number): FailoverState {
  const breaker = state.breakers[rung];
  if (!breaker || useOf(state, rung, nowMs) !== "try") return state;
  return put(state, rung, { ...breaker, untilMs: nowMs + breakerPolicy.tryingMs });
}

/** What a try came to: enough good ones in a row bring a rung back, a bad one doubles its rest. */
export function settleTry(state: FailoverState, rung: Rung, went: "well" | "badly", nowMs: number): FailoverState {
  const breaker = state.breakers[rung];
  if (breaker?.state !== "open") return state;
  if (went === "badly") return put(state, rung, { ...opened(breaker.trips + 1, nowMs), sinceMs: breaker.sinceMs });
  const good = breaker.good + 1;
  return put(
    state,
    rung,
    good >= breakerPolicy.goodTries
      ? { ...breaker, state: "closed", sinceMs: nowMs, untilMs: nowMs, good }
      : { ...breaker, untilMs: nowMs, good },
  );
}

/**
 * Notes that requests go elsewhere than before, where they do: the switch waits in the state until the ledger and
 * people know of it, so that none is lost with whoever made it.
 */
export function noteSwitch(
  before: FailoverState,
  after: FailoverState,
  {
    rungs,
    reasons,
    nowMs,
  }: { readonly rungs: readonly Rung[]; readonly reasons: readonly string[]; readonly nowMs: number },
): FailoverState {
  const [from, to] = [serverOf(before, rungs), serverOf(after, rungs)];
  if (from === to) return after;
  const made: ServerSwitch = {
    id: `${new Date(nowMs).toISOString()} ${from}-${to}`,
    atMs: nowMs,
    from,
    to,
    reasons: [...reasons],
  };
  return { ...after, untold: [...after.untold, made] };
}

/** A switch that the ledger and people know of. */
export function forgetSwitch(state: FailoverState, id: string): FailoverState {
  return { ...state, untold: state.untold.filter((one) => one.id !== id) };
}

function opened(trips: number, nowMs: number): Breaker {
  const { coolMs, maxCoolMs } = breakerPolicy;
  // Beyond ten doublings every rest is the longest.
  const rest = Math.min(maxCoolMs, coolMs * 2 ** Math.min(10, trips - 1));
  return { state: "open", trips, sinceMs: nowMs, untilMs: nowMs + rest, good: 0 };
}

function put(state: FailoverState, rung: Rung, breaker: Breaker): FailoverState {
  return { ...state, breakers: { ...state.breakers, [rung]: breaker } };
}
