import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import type { z } from "zod";
import { readStack } from "../../../automation/stack/stack-config";
import { declared } from "../../../infra/settings/areas";
import { InvalidSettings } from "../../../infra/settings/load";
import { about } from "../../../infra/settings/setting";
import { environments } from "../../../contract/environments";
import { validate } from "../../../infra/settings/settings";
import { stackConfig } from "../../support/program";

describe("settings", () => {
  for (const stack of environments)
    it(`accepts the stack file of ${stack}`, () => {
      assert.deepEqual(validate(stack, stackConfig(stack)).problems, []);
    });

  it("gives the environments different sizes and instance types", () => {
    const [dev, staging, prod] = environments.map((stack) => validate(stack, stackConfig(stack)).settings!);
    assert.deepEqual(
      [dev, staging, prod].map((settings) => settings!.serving.instanceType),
      ["ml.g4dn.xlarge", "ml.g5.xlarge", "ml.g6.xlarge"],
    );
    assert.deepEqual(
      [dev, staging, prod].map((settings) => settings!.serving.minInstances),
      [1, 1, 2],
    );
    assert.deepEqual(
      [dev, prod].map((settings) => settings!.serving.rollout.kind),
      ["all-at-once", "canary"],
    );
    assert.deepEqual(
      [dev, staging, prod].map((settings) => settings!.profile),
      ["ab", "ab", "ab"],
    );
  });

  it("names every problem at once, with its path", () => {
    const { settings, problems } = validate("prod", {
      ...stackConfig("prod"),
      "aws:region": "Frankfurt",
      "peregrine:servingInstanceType": "ml.g6.xlrage",
      "peregrine:imageSize": "650",
      "peregrine:minMap50": "half",
      "peregrine:servingMinInstances": "3",
      "peregrine:servingMaxInstances": "2",
      "peregrine:allowedAccountIds": '["123", "123456789012"]',
      "peregrine:datasetPrefix": "flights",
      "peregrine:epoch": "3",
    });
    assert.equal(settings, undefined);
    assert.deepEqual(problems.map(({ propertyPath }) => propertyPath).sort(), [
      "aws:region",
      "peregrine:allowedAccountIds[0]",
      "peregrine:datasetPrefix",
      "peregrine:epoch",
      "peregrine:imageSize",
      "peregrine:minMap50",
      "peregrine:servingInstanceType",
      "peregrine:servingMaxInstances",
    ]);
    assert.match(
      problems.find(({ propertyPath }) => propertyPath === "peregrine:servingInstanceType")!.reason,
      /"ml\.g6\.xlrage".*SageMaker hosting instance type/,
    );
  });

  it("refuses golden images within the dataset, which training takes whole", () => {
    const problems = (golden: string) =>
      validate("prod", { ...stackConfig("prod"), "peregrine:goldenPrefix": golden }).problems.map(
        ({ propertyPath, reason }) => `${propertyPath} ${reason}`,
      );
    assert.equal(validate("prod", stackConfig("prod")).settings!.dataset.goldenPrefix, undefined);
    assert.deepEqual(problems("golden/"), []);
    for (const inside of ["flights/", "flights/golden/"])
      assert.match(problems(inside).join(), /peregrine:goldenPrefix is .*training takes all of flights\//);
    assert.match(problems("golden").join(), /ends with a slash/);
  });

  it("reads where releases go by themselves, in order, and refuses wrong places all at once", () => {
    const deliveryOf = (changes: Record<string, string>, stack = "dev") =>
      validate(stack, { ...stackConfig(stack), ...changes });
    assert.deepEqual(validate("dev", stackConfig("dev")).settings!.delivery, {
      targets: ["staging", "prod"],
      backendUrl: undefined,
    });
    assert.deepEqual(deliveryOf({ "peregrine:releaseTargets": " prod , staging " }).settings!.delivery.targets, [
      "prod",
      "staging",
    ]);
    assert.deepEqual(validate("prod", stackConfig("prod")).settings!.delivery.targets, []);
    for (const wrong of ["dev", "staging,dev", "staging,staging", "production"])
      assert.deepEqual(
        deliveryOf({ "peregrine:releaseTargets": wrong }).problems.map(({ propertyPath }) => propertyPath),
        ["peregrine:releaseTargets"],
        wrong,
      );
    const { problems } = deliveryOf({
      "peregrine:releaseTargets": "production",
      "peregrine:releaseBackendUrl": "my bucket",
    });
    assert.deepEqual(
      problems.map(({ propertyPath }) => propertyPath),
      ["peregrine:releaseTargets", "peregrine:releaseBackendUrl"],
    );
  });

  it("reports a missing setting as missing", () => {
    const { "peregrine:trainingInstanceType": _, ...rest } = stackConfig("dev");
    assert.match(validate("dev", rest).problems[0]!.reason, /^is missing/);
  });

  it("refuses a stack that is not an environment", () => {
    assert.equal(validate("playground", stackConfig("dev")).problems[0]!.propertyPath, "stack");
  });

  it("refuses a canary of a single instance, which has no half", () => {
    const { problems } = validate("prod", { ...stackConfig("prod"), "peregrine:servingMinInstances": "1" });
    assert.match(problems[0]!.reason, /at least 2, not 1/);
  });

  it("refuses hosts that no job of ours fits on, for the disk they bring along or their processors", () => {
    const reasons = (config: Record<string, string>): string =>
      validate("prod", { ...stackConfig("prod"), ...config })
        .problems.map(({ propertyPath, reason }) => `${propertyPath} ${reason}`)
        .join("\n");
    assert.match(
      reasons({ "peregrine:trainingInstanceType": "ml.r5d.large" }),
      /trainingInstanceType is ml\.r5d\.large, which has a disk of 75 GB, jobs ask for 100 GB/,
    );
    assert.equal(reasons({ "peregrine:processingInstanceType": "ml.r5d.large" }), "");
    assert.match(reasons({ "peregrine:trainingInstanceType": "ml.p6e-gb200.36xlarge" }), /has arm64 processors/);
  });

  it("throws an error that the engine prints without a stack, with all lines", () => {
    const error = new InvalidSettings("dev", [
      { propertyPath: "a", reason: "is wrong" },
      { propertyPath: "b", reason: "is missing" },
    ]);
    assert.ok(pulumi.RunError.isInstance(error));
    assert.match(error.message, /2 problems in the settings of stack dev:\n {2}- a: is wrong\n {2}- b: is missing\n/);
  });

  it("reads exactly the settings that Pulumi.yaml declares, each with a description and with the default that is declared", () => {
    const project = parse(readFileSync(join(__dirname, "../../../Pulumi.yaml"), "utf8")) as {
      config: Record<string, { description?: string; default?: unknown }>;
    };
    assert.deepEqual(Object.keys(project.config), Object.keys(declared));
    for (const [key, { description, default: fallback }] of Object.entries(project.config)) {
      assert.ok(description, `${key} has no description`);
      assert.deepEqual(fallback, about.get(declared[key as keyof typeof declared])?.default, key);
    }
    const everything = Object.fromEntries(Object.keys(project.config).map((key) => [`peregrine:${key}`, "?"]));
    assert.deepEqual(
      validate("dev", everything).problems.filter(({ reason }) => reason.includes("is not a setting")),
      [],
      "declared, but not read",
    );
  });

  it("accepts each declared default and example", () => {
    for (const [key, setting] of Object.entries<z.ZodType>(declared)) {
      const { default: fallback, example } = about.get(setting)!;
      const texts = [fallback, Array.isArray(fallback) && example !== undefined ? [example] : example];
      for (const value of texts.filter((text) => text !== undefined))
        assert.deepEqual(setting.safeParse(value).error?.issues, undefined, `${key}: ${JSON.stringify(value)}`);
    }
  });

  it("says of a wrong setting what is wrong with it, and not what it clashes with", () => {
    assert.deepEqual(
      validate("prod", { ...stackConfig("prod"), "peregrine:servingMaxInstances": "0" }).problems.map(
        ({ propertyPath }) => propertyPath,
      ),
      ["peregrine:servingMaxInstances"],
    );
  });

  it("reads what the stack files hold as it reads the engine's text", () => {
    for (const stack of environments) {
      const { config } = readStack(stack, join(__dirname, "../../.."));
      assert.deepEqual(validate(stack, config), validate(stack, stackConfig(stack)), stack);
    }
  });

  it("keeps secrets and salts out of the stack files", () => {
    for (const stack of environments)
      assert.doesNotMatch(
        readFileSync(join(__dirname, `../../../Pulumi.${stack}.yaml`), "utf8"),
        /encryptionsalt|secure:/,
      );
  });
});
