import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ProductionVariantInferenceAmiVersion } from "@aws-sdk/client-sagemaker";
import instanceTypes from "../../../contract/hosts/instance-types.json";
import { architectureOf, hasGpu, hostFor, image } from "../../../contract/hosts/inference";
import { acceleratorsOf } from "../../../contract/hosts/accelerators";

describe("inference hosts", () => {
  it("need a machine image with driver 580 on GPU families whose own driver is older", () => {
    for (const family of ["g4dn", "g5", "g6", "g6e", "p4d", "p4de", "p5", "p5e", "p5en"])
      assert.deepEqual(
        hostFor(`ml.${family}.xlarge`),
        { verdict: "ami", version: "al2023-ami-sagemaker-inference-gpu-4-1" },
        family,
      );
  });

  it("need none where the family's own driver carries CUDA 13, and where there is no GPU", () => {
    for (const type of [
      "ml.g7.2xlarge",
      "ml.g7e.2xlarge",
      "ml.p6-b200.48xlarge",
      "ml.c6i.large",
      "ml.m5.xlarge",
      "ml.t2.medium",
    ])
      assert.deepEqual(hostFor(type), { verdict: "default" }, type);
  });

  it("cannot run the image where no machine image carries its CUDA, or the processors are of another architecture", () => {
    assert.deepEqual(hostFor("ml.p3.2xlarge"), {
      verdict: "unfit",
      reason: "has hosts with NVIDIA driver 470 (CUDA 11.4) and no machine image for the container image's CUDA 13.3",
    });
    assert.deepEqual(hostFor("ml.c7g.large"), {
      verdict: "unfit",
      reason: "has arm64 processors, the container image is built for amd64",
    });
    assert.equal(architectureOf("ml.p6e-gb200.36xlarge"), "arm64");
    assert.equal(hostFor("ml.g7e.2xlarge", "12.8").verdict, "unfit");
  });

  it("take an older image with a driver of its own CUDA", () => {
    assert.deepEqual(hostFor("ml.g6.xlarge", "12.8"), { verdict: "default" });
  });

  it("are known for every GPU type that SageMaker serves on", () => {
    const gpus = instanceTypes.hosting.filter((type) => /^ml\.(g|p)\d/.test(type));
    assert.deepEqual(
      gpus.filter((type) => !hasGpu(type)),
      [],
    );
    const accelerated = instanceTypes.hosting.filter((type) => hasGpu(type) && acceleratorsOf(type) === 0);
    assert.deepEqual(accelerated, []);
  });

  it("are arm64 for all of Graviton and for nothing else", () => {
    const arm = [
      ...new Set(
        instanceTypes.hosting.filter((type) => architectureOf(type) === "arm64").map((type) => type.split(".")[1]),
      ),
    ];
    assert.deepEqual(arm, [
      "c6g",
      "c6gd",
      "c6gn",
      "c7g",
      "c8g",
      "m6g",
      "m6gd",
      "m8g",
      "p6e-gb200",
      "r6g",
      "r6gd",
      "r7gd",
      "r8g",
    ]);
  });

  it("are asked for by names that SageMaker knows, for the CUDA version of the image's base", () => {
    const decision = hostFor("ml.g5.xlarge");
    assert.ok(
      decision.verdict === "ami" &&
        (Object.values(ProductionVariantInferenceAmiVersion) as string[]).includes(decision.version),
    );
    const base = /^FROM .*-cu(\d\d)(\d)-/m.exec(readFileSync(join(__dirname, "../../../ml/Dockerfile"), "utf8"));
    assert.equal(`${base?.[1]}.${base?.[2]}`, image.cuda);
  });
});
