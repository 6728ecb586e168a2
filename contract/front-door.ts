import { createHash } from "node:crypto";
import { z } from "zod";
import { environments } from "./environments";
import { detectorName, namePrefix } from "./names";
import { prefixes } from "./places";

/**
 * What the front door, its clients and the program agree on. The door takes an image over HTTPS and has it answered by
 * the first rung of the ladder that can: the champion, the last stable release, a smaller model; or holds it.
 */

/** Who can answer, best first. */
export const rungs = ["champion", "standby", "small"] as const;
export type Rung = (typeof rungs)[number];

/** Where requests go: a rung, or, when none of them answers, the queue. */
export const servers = [...rungs, "hold"] as const;
export type Server = (typeof servers)[number];

/** The endpoint of a rung. */
export function rungEndpoint(environment: string, rung: Rung): string {
  return rung === "champion" ? detectorName(environment) : `${detectorName(environment)}-${rung}`;
}

/** Whether an endpoint is one that the door falls back to, by its name. */
export function isFallback(endpointName: unknown): boolean {
  return environments.some((environment) =>
    rungs.some((rung) => rung !== "champion" && rungEndpoint(environment, rung) === endpointName),
  );
}

/** The function behind the door's URL. */
export function doorFunction(environment: string): string {
  return `${namePrefix(environment)}-front-door`;
}

/** Whether a function is a front door, by its name. */
export function isDoor(functionName: string | undefined): boolean {
  return functionName !== undefined && environments.some((environment) => doorFunction(environment) === functionName);
}

/** The queue of images that nobody could answer. */
export function heldQueue(environment: string): string {
  return `${namePrefix(environment)}-held`;
}

/** What clients send and are told, as HTTP headers. */
export const doorHeader = {
  /** Images of one flight are answered by one variant, as long as an experiment runs. */
  flight: "x-peregrine-flight",
  /** Joins answer, capture and labels; made by the door where the client sends none. */
  inferenceId: "x-peregrine-inference-id",
  /** Who answered. */
  server: "x-peregrine-server",
  variant: "x-peregrine-variant",
} as const;

/** Images that the door takes, as the container does. */
export const imageTypes = ["image/jpeg", "image/png"] as const;

/**
 * Bytes of an image. A function URL takes 6 MB, and an image reaches the function in base64, a third longer (Lambda
 * quotas, "Invocation payload").
 */
export const maxImageBytes = 4_000_000;

/** Where answers to held images are asked for, followed by the inference id. */
export const answersPath = "/answers/";

/** Flights as the door takes them: with an id of the door's own behind a slash they are an inference id of 64 characters. */
export const flightId = z.string().regex(/^[!-.0-~]{1,41}$/, "1 to 41 printable characters without blanks and slashes");

const ms = z.number().int().nonnegative();

/** A rung that was taken out of service, or was until a while ago; one that is neither is not in the state. */
const breaker = z.object({
  /** Closed ones serve again; how often they were opened before still counts for a while. */
  state: z.enum(["open", "closed"]),
  /** Times that it was opened since it was last calm. */
  trips: z.number().int().positive(),
  /** When it was opened or closed. */
  sinceMs: ms,
  /** Open: when it may be tried again. */
  untilMs: ms,
  /** Open: tries that went well, in a row. */
  good: z.number().int().nonnegative(),
});
export type Breaker = Readonly<z.infer<typeof breaker>>;

/** Requests go to another server than before. */
export const serverSwitch = z.object({
  id: z.string(),
  atMs: ms,
  from: z.enum(servers),
  to: z.enum(servers),
  reasons: z.array(z.string()),
});
export type ServerSwitch = Readonly<z.infer<typeof serverSwitch>>;

/** What all copies of the door agree on: one small object in the artifacts bucket. */
export const failoverState = z.object({
  breakers: z.partialRecord(z.enum(rungs), breaker),
  /** Switches that the ledger or people do not know of yet. */
  untold: z.array(serverSwitch),
});
export type FailoverState = Readonly<z.infer<typeof failoverState>>;

/** Nothing failed so far. */
export const allServe: FailoverState = { breakers: {}, untold: [] };

const failoverPrefix = `${prefixes.watch}failover/`;
export const failoverStateKey = `${failoverPrefix}state.json`;
/**
 * Every switch, each sealed with the hash of the one before. Not the environment's ledger: that one is written by
 * release builds alone.
 */
export const failoverLedgerKey = `${failoverPrefix}ledger.jsonl`;

/** Where a held image and its answer lie. Ids hold every character, keys should not. */
export function heldImageKey(inferenceId: string): string {
  return `${prefixes.held}images/${nameOf(inferenceId)}`;
}

export function heldAnswerKey(inferenceId: string): string {
  return `${prefixes.held}answers/${nameOf(inferenceId)}.json`;
}

function nameOf(inferenceId: string): string {
  return createHash("sha256").update(inferenceId).digest("hex").slice(0, 40);
}

/** What the queue says of a held image. */
export const heldImage = z.object({
  inferenceId: z.string().min(1).max(64),
  contentType: z.enum(imageTypes),
  /** ISO 8601. */
  heldAt: z.iso.datetime(),
});
export type HeldImage = Readonly<z.infer<typeof heldImage>>;

/** The answer to a held image. */
export const heldAnswer = z.object({
  inferenceId: z.string(),
  heldAt: z.iso.datetime(),
  answeredAt: z.iso.datetime(),
  /** Who answered; absent when the request itself was wrong. */
  server: z.enum(rungs).optional(),
  variant: z.string().optional(),
  /** As the model gave it. */
  answer: z.json().optional(),
  /** Why no model takes the image. */
  refusal: z.object({ status: z.number().int(), message: z.string() }).optional(),
});
export type HeldAnswer = Readonly<z.infer<typeof heldAnswer>>;

/** What a client is told of a held image (202). */
export interface HeldReceipt {
  readonly inferenceId: string;
  readonly held: true;
  /** Path at the door's URL where the answer will be. */
  readonly answer: string;
  readonly message: string;
}
