import assert from "node:assert/strict";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { join } from "node:path";
import { ObjectStore } from "../../aws/s3";
import type { LocalCloud } from "../../local/server";
import { lineOf, type NewEntry, verifyChain } from "../../records/chain";
import { Ledger, LedgerBroken, LedgerBusy } from "../../records/ledger";
import { ledgerKey } from "../../contract/places";
import { enter, sdkConfig, startTestCloud } from "../local/support";
import { makeTemporaryFolder } from "../support/temporary-folder";

const told = (subject: string): NewEntry => ({
  at: "2026-03-01T10:00:00Z",
  by: "arn:aws:iam::111122223333:role/release",
  kind: "note",
  subject,
  body: {},
});

/** One object with S3's conditional writes. */
class Shelf {
  body: Buffer | undefined;
  version = 0;
  writes = 0;
  /** Happens between the reading and the writing of whoever writes next. */
  meanwhile: () => void = () => {};

  getWithTag(): Promise<{ body: Buffer; tag: string } | undefined> {
    return Promise.resolve(this.body && { body: this.body, tag: `"${this.version}"` });
  }

  putIf(...[, body, condition]: Parameters<ObjectStore["putIf"]>): ReturnType<ObjectStore["putIf"]> {
    this.meanwhile();
    const holds =
      "tag" in condition ? condition.tag === `"${this.version}"` && this.body !== undefined : this.body === undefined;
    if (!holds) return Promise.resolve({ outcome: "conflict", code: "PreconditionFailed" });
    this.set(body);
    this.writes += 1;
    return Promise.resolve({ outcome: "written", tag: `"${this.version}"` });
  }

  set(body: Buffer | string): void {
    this.body = Buffer.from(body);
    this.version += 1;
  }
}

describe("the ledger", () => {
  it("keeps what was added, in order, and only adds", async () => {
    const shelf = new Shelf();
    const ledger = new Ledger(shelf, "bucket");
    assert.deepEqual(await ledger.entries(), []);
    const first = await ledger.append(told("a"));
    const before = shelf.body!.toString();
    const second = await ledger.append(told("b"));
    assert.ok(shelf.body!.toString().startsWith(before));
    assert.deepEqual(await ledger.entries(), [first, second]);
    assert.deepEqual([second.sequence, second.previous], [2, first.hash]);
  });

  it("seals an entry anew behind what somebody else wrote between reading and writing", async () => {
    const shelf = new Shelf();
    const ledger = new Ledger(shelf, "bucket");
    const rival = new Shelf();
    // The rival works on a copy of the same state; its result is what the first writer finds.
    await new Ledger(rival, "bucket").append(told("rival"));
    shelf.meanwhile = () => {
      shelf.meanwhile = () => {};
      shelf.set(rival.body!);
    };
    const mine = await ledger.append(told("mine"));
    assert.deepEqual(
      (await ledger.entries()).map(({ subject }) => subject),
      ["rival", "mine"],
    );
    assert.equal(mine.sequence, 2);
  });

  it("does not add an entry twice when the answer to its writing got lost", async () => {
    const shelf = new Shelf();
    const ledger = new Ledger(shelf, "bucket");
    await ledger.append(told("a"));
    const putIf = shelf.putIf.bind(shelf);
    let lost = 0;
    shelf.putIf = async (...args) => {
      const answer = await putIf(...args);
      return lost++ === 0 ? { outcome: "conflict", code: "PreconditionFailed" } : answer;
    };
    const entry = await ledger.append(told("b"));
    assert.deepEqual(
      (await ledger.entries()).map(({ subject }) => subject),
      ["a", "b"],
    );
    assert.deepEqual((await ledger.entries())[1], entry);
  });

  it("gives up after many conflicts and has written nothing", async function () {
    this.slow(15_000);
    const shelf = new Shelf();
    shelf.putIf = () => Promise.resolve({ outcome: "conflict", code: "ConditionalRequestConflict" });
    await assert.rejects(new Ledger(shelf, "bucket").append(told("a")), LedgerBusy);
    assert.equal(shelf.body, undefined);
  });

  it("adds nothing behind a broken line, and tells nothing from a broken chain", async () => {
    const shelf = new Shelf();
    const ledger = new Ledger(shelf, "bucket");
    for (const subject of ["a", "b", "c"]) await ledger.append(told(subject));
    const whole = shelf.body!.toString();
    shelf.set(whole.replace('"subject":"c"', '"subject":"d"'));
    await assert.rejects(
      ledger.append(told("e")),
      (error: LedgerBroken) =>
        error instanceof LedgerBroken && /s3:\/\/bucket\/ledger\/ledger\.jsonl.*line 3 was edited/.test(error.message),
    );
    shelf.set(whole.replace('"subject":"a"', '"subject":"z"'));
    await assert.rejects(ledger.entries(), (error: LedgerBroken) => error.problems[0]?.line === 1);
    assert.equal((await ledger.read()).lines.length, 3);
  });

  it("continues a file whose last line lacks its line break", async () => {
    const shelf = new Shelf();
    const ledger = new Ledger(shelf, "bucket");
    await ledger.append(told("a"));
    shelf.set(shelf.body!.toString().trimEnd());
    await ledger.append(told("b"));
    assert.equal((await ledger.entries()).length, 2);
  });
});

describe("the ledger in S3", () => {
  const folder = makeTemporaryFolder();
  let leave: () => void;
  let local: LocalCloud;
  let store: ObjectStore;
  const bucket = "peregrine-ledger-test";

  before(async () => {
    local = await startTestCloud();
    await new S3Client(sdkConfig(local)).send(
      new CreateBucketCommand({ Bucket: bucket, CreateBucketConfiguration: { LocationConstraint: "eu-central-1" } }),
    );
    leave = enter(local, join(folder, "aws"));
    store = new ObjectStore({ profile: "ab", region: local.cloud.region });
  });
  after(async () => {
    leave?.();
    await local?.stop();
  });

  it("loses no entry of ten writers at once, and its chain holds", async () => {
    const entries = await Promise.all(
      Array.from({ length: 10 }, (_, index) => new Ledger(store, bucket).append(told(`writer-${index}`))),
    );
    const found = await new Ledger(store, bucket).entries();
    assert.deepEqual(
      found.map(({ sequence }) => sequence),
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    );
    assert.deepEqual(new Set(found.map(lineOf)), new Set(entries.map(lineOf)));
    const object = (await store.get({ bucket, key: ledgerKey }))!.toString().trimEnd().split("\n");
    assert.deepEqual(verifyChain(object), { ok: true, problems: [] });
  });
});
