import assert from "node:assert/strict";
import { witnessLogs } from "../../functions/witness-log";
import type { Seen } from "../../records/log/outside";
import { TestLog, toldUpTo } from "../records/log/logs";

/** Messages as Lambda hands them on, of one environment's queue. */
function event(environment: string, ...bodies: readonly unknown[]): unknown {
  return {
    Records: bodies.map((body, at) => ({
      messageId: `m-${at}`,
      body: typeof body === "string" ? body : JSON.stringify(body),
      eventSourceARN: `arn:aws:sqs:eu-central-1:111122223333:peregrine-requests-witness-${environment}`,
      attributes: { SentTimestamp: String(Date.parse("2026-03-01T10:00:00Z")) },
    })),
  };
}

function stage() {
  const seen = new Map<string, Seen>();
  const lines: string[] = [];
  const handle = (given: unknown) =>
    witnessLogs(given, {
      environments: ["dev", "prod"],
      seenOf: (environment) => ({
        read: () => Promise.resolve(seen.get(environment)),
        write: (value) => Promise.resolve(void seen.set(environment, value)),
      }),
      log: (line) => lines.push(line),
    });
  return { seen, lines, handle };
}

/** What a log's writers showed while it grew. */
async function shown(...counts: readonly number[]) {
  const test = new TestLog();
  test.outside.waits = true;
  for (const count of counts) await test.log.append(toldUpTo(count));
  return test.outside.waiting;
}

describe("who witnesses the logs of other environments", () => {
  it("remembers each environment's newest checkpoint, by the queue that it came in", async () => {
    const { seen, handle } = stage();
    const [prod, dev] = [await shown(3, 8), await shown(2)];
    assert.deepEqual(await handle(event("prod", ...prod)), { batchItemFailures: [] });
    assert.deepEqual(await handle(event("dev", ...dev)), { batchItemFailures: [] });
    assert.deepEqual(
      [...seen].map(([environment, { note, at }]) => [environment, note.split("\n")[1], at]),
      [
        ["prod", "8", "2026-03-01T10:00:00.000Z"],
        ["dev", "2", "2026-03-01T10:00:00.000Z"],
      ],
    );
    // Messages come twice.
    assert.deepEqual(await handle(event("prod", ...prod)), { batchItemFailures: [] });
    assert.equal(seen.get("prod")!.note, prod[1]!.note);
  });

  it("gives up what contradicts what it saw, and remembers that it was shown", async () => {
    const { seen, lines, handle } = stage();
    const test = new TestLog();
    test.outside.waits = true;
    await test.log.append(toldUpTo(3));
    const [first] = test.outside.waiting;
    const anew = new TestLog(test.key);
    anew.outside.waits = true;
    await anew.log.append(toldUpTo(4).slice(1));
    await handle(event("prod", first!));
    assert.deepEqual(await handle(event("prod", anew.outside.waiting[0]!)), {
      batchItemFailures: [{ itemIdentifier: "m-0" }],
    });
    assert.match(lines.at(-1)!, /the log of prod has two histories: two trees of 3 entries were signed/);
    assert.deepEqual(seen.get("prod"), {
      key: first!.key,
      note: first!.note,
      at: "2026-03-01T10:00:00.000Z",
      fork: { note: anew.outside.waiting[0]!.note, at: "2026-03-01T10:00:00.000Z" },
    });
  });

  it("gives up what is no checkpoint, what another key signed, and what comes by another queue", async () => {
    const { seen, lines, handle } = stage();
    const [mine] = await shown(3);
    const [others] = await shown(5);
    await handle(event("prod", mine!));
    const before = seen.get("prod");
    const answer = await handle(event("prod", "no JSON", { key: "k" }, others, { ...others, key: mine!.key }));
    assert.equal(answer.batchItemFailures.length, 4);
    await handle(event("staging", mine!));
    assert.match(lines.at(-1)!, /witness-staging is no queue of a log that is witnessed here/);
    assert.deepEqual([seen.size, seen.get("prod")], [1, before]);
  });
});
