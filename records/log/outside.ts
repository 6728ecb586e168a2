import { z } from "zod";
import type { Queues } from "../../aws/sqs";
import { hasCode } from "../../aws/session";
import type { ParameterStore } from "../../aws/ssm";
import { witnessOf, witnessParameter, witnessQueue } from "../../contract/witness";
import { JsonParameter } from "../json-parameter";
import { type Checkpoint, LogKey, NoteRefused, readCheckpoint } from "./note";
import { ProofRefused, verifyConsistency } from "./proofs";
import { type FileReader, LogFileDamaged } from "./tiles";
import { type KnownHead, type LogCheck, type VerifyOptions, verifyLog } from "./verify";

const text = z.string().min(1).max(1000);
const hash = z.base64().length(44);

/** What a log's writers show to its witness (as C2SP's tlog-witness has it: `add-checkpoint`). */
export const offerSchema = z.strictObject({
  /** The log's public key, as `LogKey` writes it. */
  key: text,
  /** The signed checkpoint. */
  note: text,
  /** That its tree begins with earlier ones, by their sizes: the witness has seen one of them. */
  proofs: z.array(z.strictObject({ size: z.number().int().positive(), hashes: z.array(hash).max(64) })).max(4),
});
export type Offer = z.infer<typeof offerSchema>;

const seenSchema = z.strictObject({
  key: text,
  note: text,
  /** When it was shown: ISO 8601, service time. */
  at: z.iso.datetime(),
  /** The first checkpoint that was signed by the same key and contradicts what was seen before. */
  fork: z.strictObject({ note: text, at: z.iso.datetime() }).optional(),
});
/** What a witness remembers of a log. */
export type Seen = Readonly<z.infer<typeof seenSchema>>;

export type Judgement =
  /** The log went on: this is remembered. */
  | { readonly verdict: "seen"; readonly seen: Seen }
  /** Shown before, overtaken by a later one, or by nothing to be compared with: nothing changes. */
  | { readonly verdict: "passed-over"; readonly why: string }
  /** Signed, and in contradiction to what was seen: this is remembered as well. */
  | { readonly verdict: "fork"; readonly seen: Seen; readonly why: string }
  /** Not the log's: nobody's word, and nothing to remember. */
  | { readonly verdict: "refused"; readonly why: string };

/**
 * What a witness makes of what it is shown: it remembers a checkpoint only if the tree begins with the one that it saw
 * before. The first key that it is shown is the log's for good.
 * @param at when it was shown.
 */
export function judgeOffer(seen: Seen | undefined, offer: Offer, at: string): Judgement {
  if (seen && seen.key !== offer.key) return { verdict: "refused", why: "another key than the log's signed it" };
  let offered: Checkpoint;
  try {
    offered = readCheckpoint(offer.note, LogKey.parse(offer.key));
  } catch (error) {
    if (error instanceof NoteRefused) return { verdict: "refused", why: error.message };
    throw error;
  }
  const { key, note } = offer;
  if (!seen) return { verdict: "seen", seen: { key, note, at } };
  const before = headOf(seen);
  const fork = (why: string): Judgement => ({
    verdict: "fork",
    seen: seen.fork ? seen : { ...seen, fork: { note, at } },
    why,
  });
  if (offered.size < before.size)
    return { verdict: "passed-over", why: `${before.size} entries were seen, these are ${offered.size}` };
  if (offered.size === before.size)
    return offered.root.equals(before.root)
      ? { verdict: "passed-over", why: `these ${offered.size} entries were seen` }
      : fork(`two trees of ${offered.size} entries were signed`);
  const proof = offer.proofs.find(({ size }) => size === before.size);
  if (!proof) return { verdict: "passed-over", why: `nothing leads from ${before.size} entries to ${offered.size}` };
  try {
    verifyConsistency(
      before,
      offered,
      proof.hashes.map((one) => Buffer.from(one, "base64")),
    );
  } catch (error) {
    // Whoever may send can send a wrong proof along with a right checkpoint, so this alone is no fork.
    if (error instanceof ProofRefused) return { verdict: "refused", why: error.message };
    throw error;
  }
  return { verdict: "seen", seen: { ...seen, note, at } };
}

/** The checkpoint that a witness saw last. @throws NoteRefused where its record is not what it wrote. */
function headOf({ key, note }: Pick<Seen, "key" | "note">): Checkpoint {
  return readCheckpoint(note, LogKey.parse(key));
}

/** What follows for a log from what its witness saw. */
export interface Testimony {
  /** The log must begin with these. */
  readonly heads: readonly KnownHead[];
  /** How many entries it has seen. */
  readonly outside: number;
  /** What is wrong whatever the log holds now. */
  readonly problems: readonly string[];
  readonly witnessed?: NonNullable<LogCheck["witnessed"]>;
}

/** @param by the witness's environment. @param key the log's. */
export function testimonyOf(by: string, seen: Seen, key: LogKey): Testimony {
  const nothing = { heads: [], outside: 0 };
  if (seen.key !== key.text)
    return { ...nothing, problems: [`the witness in ${by} knows a log with another key: this one was begun anew`] };
  const problems = seen.fork
    ? [`the witness in ${by} was shown another history of the log at ${seen.fork.at}, signed by the log's key`]
    : [];
  try {
    const { size, root } = headOf(seen);
    const heads = [{ size, root, by: `its witness in ${by}` }];
    return { heads, outside: size, problems, witnessed: { by, size, at: seen.at } };
  } catch (error) {
    if (!(error instanceof NoteRefused)) throw error;
    return {
      ...nothing,
      problems: [...problems, `what the witness in ${by} remembers is damaged: ${error.message}`],
    };
  }
}

/** Verifies a log against what its witnesses say of it. */
export async function verifyAgainst(
  { heads, problems, witnessed }: Omit<Testimony, "outside">,
  read: FileReader,
  key: LogKey,
  { known = [], each }: VerifyOptions = {},
): Promise<LogCheck> {
  const check = await verifyLog(read, key, { known: [...known, ...heads], each });
  return {
    ...check,
    ok: check.ok && problems.length === 0,
    problems: [...problems, ...check.problems],
    ...(witnessed ? { witnessed } : {}),
  };
}

const writtenSchema = seenSchema.extend({ by: text });

/** What a witness saw, as it goes along with a log's files. */
export const writeSeen = (by: string, seen: Seen): string => `${JSON.stringify({ by, ...seen }, null, 2)}\n`;

/** @param path names it in errors. @throws LogFileDamaged for what `writeSeen` did not write. */
export function readSeen(path: string, written: string): { readonly by: string; readonly seen: Seen } {
  let value: unknown;
  try {
    value = JSON.parse(written);
  } catch {
    throw new LogFileDamaged(path, "is no JSON");
  }
  const read = writtenSchema.safeParse(value);
  if (!read.success) throw new LogFileDamaged(path, "has not the members of what a witness saw");
  const { by, ...seen } = read.data;
  return { by, seen };
}

/** Who remembers a log outside of its environment. */
export interface OutsideWitness {
  /** Environment that it is in. */
  readonly by: string;
  /** Undefined when nothing was shown to it yet. */
  read(): Promise<Seen | undefined>;
  /** Shows a checkpoint, where there is such a witness. */
  show(offer: Offer): Promise<void>;
}

/** What a witness remembers, as an SSM parameter that its function alone writes. */
export function seenParameter(
  parameters: Pick<ParameterStore, "get" | "put">,
  environment: string,
): JsonParameter<Seen> {
  return new JsonParameter(parameters, undefined, witnessParameter(environment), seenSchema);
}

/** The witness of an environment's log in another environment of the account. */
export class NeighbourWitness implements OutsideWitness {
  readonly by: string;
  private readonly seen: JsonParameter<Seen>;

  constructor(
    parameters: Pick<ParameterStore, "get" | "put">,
    private readonly queues: Pick<Queues, "send">,
    private readonly environment: string,
  ) {
    this.by = witnessOf(environment);
    this.seen = seenParameter(parameters, environment);
  }

  /** @throws ParameterDamaged. */
  read(): Promise<Seen | undefined> {
    return this.seen.read();
  }

  async show(offer: Offer): Promise<void> {
    try {
      await this.queues.send(witnessQueue(this.environment), JSON.stringify(offer));
    } catch (error) {
      // Its environment is not there, or not yet.
      if (!hasCode(error, "QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue")) throw error;
    }
  }
}
