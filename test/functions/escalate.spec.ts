import assert from "node:assert/strict";
import { type Escalations, nothingEscalated } from "../../contract/escalation";
import { type Dependencies, escalate } from "../../functions/escalate";

const at = Date.parse("2026-12-01T12:00:00Z");
const body =
  "What:     Requests fail\nSeverity: critical\nTeam:     detectors (serving)\nAbout:    endpoint; cause errors";

describe("the function that escalates", () => {
  let state: Escalations;
  let sent: { body: string; seconds: number }[];
  let told: string[];
  let dead: Set<string>;
  let beats: number;
  let dependencies: Dependencies;

  beforeEach(() => {
    [state, sent, told, dead, beats] = [nothingEscalated, [], [], new Set(), 0];
    dependencies = {
      environment: "prod",
      policy: {
        levels: [{ severity: "critical", team: "*", minutes: 20, topicArn: "lead" }],
        loops: 0,
        fallbackArn: "watchdog",
      },
      book: {
        read: async () => state,
        change: async (by) => {
          const changed = by(state);
          state = changed.state;
          return changed.result;
        },
      },
      notifications: {
        publish: async (topic) => {
          if (dead.has(topic)) throw new Error("NotFound");
          told.push(topic);
          return "m";
        },
      },
      queues: { sendLater: async (_queue, text, seconds) => void sent.push({ body: text, seconds }) },
      metrics: { publish: async () => void (beats += 1) },
      log: () => undefined,
    };
  });

  const handle = (text: object | string, seconds = 0) =>
    escalate(
      {
        Records: [
          {
            messageId: "m",
            body: typeof text === "string" ? text : JSON.stringify(text),
            attributes: { SenderId: "AROA:ben", ApproximateFirstReceiveTimestamp: String(at + seconds * 1000) },
          },
        ],
      },
      dependencies,
    );
  const notification = (more: object = {}) => ({
    Type: "Notification",
    MessageId: "1",
    Subject: "[prod] CRITICAL: Requests fail",
    Message: body,
    Timestamp: new Date(at).toISOString(),
    ...more,
  });

  it("waits by messages that the queue holds back, fifteen minutes at most", async () => {
    await handle(notification());
    assert.deepEqual(
      sent.map(({ seconds }) => seconds),
      [900],
    );
    await handle(sent[0]!.body, 900);
    assert.deepEqual([sent[1]!.seconds, told], [300, []]);
    await handle(sent[1]!.body, 1200);
    assert.deepEqual(told, ["lead"]);
    // The last level of the last loop.
    assert.equal(sent.length, 2);
  });

  it("tells the watchdog where a level hears nothing, and loses nothing where that is deaf as well", async () => {
    await handle(notification());
    dead.add("lead");
    await handle(sent[0]!.body, 1200);
    assert.deepEqual(told, ["watchdog"]);
    const [one] = Object.values(state.open);
    assert.deepEqual([one!.steps, one!.failed], [1, [0]]);
    dead.add("watchdog");
    await handle(notification({ MessageId: "2" }));
    assert.deepEqual(await handle(sent.at(-1)!.body, 1200), { batchItemFailures: [] });
  });

  it("hears who acknowledges", async () => {
    await handle(notification());
    const [id] = Object.keys(state.open);
    await handle({ kind: "acknowledge", id }, 60);
    assert.equal(state.open[id!]!.acknowledged!.by, "AROA:ben");
    await handle(sent[0]!.body, 1200);
    assert.deepEqual(told, []);
  });

  it("says that it lives when the heartbeat comes", async () => {
    await handle(notification({ Subject: undefined, Message: '{"kind":"heartbeat"}' }));
    assert.deepEqual([beats, sent.length], [1, 0]);
  });

  it("leaves a message that is none of these to the queue, which gives it up", async () => {
    assert.deepEqual(await handle("no JSON"), { batchItemFailures: [{ itemIdentifier: "m" }] });
  });
});
