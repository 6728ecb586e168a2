import assert from "node:assert/strict";
import { absurd, emptied } from "../../../../local/services/sagemaker-runtime/nonsense";

describe("a nonsensical answer", () => {
  const answer = {
    image: { w: 64, h: 64 },
    detections: [{ class: 1, confidence: 0.5, box: [1, 2, 3, 4] }],
    nested: { detections: [1] },
    scores: [0.1, 0.2],
  };

  it("keeps its form when it is emptied", () => {
    assert.deepEqual(emptied(answer, "detections"), { ...answer, detections: [], nested: { detections: [] } });
  });

  it("keeps its form when its numbers are absurd", () => {
    const changed = absurd(answer) as typeof answer;
    assert.deepEqual(changed.image, answer.image);
    assert.deepEqual([changed.detections[0]!.class, changed.detections[0]!.confidence, changed.scores], [1, 7, [7, 7]]);
    assert.ok(changed.detections[0]!.box.every((value) => value > 1e6));
  });
});
