import assert from "node:assert/strict";
import type { RolloutResult } from "../../../automation/release/rollout/rollout";
import { trialOutputs } from "../../../automation/release/trial";

const rolledOut = {
  environment: "staging",
  releaseId: "r-90d3ffd7712f",
  endpointName: "peregrine-staging-detector",
  endpointConfigName: "c",
  unchanged: false,
  golden: { problems: [], images: 5, detections: 37, slowestMs: 81.6, f1: 0.612 },
} as unknown as RolloutResult;

describe("what a trial tells its pipeline", () => {
  it("is how the candidate did on the running endpoint", () => {
    assert.deepEqual(trialOutputs(rolledOut), {
      outcome: "live",
      releaseId: "r-90d3ffd7712f",
      summary:
        "release r-90d3ffd7712f on peregrine-staging-detector, 5 golden images, 37 detections, F1 0.61 against the labels, slowest answer 82 ms",
    });
  });

  it("leaves out what is not known without labels", () => {
    assert.ok(!trialOutputs({ ...rolledOut, golden: { ...rolledOut.golden, f1: undefined } }).summary.includes("F1"));
  });
});
