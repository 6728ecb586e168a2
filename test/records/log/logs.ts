import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import type { LogEntry } from "../../../records/log/entry";
import { TransparencyLog, type Witness } from "../../../records/log/log";
import { LogKey } from "../../../records/log/note";
import type { TreeHead } from "../../../records/log/proofs";
import type { FileReader } from "../../../records/log/tiles";
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

/** A log in memory. */
export class TestLog {
  readonly log: TransparencyLog;

  constructor(
    readonly key = new TestKey(),
    readonly store = new MemoryStore(),
    readonly witness = new TestWitness(),
  ) {
    this.log = new TransparencyLog({
      store,
      bucket: "bucket",
      prefix,
      key: key.log,
      sign: key.sign,
      witness,
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
