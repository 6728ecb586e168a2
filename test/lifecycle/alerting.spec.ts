import assert from "node:assert/strict";
import fc from "fast-check";
import { type AlertState, nothingTold } from "../../contract/alert-state";
import { severities, type Severity } from "../../contract/alerts";
import {
  type Alert,
  cap,
  claimDigests,
  confirmDigest,
  confirmTold,
  decideAlert,
  holdBack,
  incidentOf,
} from "../../lifecycle/alerting";

const start = Date.parse("2026-11-29T10:00:00Z");
const minutes = (count: number): number => start + count * 60_000;

function alertOf(cause: string, changes: Partial<Alert> = {}): Alert {
  return {
    id: `${cause} ${changes.kind ?? "raised"} ${changes.sinceMs ?? start}`,
    kind: "raised",
    severity: "warning",
    area: "model",
    team: "detectors",
    topicArn: "arn:aws:sns:eu-central-1:123456789012:warning",
    subject: "peregrine-prod-detector",
    cause,
    what: `${cause} happened.`,
    sinceMs: start,
    evidence: "s3://bucket/report.html",
    runbook: "docs/runbooks/drift.md",
    command: "npx peregrine doctor --stack prod",
    ...changes,
  };
}

/** Decides about alerts one after the other, and says that people were told of those that are sent. */
function play(steps: readonly (readonly [Alert, number])[], from: AlertState = nothingTold) {
  let state = from;
  const verdicts = steps.map(([alert, atMs]) => {
    const decision = decideAlert(alert, state, atMs);
    state = decision.verdict === "send" ? confirmTold(alert, decision.state) : decision.state;
    return decision.verdict;
  });
  return { state, verdicts };
}

describe("alerts of one model about one cause", () => {
  it("are told once, whatever says them, and again when they become more urgent, concern another model or last", () => {
    const told = (changes: Partial<Alert>, atMs: number) =>
      play([
        [alertOf("drift", { modelSha256: "a" }), start],
        [alertOf("drift", { id: "second", ...changes }), atMs],
      ]).verdicts[1];
    assert.equal(told({}, minutes(59)), "drop");
    assert.equal(told({ signal: "alarm-drift" }, minutes(59)), "drop");
    assert.equal(told({ severity: "critical" }, minutes(1)), "send");
    assert.equal(told({ modelSha256: "b" }, minutes(1)), "send");
    assert.equal(told({ variant: "challenger" }, minutes(1)), "send");
    assert.equal(told({ cause: "quality" }, minutes(1)), "send");
    assert.equal(told({}, minutes(361)), "send", "people are reminded after six hours");
    assert.equal(
      play([
        [alertOf("errors", { severity: "critical" }), start],
        [alertOf("errors", { severity: "critical", id: "second" }), minutes(61)],
      ]).verdicts[1],
      "send",
      "of something critical after one",
    );
  });

  it("count what was left out, and say so with the next message", () => {
    const { state } = play([
      [alertOf("drift"), start],
      [alertOf("drift", { id: "2" }), minutes(60)],
      [alertOf("drift", { id: "3" }), minutes(120)],
    ]);
    assert.equal(decideAlert(alertOf("drift", { id: "4", severity: "critical" }), state, minutes(180)).repeats, 2);
  });

  it("end when the last of their alarms does, and only where people were told that they began", () => {
    const [f1, map50] = [
      alertOf("quality", { signal: "f1", id: "1" }),
      alertOf("quality", { signal: "map50", id: "2" }),
    ];
    const ended = (signal: string) => alertOf("quality", { kind: "ended", signal, id: `end of ${signal}` });
    assert.deepEqual(
      play([
        [ended("f1"), start],
        [f1, start],
        [map50, minutes(1)],
        [ended("f1"), minutes(2)],
        [ended("map50"), minutes(3)],
        [ended("map50"), minutes(4)],
      ]).verdicts,
      ["drop", "send", "drop", "drop", "send", "drop"],
    );
    assert.deepEqual(
      play([
        [f1, start],
        [ended("f1"), minutes(1)],
        [{ ...f1, id: "again" }, minutes(2)],
      ]).verdicts,
      ["send", "send", "send"],
      "what began again is news",
    );
  });

  it("come a second time under their own id and are told once; the digest tells what nobody got done with", () => {
    const alert = alertOf("drift");
    const { state } = decideAlert(alert, nothingTold, start);
    assert.equal(decideAlert(alert, state, start).verdict, "drop", "somebody is telling it");
    assert.equal(decideAlert(alert, confirmTold(alert, state), start).verdict, "drop");
    assert.deepEqual(claimDigests(confirmTold(alert, state), minutes(6)).digests, []);
    assert.deepEqual(claimDigests(state, minutes(1)).digests, []);
    const [digest] = claimDigests(state, minutes(6)).digests;
    assert.match(digest!.held[0]!.line, /^WARNING peregrine-prod-detector: drift happened/, "whoever it was died");
  });

  it("that are for information are told each, the same one only once", () => {
    const note = (id: string) => alertOf("retraining", { severity: "info", id });
    assert.deepEqual(
      play([
        [note("wait"), start],
        [note("retrain"), minutes(1)],
        [note("wait"), minutes(2)],
      ]).verdicts,
      ["send", "send", "drop"],
    );
  });
});

describe("a storm of alerts", () => {
  const storm = (count: number, severity: Severity = "warning", prefix = "cause") =>
    Array.from({ length: count }, (_none, index): [Alert, number] => [
      alertOf(`${prefix}-${index}`, { severity, topicArn: `arn:aws:sns:eu-central-1:123456789012:${severity}` }),
      start + index * 1000,
    ]);

  it("is five messages in ten minutes, the last of them for what is critical, and a digest of the rest", () => {
    const { state, verdicts } = play([...storm(8), ...storm(3, "critical", "bad")]);
    assert.deepEqual(verdicts, [
      ...Array<string>(4).fill("send"),
      ...Array<string>(4).fill("hold"),
      "send",
      "hold",
      "hold",
    ]);
    assert.deepEqual(claimDigests(state, minutes(9)).digests, []);
    const { digests } = claimDigests(state, minutes(11));
    assert.equal(digests.length, 1);
    const [digest] = digests;
    assert.deepEqual(
      digest!.held.map(({ severity }) => severity),
      ["critical", "critical", "warning", "warning", "warning", "warning"],
    );
    assert.match(digest!.topicArn, /critical$/, "it goes where the most urgent of it belongs");
    const after = confirmDigest(digest!, state, minutes(11));
    assert.deepEqual([after.held, claimDigests(after, minutes(12)).digests], [{}, []]);
    assert.equal(
      decideAlert(alertOf("cause-7", { id: "again" }), after, minutes(12)).verdict,
      "drop",
      "the digest told it",
    );
  });

  it("tells in the digest since when something stands, or when it ended", () => {
    const end = alertOf("disk", { kind: "ended", sinceMs: minutes(3), id: "end" });
    const { state: before } = play([[alertOf("disk"), start]]);
    const { state } = play([...storm(5), [end, minutes(3)]], before);
    const lines = claimDigests(state, minutes(14)).digests[0]!.held.map(({ line }) => line);
    assert.match(lines[0]!, /^WARNING \S+: cause-3 happened\. Since 2026-11-29T10:00:00Z\./);
    assert.match(lines.at(-1)!, /^ENDED \S+: disk happened\. At 2026-11-29T10:03:00Z\./);
  });

  it("does not touch other teams", () => {
    const { state } = play(storm(8));
    assert.equal(decideAlert(alertOf("disk", { team: "platform" }), state, minutes(1)).verdict, "send");
  });

  it("tells of what began and ended unheard in one line", () => {
    const { state } = play([...storm(5), [alertOf("cause-4", { kind: "ended" }), minutes(2)]]);
    const [held] = claimDigests(state, minutes(11)).digests[0]!.held;
    assert.match(held!.line, /cause-4 happened.*It ended at 2026-11-29T10:02:00Z/);
  });

  it("keeps what comes while a digest is on its way for the next one", () => {
    const { state } = play(storm(5));
    const { state: claimed, digests } = claimDigests(state, minutes(11));
    const late = decideAlert(alertOf("late"), claimed, minutes(5)).state;
    const after = confirmDigest(digests[0]!, late, minutes(11));
    assert.deepEqual(
      claimDigests(after, minutes(12)).digests[0]!.held.map(({ incident }) => incident),
      ["peregrine-prod-detector|late"],
    );
  });

  it("loses nothing when a message is refused: it waits for the digest, which is claimed by one at a time", () => {
    const alert = alertOf("drift");
    const state = holdBack(alert, decideAlert(alert, nothingTold, start).state);
    assert.equal(decideAlert(alert, state, start).verdict, "drop", "a second try leaves it to the digest");
    const first = claimDigests(state, minutes(1));
    assert.equal(first.digests[0]!.held.length, 1);
    assert.deepEqual(claimDigests(first.state, minutes(1)).digests, [], "somebody is sending it");
    assert.equal(claimDigests(first.state, minutes(7)).digests.length, 1, "whoever it was did not");
  });

  it("never sends more than the cap, never loses an incident, whatever comes in whatever order", () => {
    const step = fc.record({
      cause: fc.constantFrom("a", "b", "c", "d", "e", "f", "g", "h"),
      severity: fc.constantFrom(...severities),
      kind: fc.constantFrom("raised" as const, "raised" as const, "ended" as const),
      seconds: fc.integer({ min: 0, max: 240 }),
      outcome: fc.constantFrom("told" as const, "told" as const, "refused" as const, "died" as const),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let state: AlertState = nothingTold;
        let now = start;
        const out: number[] = [];
        const heard = new Set<string>();
        const raised = new Set<string>();
        const flush = () => {
          const { state: claimed, digests } = claimDigests(state, now);
          state = claimed;
          for (const digest of digests) {
            out.push(now);
            for (const { incident } of digest.held) heard.add(incident);
            state = confirmDigest(digest, state, now);
          }
        };
        for (const [index, { seconds, outcome, ...changes }] of steps.entries()) {
          now += seconds * 1000;
          const alert = alertOf(changes.cause, { ...changes, id: String(index), signal: changes.cause });
          if (alert.kind === "raised") raised.add(incidentOf(alert));
          const decision = decideAlert(alert, state, now);
          state = decision.state;
          if (decision.verdict === "send" && outcome === "refused") state = holdBack(alert, state);
          else if (decision.verdict === "send" && outcome === "told") {
            out.push(now);
            heard.add(incidentOf(alert));
            state = confirmTold(alert, state);
          }
          flush();
        }
        for (let tick = 0; tick < 6; tick += 1) {
          now += 300_000;
          flush();
        }
        for (const at of out)
          assert.ok(out.filter((other) => other <= at && at - other < cap.windowMs).length <= cap.messages);
        assert.deepEqual(
          [...raised].filter((one) => !heard.has(one)),
          [],
        );
        assert.deepEqual(state.held, {});
      }),
      { numRuns: 300, seed: 12 },
    );
  });
});
