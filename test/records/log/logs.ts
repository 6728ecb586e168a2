import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import type { LogEntry } from "../../../records/log/entry";
import { TransparencyLog } from "../../../records/log/log";
import { BucketCopy } from "../../../records/log/locked";
import { LogKey } from "../../../records/log/note";
import { judgeOffer, type Judgement, type Offer, type OutsideWitness, type Seen } from "../../../records/log/outside";
import type { TreeHead } from "../../../records/log/proofs";
import type { FileReader } from "../../../records/log/tiles";
import type { Witness } from "../../../records/log/witnesses";
import { MemoryStore } from "../../support/memory-store";

export const prefix = "ledger/log/";
const origin = "bucket/ledger/log";

/** A key pair that signs as KMS does: ECDSA on P-256, DER. */
export class TestKey {
  readonly log: LogKey;
  private readonly secret: KeyObject;

  constructor(name = origin) {
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    this.log = new LogKey(name, publicKey.export({ format: "der", type: "spki" }));
    this.secret = privateKey;
  }

  readonly sign = (text: Buffer): Promise<Buffer> => Promise.resolve(sign("sha256", text, this.secret));
}

/** Remembers the newest head, as SSM does. */
export class TestWitness implements Witness {
  head: TreeHead | undefined;

  read(): Promise<TreeHead | undefined> {
    return Promise.resolve(this.head);
  }

  note(head: TreeHead): Promise<void> {
    this.head = head;
    return Promise.resolve();
  }
}

/** A witness outside, as its function makes it: what it is shown comes at once, unless it is kept back. */
export class TestOutside implements OutsideWitness {
  readonly by = "staging";
  seen: Seen | undefined;
  /** Whether what is shown waits, in its order. */
  waits = false;
  readonly waiting: Offer[] = [];
  readonly judgements: Judgement[] = [];

  read(): Promise<Seen | undefined> {
    return Promise.resolve(this.seen);
  }

  show(offer: Offer): Promise<void> {
    if (this.waits) this.waiting.push(offer);
    else this.take(offer);
    return Promise.resolve();
  }

  take(offer: Offer): Judgement {
    const judged = judgeOffer(this.seen, offer, "2026-03-01T10:00:00.000Z");
    if ("seen" in judged) this.seen = judged.seen;
    this.judgements.push(judged);
    return judged;
  }
}

/** A log in memory. */
export class TestLog {
  readonly log: TransparencyLog;

  constructor(
    readonly key = new TestKey(),
    readonly store = new MemoryStore(),
    readonly witness = new TestWitness(),
    readonly outside = new TestOutside(),
    readonly vault = new MemoryStore(),
  ) {
    this.log = new TransparencyLog({
      store,
      bucket: "bucket",
      prefix,
      key: key.log,
      sign: key.sign,
      witness,
      outside,
      locked: new BucketCopy(vault, "audit", prefix),
    });
  }

  /** The log's files by their paths, without what only its writers need. */
  get files(): Map<string, Buffer> {
    return new Map(
      [...this.store.objects].flatMap(([path, { body }]) => {
        const name = path.slice(prefix.length);
        return name === "checkpoint" || name.startsWith("tile/") ? [[name, body] as const] : [];
      }),
    );
  }
}

export function told(number: number, subject = `subject-${number}`): Omit<LogEntry, "schema"> {
  return {
    id: `id-${number}`,
    at: "2026-03-01T10:00:00Z",
    by: "arn:aws:iam::111122223333:role/release",
    kind: "note",
    subject,
    body: { number },
  };
}

export const toldUpTo = (count: number): Omit<LogEntry, "schema">[] =>
  Array.from({ length: count }, (_, number) => told(number));

export function readerOf(files: ReadonlyMap<string, Buffer>): FileReader {
  return (path) => Promise.resolve(files.get(path));
}
