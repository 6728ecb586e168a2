import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  AppInstanceType,
  ProcessingInstanceType,
  ProductionVariantInstanceType,
  TrainingInstanceType,
} from "@aws-sdk/client-sagemaker";
import instanceTypes from "../../../contract/hosts/instance-types.json";
import { projectDir } from "../../../automation/project-dir";

describe("instance types", () => {
  it("are those that the SageMaker SDK knows (importing the SDK would cost the program a second)", () => {
    assert.deepEqual(instanceTypes.hosting, Object.values(ProductionVariantInstanceType).sort());
    assert.deepEqual(instanceTypes.training, Object.values(TrainingInstanceType).sort());
    assert.deepEqual(instanceTypes.processing, Object.values(ProcessingInstanceType).sort());
    // "system" is what default apps of Studio Classic run on; nobody chooses it.
    assert.deepEqual(
      instanceTypes.apps,
      Object.values(AppInstanceType)
        .filter((type) => type !== "system")
        .sort(),
    );
  });

  it("have no second choice in endpoints as long as the provider cannot say it (docs/releases.md tells people so)", () => {
    const inputs = readFileSync(join(projectDir, "node_modules", "@pulumi", "aws", "types", "input.d.ts"), "utf8");
    const variant =
      /interface EndpointConfigurationProductionVariant \{[^]*?\n {4}\}/.exec(inputs)?.[0] ??
      assert.fail("no such type");
    assert.match(variant, /inferenceAmiVersion\?:/);
    assert.doesNotMatch(
      variant,
      /instancePools/,
      "it can say it now: build fallback types, and correct docs/releases.md",
    );
  });
});
