import assert from "node:assert/strict";
import { releaseWentWrong } from "../../../../insight/report/rules/release-went-wrong";
import { platform } from "../../platform";
import { found, reportFacts } from "../facts";

describe("rule release-went-wrong", () => {
  it("recommends to look into a release that was rolled back, as long as no other went live", () => {
    const [one] = found(releaseWentWrong, { ...reportFacts(), platform: platform() }, "staging");
    assert.equal(one!.action, "Find out why v5 was rolled-back in staging.");
    assert.match(one!.why, /golden images were answered worse/);
  });

  it("is silent where the last release is live", () => {
    assert.deepEqual(found(releaseWentWrong, reportFacts(), "staging"), []);
  });
});
