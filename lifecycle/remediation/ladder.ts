import {
  type Change,
  type Incident,
  type Part,
  type RemediationMode,
  type RemediationState,
  violations,
  type Waiver,
} from "../../contract/remediation";
import { decideRemediation, lastChange, limits, type RemediationDecision } from "./decide";
import { type Finding, findingId } from "./finding";

/** What one look at some parts of the account found. */
export interface Stock {
  readonly parts: readonly Part[];
  readonly findings: readonly Finding[];
  /** The endpoint is being updated: nothing is known of it before it is in service. */
  readonly endpointBusy: boolean;
  readonly mode: RemediationMode;
  readonly waivers: readonly Waiver[];
  readonly locked: boolean;
  readonly nowMs: number;
}

/** A finding with what is done about it. */
export interface Step {
  readonly finding: Finding;
  readonly incident: Incident;
  readonly decision: RemediationDecision;
  /** Whether the ladder's rung is another one than before: only then there is anything to record. */
  readonly news: boolean;
  /** Whether it was not known before. */
  readonly first: boolean;
}

const rungs = { fix: "fixing", wait: "waiting", escalate: "detected", "record-only": "recorded" } as const;
/** More changes than that at a time are remembered by nobody. */
const mostChanges = 200;

/** Keeps a change in mind. One that comes twice is one. */
export function noteChange(state: RemediationState, change: Change): RemediationState {
  if (state.changes.some((known) => JSON.stringify(known) === JSON.stringify(change))) return state;
  const changes = [...state.changes, change].sort((one, other) => one.atMs - other.atMs).slice(-mostChanges);
  return { ...state, changes, nowMs: Math.max(state.nowMs, change.atMs) };
}

/**
 * What follows from a look: a step for each finding, and the incidents that are over. Fixes count from here on, before
 * they are made, so that whoever is killed in between has tried.
 */
export function takeStock(
  before: RemediationState,
  stock: Stock,
): { readonly state: RemediationState; readonly steps: readonly Step[]; readonly healed: readonly Incident[] } {
  const nowMs = Math.max(before.nowMs, stock.nowMs);
  let state: RemediationState = {
    ...before,
    nowMs,
    changes: before.changes.filter(({ atMs }) => nowMs - atMs < limits.longestWaitMs + limits.windowMs),
    incidents: Object.fromEntries(
      Object.entries(before.incidents).filter(
        ([, { rung, lastMs }]) => rung !== "verified" || nowMs - lastMs < limits.windowMs,
      ),
    ),
  };
  const steps: Step[] = [];
  for (const finding of stock.findings) {
    const id = findingId(finding);
    const known = state.incidents[id];
    const actor = lastChange(finding, state.changes)?.actor ?? known?.actor;
    const first = known === undefined || known.rung === "verified";
    const seen: Incident = {
      id,
      violation: finding.violation,
      resource: finding.resource,
      tries: [],
      ...known,
      ...(first ? { seenMs: nowMs, rung: "detected" as const, lastMs: nowMs } : { ...known!, seenMs: known!.seenMs }),
      ...(actor === undefined ? {} : { actor }),
    };
    state = { ...state, incidents: { ...state.incidents, [id]: seen } };
    const decision = decideRemediation(finding, { ...stock, nowMs, state });
    const stands =
      (decision.verdict === "record-only" && seen.rung === "escalated") ||
      (decision.verdict === "wait" && seen.rung === "fixing");
    const incident: Incident = stands
      ? seen
      : {
          ...seen,
          rung: rungs[decision.verdict],
          lastMs: nowMs,
          ...(decision.verdict === "fix"
            ? { tries: [...seen.tries.filter((atMs) => nowMs - atMs < limits.windowMs), nowMs] }
            : {}),
        };
    state = {
      ...state,
      incidents: { ...state.incidents, [id]: incident },
      ...(decision.storm ? { stormMs: nowMs } : {}),
    };
    const news = first || decision.verdict === "fix" || decision.verdict === "escalate" || incident.rung !== seen.rung;
    steps.push({ finding, incident, decision, news, first });
  }
  const { state: after, healed } = closeHealed(state, stock, nowMs);
  return { state: after, steps, healed };
}

/** Incidents of what was looked at, and is as it ought to be. */
function closeHealed(
  state: RemediationState,
  { parts, findings, endpointBusy }: Stock,
  nowMs: number,
): { readonly state: RemediationState; readonly healed: readonly Incident[] } {
  const wrong = new Set(findings.map(findingId));
  const healed = Object.values(state.incidents).filter(
    ({ id, rung, violation }) =>
      rung !== "verified" &&
      !wrong.has(id) &&
      parts.includes(violations[violation]) &&
      !(endpointBusy && violations[violation] === "endpoint"),
  );
  return noteHealed(
    state,
    healed.map(({ id }) => id),
    nowMs,
  );
}

/** What was fixed is right again. */
export function noteHealed(
  state: RemediationState,
  ids: readonly string[],
  nowMs: number,
): { readonly state: RemediationState; readonly healed: readonly Incident[] } {
  const healed = ids
    .flatMap((id) => state.incidents[id] ?? [])
    .filter(({ rung }) => rung !== "verified")
    .map((one): Incident => ({ ...one, rung: "verified", lastMs: nowMs }));
  const closed = Object.fromEntries(healed.map((one) => [one.id, one]));
  return { state: { ...state, incidents: { ...state.incidents, ...closed } }, healed };
}

/** What was tried is over, and came to nothing. */
export function noteFailed(state: RemediationState, ids: readonly string[]): RemediationState {
  const open = ids.flatMap((id): [string, Incident][] => {
    const known = state.incidents[id];
    return known?.rung === "fixing" ? [[id, { ...known, rung: "waiting" }]] : [];
  });
  return { ...state, incidents: { ...state.incidents, ...Object.fromEntries(open) } };
}

/** People were told of incidents. */
export function noteEscalated(state: RemediationState, ids: readonly string[], nowMs: number): RemediationState {
  const told = ids.flatMap((id): [string, Incident][] => {
    const known = state.incidents[id];
    return known ? [[id, { ...known, rung: "escalated", lastMs: nowMs, toldMs: nowMs }]] : [];
  });
  return { ...state, incidents: { ...state.incidents, ...Object.fromEntries(told) } };
}
