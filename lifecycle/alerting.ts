import type { AlertState, HeldAlert, Incident } from "../contract/alert-state";
import { type AlertArea, severities, type Severity } from "../contract/alerts";
import type { Decision } from "./verdict";

/** Something that people may have to know: an alarm that was raised or ended, or an event of the platform. */
export interface Alert {
  /** The same for the same thing, however often it comes. */
  readonly id: string;
  readonly kind: "raised" | "ended";
  readonly severity: Severity;
  readonly area: AlertArea;
  readonly team: string;
  readonly topicArn: string;
  /** Endpoint, or the model's digest, or the area: whatever the cause is one of. */
  readonly subject: string;
  readonly cause: string;
  /** Name of the alarm; events have none and are not said to end. */
  readonly signal?: string;
  readonly what: string;
  /** What was measured, as whoever measured says it. */
  readonly reading?: string;
  /** When it began, or, of one that ended, when it did. */
  readonly sinceMs: number;
  readonly variant?: string;
  readonly modelSha256?: string;
  readonly evidence: string;
  readonly runbook: string;
  readonly command: string;
}

/** Messages to one team within the window; the last of them is kept for what is critical. */
export const cap = { messages: 5, windowMs: 10 * 60_000, keptForCritical: 1 } as const;

/** For so long a second alert of the same model and cause is no news. Notes for information are no incidents. */
const repeatAfterMs: Readonly<Record<Severity, number>> = {
  critical: 60 * 60_000,
  warning: 6 * 60 * 60_000,
  info: 0,
};

/** For so long it is remembered at least, in case the same alert comes again. */
const rememberMs = 60 * 60_000;

/** Whoever began to tell people and is not done after so long does not get done any more. */
const tellingMs = 5 * 60_000;

/** Beyond this an incident is forgotten whose alarm never ended, such as one of an endpoint that is gone. */
const forgetAfterMs = 7 * 24 * 60 * 60_000;

export interface AlertDecision extends Decision<"send" | "hold" | "drop"> {
  /** What holds afterwards. */
  readonly state: AlertState;
  /** Alerts left out since people were told last. */
  readonly repeats: number;
  /** Nothing but critical alerts fits into the window after this one. */
  readonly full: boolean;
}

/** One incident for each model and cause. */
export function incidentOf({ subject, variant, cause, severity, id }: Alert): string {
  // What is told for information is news each time.
  return [subject, ...(variant ? [variant] : []), cause, ...(severity === "info" ? [id] : [])].join("|");
}

/**
 * Whether people are told of an alert now, with a digest later, or not again. Nothing critical is ever left out for
 * want of room: it is held, and a digest tells it.
 * @param state as it was read; what is returned has to be written before anybody is told.
 */
export function decideAlert(alert: Alert, state: AlertState, nowMs: number): AlertDecision {
  const tidied = tidy(state, nowMs);
  return alert.kind === "raised" ? raise(alert, tidied, nowMs) : end(alert, tidied, nowMs);
}

function raise(alert: Alert, state: AlertState, nowMs: number): AlertDecision {
  const key = incidentOf(alert);
  const known = state.incidents[key];
  if (known?.alert === alert.id) return drop(state, "this very alert was dealt with before");
  if (known && isRepeat(alert, known, nowMs)) {
    const signals = withSignal(known.signals, alert.signal);
    const counted = { ...known, signals, repeats: known.repeats + 1 };
    return drop(putIncident(state, key, counted), `people know of ${key} since ${iso(known.decidedMs)}`);
  }
  return admit(
    alert,
    putIncident(state, key, {
      severity: alert.severity,
      sinceMs: Math.min(alert.sinceMs, known?.sinceMs ?? Infinity),
      decidedMs: nowMs,
      alert: alert.id,
      held: false,
      signals: withSignal(known?.signals ?? [], alert.signal),
      repeats: 0,
      modelSha256: alert.modelSha256,
    }),
    nowMs,
    known?.repeats ?? 0,
  );
}

function end(alert: Alert, state: AlertState, nowMs: number): AlertDecision {
  const key = incidentOf(alert);
  const known = state.incidents[key];
  if (!known) return drop(state, `nobody was told that ${key} began`);
  const signals = known.signals.filter((signal) => signal !== alert.signal);
  if (signals.length > 0)
    return drop(putIncident(state, key, { ...known, signals }), `${signals.join(", ")} of ${key} still stands`);
  const without = { ...state, incidents: omit(state.incidents, key) };
  if (!known.held) return admit(alert, without, nowMs, known.repeats);
  // Nobody knows of it yet: the digest says both.
  const held = (without.held[alert.team] ?? []).map((one) =>
    one.incident === key ? { ...one, line: `${one.line} It ended at ${iso(nowMs)}.` } : one,
  );
  return drop(
    { ...without, held: { ...without.held, [alert.team]: held } },
    "the digest tells that it began and ended",
  );
}

function isRepeat(alert: Alert, known: Incident, nowMs: number): boolean {
  const otherModel =
    alert.modelSha256 !== undefined && known.modelSha256 !== undefined && alert.modelSha256 !== known.modelSha256;
  const worse = severities.indexOf(alert.severity) < severities.indexOf(known.severity);
  return !otherModel && !worse && nowMs - known.decidedMs < repeatAfterMs[known.severity];
}

/** Sends what fits under the team's cap, and holds the rest. */
function admit(alert: Alert, state: AlertState, nowMs: number, repeats: number): AlertDecision {
  const { team } = alert;
  const sent = state.sent[team] ?? [];
  const room = roomFor(alert.severity) - sent.length;
  const reasons = [`${sent.length} of ${cap.messages} messages went to ${team} in the last ten minutes`];
  if (room <= 0)
    return { verdict: "hold", reasons, state: keep(alert, { atMs: nowMs }, state, true), repeats, full: true };
  // Kept as well until it is out: a function that dies on the way leaves it to the digest.
  const kept = keep(alert, { atMs: nowMs, claimedMs: nowMs }, state, false);
  const next = { ...kept, sent: { ...kept.sent, [team]: [...sent, nowMs] } };
  return { verdict: "send", reasons, state: next, repeats, full: room === 1 };
}

function keep(
  alert: Alert,
  when: Pick<HeldAlert, "atMs" | "claimedMs">,
  state: AlertState,
  isHeld: boolean,
): AlertState {
  const { id, severity, topicArn, team } = alert;
  const incident = incidentOf(alert);
  const held: HeldAlert = { id, incident, severity, topicArn, line: digestLine(alert), ...when };
  const known = state.incidents[incident];
  const noted = known ? putIncident(state, incident, { ...known, held: isHeld }) : state;
  return { ...noted, held: { ...noted.held, [team]: [...(noted.held[team] ?? []), held] } };
}

/** The alert could not be sent: it waits for its team's digest. */
export function holdBack(alert: Alert, state: AlertState): AlertState {
  const { id, team } = alert;
  const incident = incidentOf(alert);
  const known = state.incidents[incident];
  const noted = known?.alert === id ? putIncident(state, incident, { ...known, held: true }) : state;
  const held = (noted.held[team] ?? []).map((one) => (one.id === id ? { ...one, claimedMs: undefined } : one));
  return { ...noted, held: { ...noted.held, [team]: held } };
}

/** People were told: nobody has to any more. */
export function confirmTold({ id, team }: Alert, state: AlertState): AlertState {
  return withoutHeld(state, team, new Set([id]));
}

function withoutHeld(state: AlertState, team: string, ids: ReadonlySet<string>): AlertState {
  const left = (state.held[team] ?? []).filter(({ id }) => !ids.has(id));
  return { ...state, held: { ...omit(state.held, team), ...(left.length > 0 ? { [team]: left } : {}) } };
}

function digestLine({ kind, severity, what, sinceMs, subject, runbook, command }: Alert): string {
  const begin = kind === "raised" ? severity.toUpperCase() : "ENDED";
  return `${begin} ${subject}: ${what} ${kind === "raised" ? "Since" : "At"} ${iso(sinceMs)}. Runbook: ${runbook}. Next: ${command}`;
}

/** One message about everything that is held for a team. */
export interface Digest {
  readonly team: string;
  readonly severity: Severity;
  readonly topicArn: string;
  /** The most urgent first. */
  readonly held: readonly HeldAlert[];
}

/**
 * Digests that have room now; whoever asks claims them and sends them. A team with something critical waiting may use
 * the place that is kept for it. What was claimed and not sent within five minutes is due again.
 */
export function claimDigests(
  state: AlertState,
  nowMs: number,
): { readonly state: AlertState; readonly digests: readonly Digest[] } {
  const { sent } = tidy(state, nowMs);
  const digests = Object.entries(state.held).flatMap(([team, all]): Digest[] => {
    const held = all
      .filter(({ claimedMs }) => claimedMs === undefined || nowMs - claimedMs > tellingMs)
      .sort((one, other) => urgency(one) - urgency(other) || one.atMs - other.atMs);
    const first = held[0];
    if (!first || (sent[team] ?? []).length >= roomFor(first.severity)) return [];
    return [{ team, severity: first.severity, topicArn: first.topicArn, held }];
  });
  if (digests.length === 0) return { state, digests };
  const ids = new Set(digests.flatMap(({ held }) => held.map(({ id }) => id)));
  const claimed = Object.entries(state.held).map(([team, all]): [string, HeldAlert[]] => [
    team,
    all.map((one) => (ids.has(one.id) ? { ...one, claimedMs: nowMs } : one)),
  ]);
  return { state: { ...state, held: Object.fromEntries(claimed) }, digests };
}

function urgency({ severity }: HeldAlert): number {
  return severities.indexOf(severity);
}

/** What holds after a digest went out: what came meanwhile goes on waiting. */
export function confirmDigest({ team, held }: Digest, state: AlertState, nowMs: number): AlertState {
  const ids = new Set(held.map(({ id }) => id));
  const keys = new Set(held.map(({ incident }) => incident));
  const incidents = Object.entries(state.incidents).map(([key, one]): [string, Incident] => [
    key,
    keys.has(key) ? { ...one, held: false, decidedMs: nowMs } : one,
  ]);
  return {
    ...withoutHeld(state, team, ids),
    incidents: Object.fromEntries(incidents),
    sent: { ...state.sent, [team]: [...(state.sent[team] ?? []), nowMs] },
  };
}

function roomFor(severity: Severity): number {
  return severity === "critical" ? cap.messages : cap.messages - cap.keptForCritical;
}

/** Without what no decision needs any more, so that the state stays small however long it is kept. */
function tidy(state: AlertState, nowMs: number): AlertState {
  const stands = ({ held, signals, severity, decidedMs }: Incident): boolean =>
    held || nowMs - decidedMs < (signals.length > 0 ? forgetAfterMs : Math.max(rememberMs, repeatAfterMs[severity]));
  const recent = Object.entries(state.sent).map(([team, times]): [string, number[]] => [
    team,
    times.filter((ms) => nowMs - ms < cap.windowMs),
  ]);
  return {
    incidents: Object.fromEntries(Object.entries(state.incidents).filter(([, one]) => stands(one))),
    sent: Object.fromEntries(recent.filter(([, times]) => times.length > 0)),
    held: state.held,
  };
}

function drop(state: AlertState, reason: string): AlertDecision {
  return { verdict: "drop", reasons: [reason], state, repeats: 0, full: false };
}

function putIncident(state: AlertState, key: string, incident: Incident): AlertState {
  return { ...state, incidents: { ...state.incidents, [key]: incident } };
}

function withSignal(signals: readonly string[], signal: string | undefined): string[] {
  return [...new Set([...signals, ...(signal === undefined ? [] : [signal])])];
}

function omit<Value>(all: Readonly<Record<string, Value>>, key: string): Record<string, Value> {
  return Object.fromEntries(Object.entries(all).filter(([name]) => name !== key));
}

function iso(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
}
