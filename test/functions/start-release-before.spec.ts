import assert from "node:assert/strict";
import { fallBack } from "../../functions/start-release-before";
import { ledgerLines, raisedAlarm } from "../infra/front-door/two-releases";

const raised = raisedAlarm("peregrine-staging-detector-errors");

describe("asking for the release before", () => {
  it("forgets that it asked when the queue took nothing, so that Lambda's next try asks", async () => {
    const objects = new Map<string, string>();
    const ledger = Buffer.from(ledgerLines);
    const dependencies = {
      environment: "staging",
      bucket: "bucket",
      objects: {
        exists: async () => false,
        getWithTag: async () => ({ body: ledger, tag: "t" }),
        putIf: async ({ key }: { key: string }) => {
          if (objects.has(key)) return { outcome: "conflict" as const, code: "PreconditionFailed" };
          objects.set(key, "");
          return { outcome: "written" as const, tag: "t" };
        },
        delete: async ({ key }: { key: string }) => void objects.delete(key),
      },
      bus: { put: async () => undefined },
      log: () => undefined,
    };
    const down = { send: () => Promise.reject(new Error("SQS is down")) };
    await assert.rejects(fallBack(raised, { ...dependencies, queues: down }), /SQS is down/);
    const sent: string[] = [];
    const up = { send: async (_queue: string, body: string) => `m${sent.push(body)}` };
    assert.match(await fallBack(raised, { ...dependencies, queues: up }), /is asked for/);
    assert.equal(sent.length, 1);
    await assert.rejects(fallBack({ ...raised, detail: {} }, { ...dependencies, queues: up }), /no raised alarm/);
  });
});
