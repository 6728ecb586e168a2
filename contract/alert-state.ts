import { z } from "zod";
import { severities } from "./alerts";
import { prefixes } from "./places";

/** What people were told and what is held, where those who tell keep it: one object in the artifacts bucket. */
export const alertStateKey = `${prefixes.watch}alerts/state.json`;

const ms = z.number().int().nonnegative();

/** Alerts of one model about one cause, as long as they count as one. */
const incident = z.object({
  severity: z.enum(severities),
  /** Since when, as the first alert said it. */
  sinceMs: ms,
  /** When it was decided that people are told. */
  decidedMs: ms,
  /** Id of the alert that people are told by. */
  alert: z.string(),
  /** The cap kept it back: the digest tells it. */
  held: z.boolean(),
  /** Alarms that stand; without any it ends by time. */
  signals: z.array(z.string()),
  /** Alerts that were left out since people were told. */
  repeats: z.number().int().nonnegative(),
  modelSha256: z.string().optional(),
});
export type Incident = Readonly<z.infer<typeof incident>>;

const heldAlert = z.object({
  id: z.string(),
  incident: z.string(),
  severity: z.enum(severities),
  topicArn: z.string(),
  /** One line for the digest. */
  line: z.string(),
  atMs: ms,
  /** When somebody began to send it, by itself or in a digest. */
  claimedMs: ms.optional(),
});
export type HeldAlert = Readonly<z.infer<typeof heldAlert>>;

export const alertState = z.object({
  /** By model and cause. */
  incidents: z.record(z.string(), incident),
  /** When messages went out, by team. */
  sent: z.record(z.string(), z.array(ms)),
  /** By team, oldest first: what people still have to be told. */
  held: z.record(z.string(), z.array(heldAlert)),
});
export type AlertState = Readonly<z.infer<typeof alertState>>;

/** What holds before anybody was told anything. */
export const nothingTold: AlertState = { incidents: {}, sent: {}, held: {} };
