import { ledgerKey } from "../contract/places";
import { setTimeout as delay } from "node:timers/promises";
import type { ObjectStore } from "../aws/s3";
import {
  type ChainProblem,
  type Head,
  type LedgerEntry,
  lineOf,
  type NewEntry,
  readLine,
  seal,
  verifyChain,
} from "./chain";
import type { HeadNotes } from "./ledger-head";

/** Writers that met each other so often did not merely meet; each try reads and writes the whole object. */
const maxTries = 20;
const pauseMs = { min: 10, max: 300 };

/** The ledger is not what was written: nothing may be concluded from it, and nothing added to it. */
export class LedgerBroken extends Error {
  constructor(
    where: string,
    readonly problems: readonly ChainProblem[],
  ) {
    super(`the ledger ${where} is broken: ${problems.map(({ text }) => text).join("; ")}`);
    this.name = "LedgerBroken";
  }
}

/**
 * The entry was added, and its head could not be noted: a cut of the ledger's end would not be noticed from there on.
 */
export class HeadNotNoted extends Error {
  constructor(where: string, cause: unknown) {
    super(`the head of the ledger ${where} could not be noted: ${(cause as Error).message}`, { cause });
    this.name = "HeadNotNoted";
  }
}

/** Other writers were faster every time; nothing was written. */
export class LedgerBusy extends Error {
  constructor(where: string, tries: number) {
    super(`the ledger ${where} was written by others ${tries} times in a row; the entry was not added`);
    this.name = "LedgerBusy";
  }
}

/**
 * What happened in an environment, one entry a line, each sealed with the hash of the one before. One object, so that
 * it can be read and checked with nothing but a text editor and SHA-256; made for thousands of entries, not for
 * telemetry, since each addition rewrites it.
 */
export class Ledger {
  private readonly location: { readonly bucket: string; readonly key: string };

  /**
   * @param heads where the head is noted after each addition, and read before each reading; without it a cut end goes
   * unnoticed.
   * @param key of the object; the environment's own ledger unless another is named.
   */
  constructor(
    private readonly store: Pick<ObjectStore, "getWithTag" | "putIf">,
    bucket: string,
    private readonly heads?: HeadNotes,
    key = ledgerKey,
  ) {
    this.location = { bucket, key };
  }

  /**
   * Adds an entry. S3 takes it only when nobody else wrote meanwhile, else it is sealed anew behind what they wrote:
   * two writers never lose an entry. An entry equal in everything to one that is already there at its place counts as
   * written: an answer that got lost on its way is asked for again by the SDK, and reads as a conflict with ourselves.
   * @throws LedgerBroken when the last line is not an intact entry or the noted head is gone, LedgerBusy after many
   * conflicts; HeadNotNoted when the entry was added all the same.
   */
  async append(entry: NewEntry): Promise<LedgerEntry> {
    const added = await this.add(entry);
    await this.heads?.note(added).catch((error: unknown) => {
      throw new HeadNotNoted(this.where, error);
    });
    return added;
  }

  private async add(entry: NewEntry): Promise<LedgerEntry> {
    // Read first: the ledger may be ahead of it, never behind.
    const head = await this.heads?.read();
    let attempted: LedgerEntry | undefined;
    for (let tries = 1; tries <= maxTries; tries++) {
      const found = await this.store.getWithTag(this.location);
      const lines = linesOf(found?.body);
      if (attempted && lines.includes(lineOf(attempted))) return attempted;
      this.mustHold(lines, head);
      attempted = seal(entry, this.lastOf(lines));
      // What is there stays byte for byte, also where it is broken.
      const next = [found?.body ?? "", endsOpen(found?.body) ? "\n" : "", `${lineOf(attempted)}\n`].map((part) =>
        typeof part === "string" ? Buffer.from(part) : part,
      );
      const { outcome } = await this.store.putIf(
        this.location,
        Buffer.concat(next),
        found ? { tag: found.tag } : { absent: true },
        "application/jsonl",
      );
      if (outcome === "written") return attempted;
      await pause(tries);
    }
    throw new LedgerBusy(this.where, maxTries);
  }

  /** All entries, oldest first. @throws LedgerBroken unless the whole chain holds, up to the noted head at least. */
  async entries(): Promise<LedgerEntry[]> {
    const { lines, head } = await this.read();
    const { ok, problems } = verifyChain(lines, head);
    if (!ok) throw new LedgerBroken(this.where, problems);
    return lines.map((line) => readLine(line) as LedgerEntry);
  }

  /** The lines as they are and the head that was noted, for `verifyChain` and for showing what is broken. */
  async read(): Promise<{ readonly lines: string[]; readonly head: Head | undefined }> {
    const head = await this.heads?.read();
    return { lines: linesOf((await this.store.getWithTag(this.location))?.body), head };
  }

  /** Adding to a ledger whose end was cut would hide the cut. */
  private mustHold(lines: readonly string[], head: Head | undefined): void {
    if (!head || lines.some((line) => line.includes(`"hash":"${head.hash}"`))) return;
    const problems = verifyChain(lines, head).problems;
    throw new LedgerBroken(this.where, problems);
  }

  private lastOf(lines: readonly string[]): LedgerEntry | undefined {
    const line = lines.at(-1);
    if (line === undefined) return undefined;
    const last = readLine(line);
    if ("hash" in last) return last;
    throw new LedgerBroken(this.where, [
      { line: lines.length, what: last.what, text: `line ${lines.length} ${last.text}` },
    ]);
  }

  private get where(): string {
    return `s3://${this.location.bucket}/${this.location.key}`;
  }
}

/** An empty line in the middle is kept: it is a break, and must be seen as one. */
function linesOf(body: Buffer | undefined): string[] {
  const text = body?.toString("utf8") ?? "";
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}

/** True when the last line lacks its line break. */
function endsOpen(body: Buffer | undefined): boolean {
  return body !== undefined && body.length > 0 && body.at(-1) !== 0x0a;
}

/** Grows with the tries and differs by chance, so that writers that met do not meet again. */
function pause(tries: number): Promise<void> {
  return delay(Math.random() * Math.min(pauseMs.max, pauseMs.min * 2 ** tries));
}
