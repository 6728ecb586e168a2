import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { hostname } from "node:os";
import { EnvironmentLocked } from "../../../automation/errors";
import { EnvironmentLock, type LockStore, type Operation } from "../../../automation/release/lock";
import { lockKey } from "../../../contract/places";
import { modelOf, releaseOf } from "./releases";

/** S3 as far as a lock needs it: conditional writes of one object. */
function shelf(): LockStore & { text(): string | undefined; put(document: unknown): void } {
  let held: { body: Buffer; tag: string } | undefined;
  let writes = 0;
  const write = (body: Buffer | string) => (held = { body: Buffer.from(body), tag: `"${(writes += 1)}"` });
  return {
    getWithTag: () => Promise.resolve(held),
    putIf: (_location, body, condition) => {
      const fits = "absent" in condition ? held === undefined : held?.tag === condition.tag;
      return Promise.resolve(
        fits
          ? { outcome: "written" as const, tag: write(body).tag }
          : { outcome: "conflict" as const, code: "PreconditionFailed" },
      );
    },
    delete: () => Promise.resolve(void (held = undefined)),
    text: () => held?.body.toString("utf8"),
    put: (document) => void write(JSON.stringify(document)),
  };
}

const startedAt = "2026-11-25T10:00:00Z";
const promotion = (digit = "a", changes: Partial<Operation> = {}): Operation => ({
  kind: "promote",
  release: releaseOf(digit),
  phase: "preparing",
  reasons: [],
  startedAt,
  ...changes,
});
const take = (store: LockStore, operation = promotion()) =>
  EnvironmentLock.take(store, "bucket", "prod", "arn:aws:iam::111122223333:user/ada", operation);
/** Process id of a process that has ended. */
const dead = (): number => spawnSync(process.execPath, ["-e", ""]).pid;
const left = (operation: Operation, holder: object = {}) => ({
  schema: "peregrine.lock/1",
  holder: { id: "x", arn: "arn:aws:iam::111122223333:user/bob", host: hostname(), pid: dead(), ...holder },
  operation,
  renewals: 0,
});

describe("the lock of an environment", () => {
  it("is held by one, who is named to the second with what is being done", async () => {
    const store = shelf();
    const lock = await take(store);
    await assert.rejects(take(store), (error: Error) => {
      assert(error instanceof EnvironmentLocked);
      assert.match(
        error.message,
        new RegExp(
          `^Environment prod is being changed by arn:aws:iam::111122223333:user/ada \\(process ${process.pid} on ${hostname()}\\): promote of peregrine-dev-detector/1, since ${startedAt}\\.$`,
        ),
      );
      return true;
    });
    assert.equal(lock.interrupted, undefined);
    await lock.release();
    assert.equal(store.text(), undefined);
    await (await take(store)).release();
  });

  it("stays where it is when it cannot be read: nobody knows whether somebody is at work", async () => {
    for (const document of [{ schema: "peregrine.lock/0" }, "half a lo"]) {
      const store = shelf();
      store.put(document);
      const refused = (error: Error) =>
        error instanceof EnvironmentLocked &&
        /^The lock s3:\/\/bucket\/releases\/lock\.json cannot be read: /.test(error.message) &&
        /remove it/.test(error.next);
      await assert.rejects(take(store), refused);
      await assert.rejects(EnvironmentLock.peek(store, "bucket"), refused);
    }
  });

  it("goes to one of many who want it at the same time", async () => {
    const store = shelf();
    const results = await Promise.allSettled(Array.from({ length: 10 }, () => take(store)));
    const taken = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
    assert.equal(taken.length, 1);
    await taken[0]!.release();
  });

  it("is taken from a process that has ended, with what that knew: what was live before, and whether it was going back", async () => {
    const store = shelf();
    store.put(left(promotion("b", { phase: "back", previous: releaseOf("a"), reasons: ["finds nothing"] })));
    const lock = await take(store, promotion("b"));
    assert.equal(lock.interrupted?.phase, "back");
    assert.deepEqual(
      [lock.operation.phase, lock.operation.reasons, lock.operation.previous?.modelSha256],
      ["back", ["finds nothing"], "a".repeat(64)],
    );
    assert.match(store.text()!, /"phase": "back"/, "killed right now, the next one knows it as well");
    await lock.release();
  });

  it("keeps what was live before the interrupted release when another one follows", async () => {
    const store = shelf();
    store.put(left(promotion("b", { phase: "back", previous: releaseOf("a"), reasons: ["finds nothing"] })));
    const lock = await take(store, promotion("c"));
    assert.deepEqual(
      [lock.operation.phase, lock.operation.previous?.modelSha256, lock.operation.reasons],
      ["forward", "a".repeat(64), []],
    );
    await lock.release();
  });

  it("forgets an operation that had changed nothing yet", async () => {
    const store = shelf();
    store.put(left(promotion("b")));
    const lock = await take(store, promotion("c"));
    assert.deepEqual([lock.operation.phase, lock.operation.previous], ["preparing", undefined]);
    await lock.release();
  });

  it("is kept by a holder on another machine who shows signs of life", async () => {
    const store = shelf();
    store.put(left(promotion("b"), { host: "elsewhere" }));
    const told: string[] = [];
    const taking = EnvironmentLock.take(store, "bucket", "prod", "me", promotion(), (what) => {
      told.push(what);
      store.put({ ...left(promotion("b"), { host: "elsewhere" }), renewals: 1 });
    });
    await assert.rejects(taking, EnvironmentLocked);
    assert.match(told[0]!, /sign of life from process \d+ on elsewhere/);
  });

  it("tells a holder that it was held to be dead", async () => {
    const store = shelf();
    const lock = await take(store);
    await lock.note({ phase: "forward", previous: { ...releaseOf("a"), kept: [modelOf("b")] } });
    store.put(left(promotion("c")));
    await assert.rejects(lock.note({ phase: "back" }), EnvironmentLocked);
    lock.abandon();
    assert.equal(JSON.parse(store.text()!).operation.release.modelSha256, "c".repeat(64), `${lockKey} is the other's`);
  });
});
