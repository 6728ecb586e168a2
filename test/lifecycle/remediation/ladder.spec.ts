import assert from "node:assert/strict";
import fc from "fast-check";
import { nothingViolated, parts, type RemediationState } from "../../../contract/remediation";
import { limits } from "../../../lifecycle/remediation/decide";
import type { Finding } from "../../../lifecycle/remediation/finding";
import { noteChange, noteEscalated, noteHealed, type Stock, takeStock } from "../../../lifecycle/remediation/ladder";

const begin = Date.parse("2026-12-01T12:00:00Z");

function finding(name: string): Finding {
  return { violation: "rule-disabled", resource: name, called: name, reasons: ["it is off"] };
}

const stock = (nowMs: number, findings: readonly Finding[]): Stock => ({
  parts,
  findings,
  endpointBusy: false,
  mode: "on",
  waivers: [],
  locked: false,
  nowMs,
});

const changed = (name: string, atMs: number) => ({
  atMs,
  actor: "arn:aws:iam::1:user/mallory",
  update: false,
  action: "DisableRule",
  about: `{"name":"${name}"}`,
});

describe("the ladder of remediation", () => {
  it("remembers a change that an event tells twice once", () => {
    const once = noteChange(nothingViolated, changed("a", begin));
    assert.equal(noteChange(once, changed("a", begin)), once);
  });

  it("counts a fix before it is made, and names who did it", () => {
    const { state, steps } = takeStock(noteChange(nothingViolated, changed("a", begin)), stock(begin, [finding("a")]));
    assert.deepEqual(
      steps.map(({ decision, first, incident }) => [decision.verdict, first, incident.actor]),
      [["fix", true, "arn:aws:iam::1:user/mallory"]],
    );
    assert.deepEqual(state.incidents["rule-disabled:a"]!.tries, [begin]);
  });

  it("closes what is right again, and no endpoint that is still being updated", () => {
    const { state } = takeStock(
      nothingViolated,
      stock(begin, [finding("a"), { ...finding("e"), violation: "capture-off" }]),
    );
    const { healed } = takeStock(state, { ...stock(begin + 1000, []), endpointBusy: true });
    assert.deepEqual(
      healed.map(({ id }) => id),
      ["rule-disabled:a"],
    );
    assert.deepEqual(takeStock(state, { ...stock(begin + 1000, []), parts: ["keys"] }).healed, []);
  });

  it("says nothing again of what people were told of, until it is right", () => {
    const { state, steps } = takeStock(nothingViolated, stock(begin, [{ ...finding("a"), unfit: "too strong" }]));
    assert.equal(steps[0]!.decision.verdict, "wait");
    const later = takeStock(state, stock(begin + limits.confirmMs, [{ ...finding("a"), unfit: "too strong" }]));
    assert.equal(later.steps[0]!.decision.verdict, "escalate");
    const told = noteEscalated(later.state, ["rule-disabled:a"], begin + limits.confirmMs);
    const again = takeStock(told, stock(begin + 2 * limits.confirmMs, [{ ...finding("a"), unfit: "too strong" }]));
    assert.deepEqual(
      again.steps.map(({ decision, news }) => [decision.verdict, news]),
      [["record-only", false]],
    );
  });

  it("never fixes more than its limits, whatever is broken how often, and tells of each thing once an hour", () => {
    const plantings = fc.array(
      fc.record({ name: fc.constantFrom("a", "b", "c", "d"), seconds: fc.integer({ min: 0, max: 90 }) }),
      {
        minLength: 1,
        maxLength: 120,
      },
    );
    fc.assert(
      fc.property(plantings, fc.boolean(), (planted, holds) => {
        let state: RemediationState = nothingViolated;
        let nowMs = begin;
        const wrong = new Set<string>();
        const fixes: { name: string; atMs: number }[] = [];
        const told: { name: string; atMs: number }[] = [];
        for (const { name, seconds } of planted) {
          nowMs += seconds * 1000;
          wrong.add(name);
          state = noteChange(state, changed(name, nowMs));
          const taken = takeStock(state, stock(nowMs, [...wrong].map(finding)));
          state = taken.state;
          for (const { decision, incident } of taken.steps) {
            if (decision.verdict === "escalate") {
              told.push({ name: incident.resource, atMs: nowMs });
              state = noteEscalated(state, [incident.id], nowMs);
            }
            if (decision.verdict !== "fix") continue;
            fixes.push({ name: incident.resource, atMs: nowMs });
            if (!holds) continue;
            wrong.delete(incident.resource);
            state = noteHealed(state, [incident.id], nowMs).state;
          }
        }
        for (const { name, atMs } of fixes) {
          const near = fixes.filter(
            (one) => one.name === name && one.atMs >= atMs && one.atMs - atMs < limits.windowMs,
          );
          assert.ok(near.length <= limits.tries, `${near.length} fixes of ${name} within an hour`);
        }
        for (const { name, atMs } of told) {
          const near = told.filter((one) => one.name === name && one.atMs > atMs && one.atMs - atMs < limits.windowMs);
          assert.equal(near.length, 0, `${name} was told twice`);
        }
      }),
    );
  });
});
