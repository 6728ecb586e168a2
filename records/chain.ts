import { createHash } from "node:crypto";
import { z } from "zod";
import { canonicalJson, type Json } from "../lifecycle/canonical";

const digest = z.string().regex(/^[0-9a-f]{64}$/, "not a SHA-256 in lower-case hexadecimal");

const sealedEntry = z.strictObject({
  /** 1 for the first entry, without gaps. */
  sequence: z.number().int().positive(),
  /** When it happened: ISO 8601 in UTC, service time. */
  at: z.iso.datetime(),
  /** ARN of who did it. */
  by: z.string().min(1),
  /** What kind of thing the entry tells, such as `release`. */
  kind: z.string().min(1),
  /** What it is about, such as a release id. */
  subject: z.string().min(1),
  body: z.record(z.string(), z.json()),
  /** Hash of the entry before; `origin` for the first. */
  previous: digest,
  /** SHA-256 of the canonical JSON of everything above. */
  hash: digest,
});

/** One line of the ledger. */
export type LedgerEntry = Readonly<z.infer<typeof sealedEntry>>;

/** What a writer says; the chain adds the rest. */
export interface NewEntry extends Pick<LedgerEntry, "at" | "by" | "kind" | "subject"> {
  readonly body: Readonly<Record<string, Json>>;
}

/** What stands in `previous` of the first entry. */
export const origin = "0".repeat(64);

/** Where a chain ended when somebody looked; kept elsewhere, it shows that entries are missing at the end. */
export type Head = Pick<LedgerEntry, "sequence" | "hash">;

export interface ChainProblem {
  /** Counted from 1; one more than there are lines when the end is missing. */
  readonly line: number;
  readonly what: "not-json" | "edited" | "removed" | "reordered" | "duplicated";
  readonly text: string;
}

export interface ChainCheck {
  readonly ok: boolean;
  /** By line; the first one names the first broken line. */
  readonly problems: readonly ChainProblem[];
}

/** The entry that follows `last`, sealed. @throws z.ZodError, NotCanonical when it cannot be an entry. */
export function seal(entry: NewEntry, last: Head | undefined): LedgerEntry {
  const { at, by, kind, subject, body } = entry;
  const content = { sequence: (last?.sequence ?? 0) + 1, at, by, kind, subject, body, previous: last?.hash ?? origin };
  return sealedEntry.parse({ ...content, hash: hashOf(content) });
}

/** The line of an entry, without line break. */
export function lineOf(entry: LedgerEntry): string {
  return canonicalJson(entry);
}

/** Reads one line and checks it by itself: canonical JSON of an entry that has the hash it claims. */
export function readLine(line: string): LedgerEntry | Pick<ChainProblem, "what" | "text"> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    return { what: "not-json", text: `is not JSON: ${(error as Error).message}` };
  }
  const parsed = sealedEntry.safeParse(value);
  if (!parsed.success)
    return {
      what: "edited",
      text: `is not a ledger entry: ${parsed.error.issues.map(({ path, message }) => `${path.join(".") || "value"}: ${message}`).join("; ")}`,
    };
  const { hash, ...content } = parsed.data;
  // Another spelling of the same values (white space, a member twice) is an edit, too.
  if (hashOf(content) !== hash || lineOf(parsed.data) !== line)
    return {
      what: "edited",
      text: `was edited: its content does not have the hash ${hash.slice(0, 12)}… that it claims`,
    };
  return parsed.data;
}

/**
 * Checks a ledger without trusting anything in it. A chain alone cannot show that its last entries were cut off or that
 * it was written anew from some entry on: for that give a head that was noted elsewhere.
 * @param lines the ledger's lines, oldest first, without line breaks.
 */
export function verifyChain(lines: readonly string[], head?: Head): ChainCheck {
  const read = lines.map(readLine);
  const entries = read.filter((one): one is LedgerEntry => "hash" in one);
  const present = new Set(entries.map(({ sequence }) => sequence));
  const hashes = new Map<number, { hash: string; line: number }>();
  const problems: ChainProblem[] = [];
  let next = 1;
  // Nobody knows whether an unreadable line took an entry's place or was put in between.
  let unreadable = 0;
  read.forEach((one, index) => {
    const line = index + 1;
    const problem = (what: ChainProblem["what"], text: string) =>
      problems.push({ line, what, text: `line ${line} ${text}` });
    if (!("hash" in one)) {
      unreadable += 1;
      problem(one.what, one.text);
      return;
    }
    const { sequence, hash, previous } = one;
    const twin = hashes.get(sequence);
    if (twin)
      return void problem(
        "duplicated",
        twin.hash === hash ? `repeats line ${twin.line}` : `claims to be entry ${sequence}, as line ${twin.line} does`,
      );
    if (sequence < next) problem("reordered", `is entry ${sequence}, which belongs further up`);
    else if (sequence > next + unreadable) {
      const moved = range(next, sequence).some((missing) => present.has(missing));
      problem(
        moved ? "reordered" : "removed",
        `is entry ${sequence} where entry ${next} should be${moved ? "" : `: ${sequence - next === 1 ? `entry ${next} is` : `entries ${next} to ${sequence - 1} are`} missing`}`,
      );
    }
    const before =
      sequence === 1
        ? origin
        : (hashes.get(sequence - 1)?.hash ?? entries.find((entry) => entry.sequence === sequence - 1)?.hash);
    if (before !== undefined && before !== previous)
      problem("edited", `does not continue entry ${sequence - 1}: one of the two was edited and sealed again`);
    hashes.set(sequence, { hash, line });
    next = Math.max(next, sequence + 1);
    unreadable = 0;
  });
  if (head && hashes.get(head.sequence)?.hash !== head.hash) {
    const known = hashes.get(head.sequence);
    const line = known?.line ?? lines.length + 1;
    problems.push(
      known
        ? { line, what: "edited", text: `line ${line} is not the entry ${head.sequence} that was noted as head` }
        : { line, what: "removed", text: `the entries up to ${head.sequence}, noted as head, are missing at the end` },
    );
  }
  return { ok: problems.length === 0, problems };
}

function hashOf(content: Omit<LedgerEntry, "hash" | "body"> & { readonly body: unknown }): string {
  return createHash("sha256").update(canonicalJson(content), "utf8").digest("hex");
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}
