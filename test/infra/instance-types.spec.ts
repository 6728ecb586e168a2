import assert from "node:assert/strict";
import { AppInstanceType, ProcessingInstanceType, ProductionVariantInstanceType, TrainingInstanceType } from "@aws-sdk/client-sagemaker";
import instanceTypes from "../../infra/instance-types.json";

describe("instance types", () => {
  it("are those that the SageMaker SDK knows (importing the SDK would cost the program a second)", () => {
    assert.deepEqual(instanceTypes.hosting, Object.values(ProductionVariantInstanceType).sort());
    assert.deepEqual(instanceTypes.training, Object.values(TrainingInstanceType).sort());
    assert.deepEqual(instanceTypes.processing, Object.values(ProcessingInstanceType).sort());
    // "system" is what default apps of Studio Classic run on; nobody chooses it.
    assert.deepEqual(instanceTypes.apps, Object.values(AppInstanceType).filter((type) => type !== "system").sort());
  });
});
