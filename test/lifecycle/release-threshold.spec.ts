import { strict as assert } from "node:assert";
import { thresholdOf } from "../../automation/release/promote";
import { releaseThreshold } from "../../lifecycle/release-threshold";

describe("the threshold of a release", () => {
  it("is the highest of the environments that it goes to", () => {
    assert.deepEqual(releaseThreshold({ staging: "0.2", prod: "0.45" }), { threshold: 0.45 });
    assert.equal(thresholdOf({ staging: { minMap50: "0.2" }, prod: { minMap50: 0.45 } }), 0.45);
  });

  for (const wrong of ["half", "1.5", "", undefined])
    it(`is none where a setting is ${wrong === undefined ? "not there" : JSON.stringify(wrong)}`, () => {
      assert.deepEqual(releaseThreshold({ staging: "0.2", prod: wrong }), {
        bad: [{ environment: "prod", text: wrong ?? "" }],
      });
      assert.throws(
        () => thresholdOf({ prod: { minMap50: wrong } }),
        /^UserError: peregrine:minMap50 of prod is .* not a number from 0 to 1\.$/,
      );
    });

  it("is told as wrong for all environments at once", () => {
    assert.throws(
      () => thresholdOf({ staging: {}, prod: { minMap50: "2" } }),
      /of staging is not set, [^]*of prod is 2, not a number/,
    );
  });
});
