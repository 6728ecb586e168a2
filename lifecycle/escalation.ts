import type { Escalation, EscalationLevel, EscalationPolicy, Escalations } from "../contract/escalation";
import { severities, type Severity } from "../contract/alerts";
import type { Decision } from "./verdict";

const minuteMs = 60_000;
/** For so long an escalation that is over is remembered: an alert that comes twice opens none again. */
const rememberMs = 7 * 24 * 60 * minuteMs;

/** What an alert's message says of itself, as far as levels depend on it (`alertMessage`). */
export interface ToldAlert {
  readonly id: string;
  readonly subject: string;
  readonly body: string;
  readonly atMs: number;
}

/** Levels of an alert, the first first. */
export function levelsOf(
  { levels }: EscalationPolicy,
  { severity, team }: Pick<Escalation, "severity" | "team">,
): readonly EscalationLevel[] {
  return levels
    .filter((level) => level.severity === severity && (level.team === "*" || level.team === team))
    .sort((one, other) => one.minutes - other.minutes);
}

/** Level and time of a step; undefined after the last one of the last loop. */
export function stepOf(
  policy: EscalationPolicy,
  escalation: Escalation,
  step: number,
): { readonly level: EscalationLevel; readonly dueMs: number } | undefined {
  const levels = levelsOf(policy, escalation);
  if (levels.length === 0) return undefined;
  const loop = Math.floor(step / levels.length);
  if (loop > policy.loops) return undefined;
  const level = levels[step % levels.length]!;
  // The first level comes again as long after the last one as it came after the alert.
  const cycle = levels.at(-1)!.minutes + levels[0]!.minutes;
  const minutes = loop * cycle + level.minutes;
  return { level, dueMs: escalation.atMs + minutes * minuteMs };
}

/** Whether a step that is due is made. */
export function decideStep(
  policy: EscalationPolicy,
  escalation: Escalation | undefined,
  step: number,
  nowMs: number,
): Decision<"tell" | "wait" | "stop"> {
  if (!escalation) return { verdict: "stop", reasons: ["it is forgotten"] };
  const { acknowledged, endedMs, steps } = escalation;
  if (acknowledged) return { verdict: "stop", reasons: [`${acknowledged.by} has acknowledged it`] };
  if (endedMs !== undefined) return { verdict: "stop", reasons: ["it is over"] };
  if (step < steps) return { verdict: "stop", reasons: ["this level was told before"] };
  const due = stepOf(policy, escalation, step);
  if (!due) return { verdict: "stop", reasons: ["everybody was told as often as the settings say"] };
  if (due.dueMs > nowMs) return { verdict: "wait", reasons: [`it is due at ${new Date(due.dueMs).toISOString()}`] };
  return { verdict: "tell", reasons: [`nobody acknowledged it for ${due.level.minutes} minutes`] };
}

/** Reads an alert from what people got. Undefined where it says no severity: then it is no alert of `tell`. */
export function readAlert({
  id,
  subject,
  body,
  atMs,
}: ToldAlert): (Escalation & { readonly ended: boolean }) | undefined {
  const line = (label: string): string | undefined => new RegExp(`^${label}: *(.+)$`, "m").exec(body)?.[1]?.trim();
  const severity = severities.find((one): one is Severity => one === line("Severity"));
  const about = line("About");
  if (!severity || about === undefined) return undefined;
  return {
    id,
    subject,
    body,
    severity,
    team: line("Team")?.split(" ")[0] ?? "",
    about,
    atMs,
    steps: 0,
    failed: [],
    ended: /^\[[a-z]+\] ENDED/.test(subject),
  };
}

/** What holds after an alert was told: it is open, or what it was about is over. */
export function noteAlert(
  state: Escalations,
  told: Escalation & { readonly ended: boolean },
  policy: EscalationPolicy,
): { readonly state: Escalations; readonly opened: boolean } {
  const { ended, ...alert } = told;
  const known = Object.fromEntries(Object.entries(state.open).filter(([, { atMs }]) => alert.atMs - atMs < rememberMs));
  if (ended) {
    const open = Object.fromEntries(
      Object.entries(known).map(([id, one]) => [
        id,
        one.about === alert.about && one.endedMs === undefined ? { ...one, endedMs: alert.atMs } : one,
      ]),
    );
    return { state: { open }, opened: false };
  }
  if (known[alert.id] || levelsOf(policy, alert).length === 0) return { state: { open: known }, opened: false };
  return { state: { open: { ...known, [alert.id]: alert } }, opened: true };
}

/** Somebody has acknowledged an alert; who was first stays. */
export function acknowledge(state: Escalations, id: string, by: string, atMs: number): Escalations {
  const known = state.open[id];
  if (!known || known.acknowledged) return state;
  return { open: { ...state.open, [id]: { ...known, acknowledged: { by, atMs } } } };
}

/** A step was made. @param failed its own topic took nothing. */
export function noteStep(state: Escalations, id: string, step: number, failed: boolean): Escalations {
  const known = state.open[id];
  if (!known) return state;
  const next = {
    ...known,
    steps: Math.max(known.steps, step + 1),
    failed: failed ? [...known.failed, step] : known.failed,
  };
  return { open: { ...state.open, [id]: next } };
}
