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
import { sagemakerModel } from "../../support/service-model";
import { projectDir } from "../../../automation/project-dir";

describe("instance types", () => {
  // Importing the SDK would cost the program a second.
  it("are all that the SageMaker SDK knows, and none that AWS's newer service model does not", () => {
    const known = (shape: string) => sagemakerModel().shapes[shape]?.enum ?? assert.fail(`no shape ${shape}`);
    const lists = {
      hosting: [ProductionVariantInstanceType, "ProductionVariantInstanceType"],
      training: [TrainingInstanceType, "TrainingInstanceType"],
      processing: [ProcessingInstanceType, "ProcessingInstanceType"],
      apps: [AppInstanceType, "AppInstanceType"],
    } as const;
    for (const [use, [sdk, shape]] of Object.entries(lists)) {
      const listed: readonly string[] = instanceTypes[use as keyof typeof lists];
      assert.deepEqual(
        listed.filter((type) => !known(shape).includes(type)),
        [],
        use,
      );
      // "system" is what default apps of Studio Classic run on; nobody chooses it.
      assert.deepEqual(
        Object.values(sdk).filter((type) => type !== "system" && !listed.includes(type)),
        [],
        use,
      );
      assert.deepEqual([...listed].sort(), listed, use);
    }
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
