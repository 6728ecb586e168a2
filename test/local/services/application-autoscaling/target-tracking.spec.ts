import assert from "node:assert/strict";
import fc from "fast-check";
import {
  foremost,
  track,
  type Observed,
  type ScalingDecision,
  type Tracking,
} from "../../../../local/services/application-autoscaling/target-tracking";

const MINUTE = 60_000;
const policy: Tracking = {
  target: 100,
  min: 1,
  max: 4,
  disableScaleIn: false,
  scaleOutCooldownMs: 5 * MINUTE,
  scaleInCooldownMs: 5 * MINUTE,
};
const observed = (current: number, values: number[], lastScaledMs?: number): Observed => {
  const nowMs = 1_000 * MINUTE;
  return {
    nowMs,
    current,
    lastScaledMs,
    points: values.map((value, index) => ({ atMs: nowMs - (values.length - index) * MINUTE, value })),
  };
};

describe("target tracking", () => {
  it("scales out in proportion after three minutes above the target", () => {
    assert.equal(track(policy, observed(1, [300, 300])).verdict, "stay");
    assert.deepEqual(track(policy, observed(1, [250, 260, 270])), {
      verdict: "out",
      desired: 3,
      reason: "the metric was above 100 for 3 minutes",
    });
    assert.equal(track(policy, observed(1, [250, 90, 270])).verdict, "stay");
  });

  it("never leaves its bounds", () => {
    assert.deepEqual(track(policy, observed(2, [900, 900, 900])), {
      verdict: "out",
      desired: 4,
      reason: "the metric was above 100 for 3 minutes",
    });
    assert.equal(track(policy, observed(4, [900, 900, 900])).verdict, "stay");
    assert.deepEqual(track({ ...policy, min: 2 }, observed(1, [])).verdict, "out");
  });

  it("scales in only after fifteen minutes below, and not while data is missing", () => {
    assert.equal(track(policy, observed(4, Array(14).fill(10))).verdict, "stay");
    const decision = track(policy, observed(4, Array(15).fill(40)));
    assert.deepEqual([decision.verdict, decision.verdict === "in" && decision.desired], ["in", 2]);
    assert.equal(track({ ...policy, disableScaleIn: true }, observed(4, Array(15).fill(40))).verdict, "stay");
  });

  it("waits for its cooldown", () => {
    assert.equal(track(policy, observed(1, [300, 300, 300], 997 * MINUTE)).verdict, "stay");
    assert.equal(track(policy, observed(1, [300, 300, 300], 994 * MINUTE)).verdict, "out");
  });
});

describe("several policies of one target", () => {
  const decision: fc.Arbitrary<ScalingDecision> = fc.oneof(
    fc.record({ verdict: fc.constant("stay" as const), reason: fc.constant("") }),
    fc.record({
      verdict: fc.constantFrom("out" as const, "in" as const),
      desired: fc.integer({ min: 1, max: 9 }),
      reason: fc.constant(""),
    }),
  );

  it("scale out as far as any wants, and in only when all are ready, to what the largest of them needs", () => {
    fc.assert(
      fc.property(fc.array(decision, { minLength: 1, maxLength: 4 }), (decisions) => {
        const chosen = decisions[foremost(decisions)]!;
        const desired = (verdict: string): number[] =>
          decisions.flatMap((one) => (one.verdict === verdict && one.verdict !== "stay" ? [one.desired] : []));
        const [out, into] = [desired("out"), desired("in")];
        if (out.length > 0)
          assert.deepEqual([chosen.verdict, "desired" in chosen && chosen.desired], ["out", Math.max(...out)]);
        else if (into.length < decisions.length) assert.equal(chosen.verdict, "stay");
        else assert.deepEqual([chosen.verdict, "desired" in chosen && chosen.desired], ["in", Math.max(...into)]);
      }),
    );
  });
});
