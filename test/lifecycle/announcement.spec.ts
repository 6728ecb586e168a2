import assert from "node:assert/strict";
import fc from "fast-check";
import { announce } from "../../lifecycle/announcement";

const news: Parameters<typeof announce>[0] = {
  environment: "dev",
  modelPackageArn: "arn:aws:sagemaker:r:1:model-package/group/2",
  map50: 0.4,
  map50Gain: 0.1,
  reportUri: "s3://b/e.json",
};

describe("announcement of a candidate", () => {
  it("calls a model the first when its gain is all it has", () => {
    assert.equal(announce({ ...news, map50Gain: 0.4 }).verdict, "first-model");
  });

  it("calls small differences equal", () => {
    assert.deepEqual(
      [0.1, 0.005, -0.005, -0.006].map((map50Gain) => announce({ ...news, map50Gain }).verdict),
      ["better", "equal", "equal", "worse"],
    );
  });

  it("says how the model does in staging, where it is tried there", () => {
    const { reasons, body } = announce({ ...news, staging: "release r-1, 5 golden images, 37 detections" });
    assert.equal(reasons.at(-1), "it runs in staging: release r-1, 5 golden images, 37 detections");
    assert.match(body, /37 detections/);
    assert.ok(!/staging/.test(announce(news).body));
  });

  it("gives reasons with every verdict, and a subject that SNS takes", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: -1, max: 1, noNaN: true }),
        fc.stringMatching(/^[a-z-]{1,63}$/),
        (map50, map50Gain, group) => {
          const { reasons, subject } = announce({
            ...news,
            map50,
            map50Gain,
            modelPackageArn: `arn:aws:sagemaker:r:1:model-package/${group}/2`,
          });
          return reasons.length === 2 && /^[ -~]{1,100}$/.test(subject);
        },
      ),
    );
  });
});
