import type { Change, Incident, RemediationMode, RemediationState, Waiver } from "../../contract/remediation";
import type { Decision } from "../verdict";
import { type Finding, findingId } from "./finding";

export type Rung = "fix" | "wait" | "escalate" | "record-only";

export interface RemediationDecision extends Decision<Rung> {
  /** People are told of all violations together, once. */
  readonly storm?: true;
}

/** What a decision rests on, beside the finding. */
export interface Situation {
  readonly mode: RemediationMode;
  readonly waivers: readonly Waiver[];
  readonly state: RemediationState;
  /** Somebody releases, rolls back or tears down. */
  readonly locked: boolean;
  readonly nowMs: number;
}

const minuteMs = 60_000;

/** Limits of the healer. */
export const limits = {
  /** Fixes of one violation of one resource within `windowMs`, those that held included. */
  tries: 3,
  windowMs: 60 * minuteMs,
  /** Between two tries. */
  coolDownMs: minuteMs,
  /** As long as a function may take: so long a try may be under way. */
  underWayMs: 2 * minuteMs,
  /** Fixes of everything together within `windowMs`: beyond, somebody or something changes more than can be healed. */
  fixes: 30,
  /** So long after an update's last call its changes are its own: the facts are written at its end. */
  settleMs: 5 * minuteMs,
  /** What no event told of is looked at twice, so long apart: the first look may have met an update. */
  confirmMs: 45_000,
  /** A release or an update that lasts so long is no excuse any more. */
  longestWaitMs: 120 * minuteMs,
} as const;

/** Violations that look the same when nobody did anything wrong: SageMaker takes an update back by itself. */
const onlyByHand: ReadonlySet<string> = new Set(["endpoint-config-changed"]);

/** Decides what is done about a finding. Pure: the caller writes down what follows before it acts. */
export function decideRemediation(finding: Finding, situation: Situation): RemediationDecision {
  const { mode, nowMs, state } = situation;
  const incident = state.incidents[findingId(finding)];
  const waiver = waiverOf(finding, situation);
  if (waiver?.holds) return record(`waived until ${waiver.until}: ${waiver.reason}`);
  const expired = waiver ? [`the waiver ended on ${waiver.until}`] : [];
  if (mode === "off") return record("remediation is off");
  if (incident?.rung === "escalated" && nowMs - incident.lastMs < limits.windowMs)
    return record("people were told already");
  const change = lastChange(finding, state.changes);
  const waited = nowMs - (incident?.seenMs ?? nowMs);
  const pause = pauseFor(finding, situation, change, waited);
  if (pause !== undefined)
    return waited > limits.longestWaitMs
      ? verdict("escalate", `${pause}, for ${Math.round(waited / minuteMs)} minutes`, ...expired)
      : verdict("wait", pause, ...expired);
  if (mode === "dry-run")
    return finding.unfit === undefined
      ? record("dry run: it would be fixed", ...expired)
      : record(`dry run: people would be told, since ${finding.unfit}`, ...expired);
  if (finding.unfit !== undefined) return verdict("escalate", finding.unfit, ...expired);
  if (onlyByHand.has(finding.violation) && !change)
    return verdict("escalate", "no event says that somebody did it, so SageMaker may have taken an update back");
  const tries = triesOf(incident, nowMs);
  if (incident?.rung === "fixing" && nowMs - (tries.at(-1) ?? -Infinity) < limits.underWayMs)
    return verdict("wait", "a try is under way");
  if (tries.length >= limits.tries && nowMs - (incident?.toldMs ?? -Infinity) < limits.windowMs)
    return record("people were told already that it comes again and again");
  if (tries.length >= limits.tries)
    return verdict("escalate", `it was fixed ${tries.length} times within an hour, and is wrong again`, ...expired);
  const all = Object.values(state.incidents).flatMap((one) => triesOf(one, nowMs));
  if (all.length >= limits.fixes)
    return state.stormMs !== undefined && nowMs - state.stormMs < limits.windowMs
      ? record("people were told of the storm")
      : {
          ...verdict("escalate", `${all.length} fixes within an hour are the most: more than that is changed`),
          storm: true,
        };
  const cool = limits.coolDownMs - (nowMs - (tries.at(-1) ?? -Infinity));
  if (cool > 0) return verdict("wait", `the last try was ${Math.round((nowMs - tries.at(-1)!) / 1000)} s ago`);
  return verdict("fix", ...finding.reasons, ...expired);
}

/** Why nothing is done for now; undefined where nothing speaks against it. */
function pauseFor(
  { violation }: Finding,
  { locked, nowMs, state }: Situation,
  change: Change | undefined,
  waited: number,
): string | undefined {
  if (locked) return "somebody releases, rolls back or tears down";
  // A change by hand is one, whatever else goes on.
  if (change && !change.update) return undefined;
  const updated = state.changes.filter(({ update, atMs }) => update && nowMs - atMs < limits.settleMs).at(-1);
  if (updated) return `${updated.actor} updates the stack`;
  if (!change && waited < limits.confirmMs && !onlyByHand.has(violation)) return "it is looked at once more";
  return undefined;
}

/** The last change that named the resource. */
export function lastChange({ called }: Finding, changes: readonly Change[]): Change | undefined {
  return changes.filter(({ about }) => about.includes(called)).at(-1);
}

function triesOf(incident: Incident | undefined, nowMs: number): readonly number[] {
  return (incident?.tries ?? []).filter((atMs) => nowMs - atMs < limits.windowMs);
}

function waiverOf(
  { violation, resource, called }: Finding,
  { waivers, nowMs }: Situation,
): (Waiver & { readonly holds: boolean }) | undefined {
  const day = new Date(nowMs).toISOString().slice(0, 10);
  const about = waivers
    .filter((one) => one.violation === violation && ["*", resource, called].includes(one.resource))
    .map((one) => ({ ...one, holds: one.until >= day }));
  return about.find(({ holds }) => holds) ?? about[0];
}

function verdict<Verdict extends Rung>(of: Verdict, ...reasons: string[]): Decision<Rung> {
  return { verdict: of, reasons };
}

const record = (...reasons: string[]): Decision<Rung> => verdict("record-only", ...reasons);
