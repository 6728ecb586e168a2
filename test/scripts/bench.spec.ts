import assert from "node:assert/strict";
import { faultKindNames } from "../../local/faults/kinds";
import { kindsWithoutScenario } from "../../scripts/bench/scenarios";
import { tooSlowMs, Watch } from "../../scripts/bench/watch";

const right = Buffer.from(JSON.stringify({ detections: [{ confidence: 0.8 }] }));
const empty = Buffer.from(JSON.stringify({ detections: [] }));
const absurd = Buffer.from(JSON.stringify({ detections: [{ confidence: 7 }] }));

describe("the bench of faults", () => {
  it("plants every kind of fault that the local cloud knows", () => {
    assert.deepEqual(kindsWithoutScenario(faultKindNames), []);
  });

  it("tells failed, slow, empty and absurd answers from right ones, and when right ones came again", () => {
    const watch = new Watch();
    watch.observe({ sentMs: 0, answeredMs: 10, body: right });
    watch.observe({ sentMs: 100, answeredMs: 130, error: "ModelError: no" });
    watch.observe({ sentMs: 200, answeredMs: 210, body: right });
    watch.observe({ sentMs: 300, answeredMs: 310, body: empty });
    watch.observe({ sentMs: 400, answeredMs: 410, body: absurd });
    // Answered last, sent in the middle: what was sent after the last wrong one decides.
    watch.observe({ sentMs: 600, answeredMs: 620, body: right });
    watch.observe({ sentMs: 500, answeredMs: 501 + tooSlowMs, body: right });
    assert.deepEqual(watch.sight, {
      sent: 7,
      wrong: 4,
      kinds: "1 failed, 1 empty, 1 absurd, 1 slow",
      firstWrongMs: 130,
      restoredMs: 620,
    });
    assert.equal(watch.wellSince(550), true);
    assert.equal(watch.wellSince(450), false);
    assert.equal(watch.wellSince(700), false, "silence is no right answer");
  });

  it("does not call traffic restored that ends with a wrong answer", () => {
    const watch = new Watch();
    watch.observe({ sentMs: 0, answeredMs: 10, body: right });
    watch.observe({ sentMs: 100, answeredMs: 110, body: empty });
    assert.deepEqual([watch.sight.firstWrongMs, watch.sight.restoredMs], [110, undefined]);
  });
});
