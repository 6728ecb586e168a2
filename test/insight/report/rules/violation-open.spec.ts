import assert from "node:assert/strict";
import { violationOpen } from "../../../../insight/report/rules/violation-open";
import { platform } from "../../platform";
import { found, reportFacts } from "../facts";

describe("rule violation-open", () => {
  it("recommends to put right what the healer could not, at once, and prices nothing", () => {
    const [one] = found(violationOpen, { ...reportFacts(), platform: platform() }, "staging");
    assert.equal(one!.severity, "critical");
    assert.match(one!.why, /3 repairs were tried/);
    assert.ok("unknown" in one!.value);
  });

  it("is silent where all is as it was deployed", () => {
    assert.deepEqual(found(violationOpen, reportFacts(), "staging"), []);
  });
});
