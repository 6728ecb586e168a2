import assert from "node:assert/strict";
import fc from "fast-check";
import type { Escalation, EscalationPolicy } from "../../contract/escalation";
import { nothingEscalated } from "../../contract/escalation";
import { alertMessage } from "../../lifecycle/alert-message";
import { acknowledge, decideStep, levelsOf, noteAlert, noteStep, readAlert, stepOf } from "../../lifecycle/escalation";

const at = Date.parse("2026-12-01T12:00:00Z");
const level = (minutes: number, team = "*") => ({
  severity: "critical" as const,
  team,
  minutes,
  topicArn: `t-${minutes}`,
});
const policy: EscalationPolicy = { levels: [level(30), level(15)], loops: 2, fallbackArn: "fallback" };
const escalation: Escalation = {
  id: "0123abcd",
  subject: "CRITICAL",
  body: "",
  severity: "critical",
  team: "detectors",
  about: "endpoint; cause errors",
  atMs: at,
  steps: 0,
  failed: [],
};
const minutesOf = (step: number) => (stepOf(policy, escalation, step)!.dueMs - at) / 60_000;

describe("escalations", () => {
  it("go up the levels by their minutes, and begin again as often as the settings say", () => {
    assert.deepEqual([0, 1, 2, 3, 4, 5].map(minutesOf), [15, 30, 60, 75, 105, 120]);
    assert.equal(stepOf(policy, escalation, 6), undefined);
  });

  it("know whose levels they have", () => {
    const own = { ...policy, levels: [level(15, "detectors"), level(20, "others"), level(30)] };
    assert.deepEqual(
      levelsOf(own, escalation).map(({ minutes }) => minutes),
      [15, 30],
    );
    assert.deepEqual(levelsOf(own, { severity: "warning", team: "detectors" }), []);
  });

  it("stop when somebody looks after the alert, when it is over, and when everybody was told", () => {
    const decided = (more: Partial<Escalation>, step = 0, minutes = 15) =>
      decideStep(policy, { ...escalation, ...more }, step, at + minutes * 60_000).verdict;
    assert.equal(decided({}), "tell");
    assert.equal(decided({}, 0, 14.99), "wait");
    assert.equal(decided({ acknowledged: { by: "ben", atMs: at } }), "stop");
    assert.equal(decided({ endedMs: at }), "stop");
    assert.equal(decided({ steps: 1 }), "stop");
    assert.equal(decided({ steps: 6 }, 6, 10_000), "stop");
    assert.equal(decideStep(policy, undefined, 0, at).verdict, "stop");
  });

  it("read what people were told, and that it is over", () => {
    const alert = {
      id: "a",
      severity: "critical",
      area: "serving",
      team: "detectors",
      topicArn: "t",
      subject: "endpoint",
      cause: "errors",
      what: "Requests fail",
      sinceMs: at,
      evidence: "e",
      runbook: "r",
      command: "c",
    } as const;
    const message = (kind: "raised" | "ended") => alertMessage("prod", { ...alert, kind }, { repeats: 0, full: false });
    const read = (kind: "raised" | "ended", id: string) => readAlert({ id, atMs: at, ...message(kind) })!;
    assert.deepEqual([read("raised", "1").team, read("raised", "1").severity], ["detectors", "critical"]);
    const opened = noteAlert(nothingEscalated, read("raised", "1"), policy);
    assert.equal(opened.opened, true);
    // SNS delivers at least once.
    assert.equal(noteAlert(opened.state, read("raised", "1"), policy).opened, false);
    const over = noteAlert(opened.state, read("ended", "2"), policy);
    assert.deepEqual([over.opened, over.state.open["1"]!.endedMs], [false, at]);
    assert.equal(readAlert({ id: "3", subject: "Budget", body: "Your budget is spent", atMs: at }), undefined);
  });

  it("keep who acknowledged first", () => {
    const open = { open: { [escalation.id]: escalation } };
    const once = acknowledge(open, escalation.id, "ben", at);
    assert.equal(acknowledge(once, escalation.id, "cleo", at + 1).open[escalation.id]!.acknowledged!.by, "ben");
    assert.equal(acknowledge(open, "unknown", "ben", at), open);
  });

  it("make each step once, in whatever order and however often messages come", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 7 }), { maxLength: 60 }), (messages) => {
        let state = { open: { [escalation.id]: escalation } } as Parameters<typeof noteStep>[0];
        const told: number[] = [];
        for (const step of messages) {
          const { verdict } = decideStep(policy, state.open[escalation.id], step, at + 1e9);
          if (verdict !== "tell") continue;
          told.push(step);
          state = noteStep(state, escalation.id, step, false);
        }
        assert.deepEqual(
          told,
          [...new Set(told)].sort((one, other) => one - other),
        );
      }),
    );
  });
});
