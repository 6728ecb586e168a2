import assert from "node:assert/strict";
import type { Change, Incident, RemediationState } from "../../../contract/remediation";
import { nothingViolated } from "../../../contract/remediation";
import { decideRemediation, limits, type Situation } from "../../../lifecycle/remediation/decide";
import { type Finding, findingId } from "../../../lifecycle/remediation/finding";

const now = Date.parse("2026-12-01T12:00:00Z");
const finding: Finding = {
  violation: "bucket-public",
  resource: "bucket",
  called: "bucket",
  reasons: ["it may be opened"],
};
const byHand: Change = {
  atMs: now - 1000,
  actor: "arn:aws:iam::1:user/root",
  update: false,
  action: "DeletePublicAccessBlock",
  about: '{"bucketName":"bucket"}',
};

function situation(more: Partial<Situation> = {}, state: Partial<RemediationState> = {}): Situation {
  return {
    mode: "on",
    waivers: [],
    locked: false,
    nowMs: now,
    state: { ...nothingViolated, changes: [byHand], ...state },
    ...more,
  };
}

function incident(more: Partial<Incident>): RemediationState["incidents"] {
  const id = findingId(finding);
  return {
    [id]: {
      id,
      violation: finding.violation,
      resource: finding.resource,
      seenMs: now,
      lastMs: now,
      rung: "detected",
      tries: [],
      ...more,
    },
  };
}

const decided = (...args: Parameters<typeof situation>) => decideRemediation(finding, situation(...args));

describe("what is done about a violation", () => {
  it("is to put right at once what an event says somebody did by hand", () => {
    assert.deepEqual(decided(), { verdict: "fix", reasons: ["it may be opened"] });
  });

  it("is nothing while somebody releases, and people are told where that takes too long", () => {
    assert.equal(decided({ locked: true }).verdict, "wait");
    const seenMs = now - limits.longestWaitMs - 1;
    const long = decided({ locked: true }, { incidents: incident({ seenMs }) });
    assert.equal(long.verdict, "escalate");
    assert.match(long.reasons.join(), /somebody releases.*for 120 minutes/);
  });

  it("is nothing right after an update of the stack, which writes what ought to be at its end", () => {
    const update = { ...byHand, update: true };
    assert.equal(decided({}, { changes: [update] }).verdict, "wait");
    assert.equal(decided({}, { changes: [{ ...update, about: "something else" }] }).verdict, "wait");
    const settled = { ...update, atMs: now - limits.settleMs };
    assert.equal(decided({}, { changes: [settled] }).verdict, "fix");
    // A change by hand is one, also during an update.
    assert.equal(decided({}, { changes: [{ ...update, about: "{}" }, byHand] }).verdict, "fix");
  });

  it("is a second look where no event said anything: the first may have met an update", () => {
    assert.equal(decided({}, { changes: [] }).verdict, "wait");
    const seenMs = now - limits.confirmMs;
    assert.equal(decided({}, { changes: [], incidents: incident({ seenMs }) }).verdict, "fix");
  });

  it("is for people where the same is seen when SageMaker takes an update back", () => {
    const config: Finding = { ...finding, violation: "endpoint-config-changed" };
    assert.equal(decideRemediation(config, situation()).verdict, "fix");
    const alone = decideRemediation(config, situation({}, { changes: [] }));
    assert.equal(alone.verdict, "escalate");
    assert.match(alone.reasons.join(), /taken an update back/);
  });

  it("is for people where no function may put it right, with the reason", () => {
    const { verdict, reasons } = decideRemediation({ ...finding, unfit: "too strong" }, situation());
    assert.deepEqual([verdict, reasons], ["escalate", ["too strong"]]);
  });

  it("is tried three times an hour, with a pause between, also where a fix held for a while", () => {
    const tries = (...secondsAgo: number[]) => incident({ tries: secondsAgo.map((ago) => now - ago * 1000) });
    assert.equal(decided({}, { incidents: tries(30) }).verdict, "wait");
    assert.equal(decided({}, { incidents: tries(61) }).verdict, "fix");
    assert.equal(decided({}, { incidents: tries(200, 61) }).verdict, "fix");
    const third = decided({}, { incidents: tries(300, 200, 61) });
    assert.equal(third.verdict, "escalate");
    assert.match(third.reasons.join(), /fixed 3 times within an hour/);
    assert.equal(decided({}, { incidents: tries(3601, 200, 61) }).verdict, "fix");
  });

  it("tells people once, and of a storm once for everything", () => {
    assert.equal(decided({}, { incidents: incident({ rung: "escalated" }) }).verdict, "record-only");
    const many = Object.fromEntries(
      Array.from({ length: limits.fixes }, (_, index) => {
        const one = Object.values(incident({ tries: [now - 1000] }))[0]!;
        return [`${index}`, { ...one, id: `${index}` }];
      }),
    );
    const storm = decided({}, { incidents: many });
    assert.deepEqual([storm.verdict, storm.storm], ["escalate", true]);
    assert.equal(decided({}, { incidents: many, stormMs: now - 1000 }).verdict, "record-only");
  });

  it("changes nothing in a dry run, and says what it would do", () => {
    assert.deepEqual(decided({ mode: "dry-run" }).reasons, ["dry run: it would be fixed"]);
    assert.equal(decided({ mode: "dry-run" }).verdict, "record-only");
    assert.equal(decided({ mode: "off" }).verdict, "record-only");
  });

  it("leaves alone what is waived, until the last day is over", () => {
    const waiver = {
      violation: "bucket-public",
      resource: "*",
      until: "2026-12-01",
      reason: "a demonstration",
    } as const;
    const held = decided({ waivers: [waiver] });
    assert.deepEqual(held, { verdict: "record-only", reasons: ["waived until 2026-12-01: a demonstration"] });
    const over = decided({ waivers: [{ ...waiver, until: "2026-11-30" }] });
    assert.equal(over.verdict, "fix");
    assert.match(over.reasons.join("; "), /the waiver ended on 2026-11-30/);
    assert.equal(decided({ waivers: [{ ...waiver, resource: "another" }] }).verdict, "fix");
  });
});
