import assert from "node:assert/strict";
import { experimentDecided } from "../../../../insight/report/rules/experiment-decided";
import { platform } from "../../platform";
import { found, reportFacts } from "../facts";

const staging = (running: object) => ({
  ...reportFacts(),
  platform: platform({
    change: (one) => (one.name === "staging" ? { ...one, running: { value: running, evidence: { what: "r" } } } : one),
  }),
});

describe("rule experiment-decided", () => {
  it("recommends to end an experiment that has its verdict", () => {
    const [one] = found(experimentDecided, staging({ ending: { outcome: "lost" } }), "staging");
    assert.equal(one!.why, "Its verdict is lost, and its challenger is still there.");
  });

  it("is silent while it runs", () => {
    assert.deepEqual(found(experimentDecided, staging({}), "staging"), []);
  });
});
