import { z } from "zod";
import { severities } from "./alerts";
import { namePrefix } from "./names";
import { prefixes } from "./places";

/** What is open and what was acknowledged: one object, for all who escalate. */
export const escalationsKey = `${prefixes.watch}alerts/escalations.json`;

/** Queue of alerts, of what is due, and of acknowledgements. */
export function escalationQueue(environment: string): string {
  return `${namePrefix(environment)}-escalations`;
}

/** Namespace and name of the metric that says that the path of alerts lives. */
export function heartbeatMetric(environment: string): { readonly namespace: string; readonly name: string } {
  return { namespace: `Peregrine/${environment}/alerts`, name: "Heartbeat" };
}

/** What the heartbeat's topic carries; it is no alert. */
export const heartbeatSubject = "heartbeat";

const level = z.object({
  severity: z.enum(severities),
  /** Name of the team that an alert is told to; `*` for every team. */
  team: z.string(),
  /** Minutes after the alert. */
  minutes: z.number().int().positive(),
  topicArn: z.string(),
});
export type EscalationLevel = Readonly<z.infer<typeof level>>;

/** Who is told when nobody acknowledges, as the function has it in its variable `POLICY`. */
export const escalationPolicy = z.object({
  levels: z.array(level),
  /** How often the levels are gone through again. */
  loops: z.number().int().nonnegative(),
  /** Told when a level's own topic takes nothing. */
  fallbackArn: z.string(),
});
export type EscalationPolicy = Readonly<z.infer<typeof escalationPolicy>>;

const ms = z.number().int().nonnegative();

/** An alert that nobody has acknowledged yet, or that somebody has. */
const escalation = z.object({
  id: z.string(),
  subject: z.string(),
  body: z.string(),
  severity: z.enum(severities),
  team: z.string(),
  /** What it is about: the same of the alert that says that it is over. */
  about: z.string(),
  atMs: ms,
  /** Steps that were made: each level of each loop is one. */
  steps: z.number().int().nonnegative(),
  /** Steps whose own topic took nothing. */
  failed: z.array(z.number().int()),
  acknowledged: z.object({ by: z.string(), atMs: ms }).optional(),
  endedMs: ms.optional(),
});
export type Escalation = Readonly<z.infer<typeof escalation>>;

export const escalations = z.object({ open: z.record(z.string(), escalation) });
export type Escalations = Readonly<z.infer<typeof escalations>>;
export const nothingEscalated: Escalations = { open: {} };

/** A message that a step is due. */
export const dueMessage = z.object({ kind: z.literal("due"), id: z.string(), step: z.number().int().nonnegative() });

/** A message that somebody acknowledges an alert; who, SQS knows. */
export const acknowledgement = z.object({ kind: z.literal("acknowledge"), id: z.string().regex(/^[0-9a-f]{8}$/) });

/** The longest that SQS holds a message back, seconds (SQS API, SendMessage, DelaySeconds). */
export const longestDelaySeconds = 900;
