import assert from "node:assert/strict";
import type { ResourceValidationArgs } from "@pulumi/policy";
import { configOf, initialConfigOf, levelOf, settingsOf } from "../../policies/config";
import { humanTrustMfa } from "../../policies/rules/human-trust-mfa";
import { instanceAllowList } from "../../policies/rules/instance-allow-list";
import type { Rule } from "../../policies/rule";

/** Runs a rule as the engine does when it was given no configuration file. */
function judge(rule: Rule, stack: string, type: string, props: object, given: object = {}): string[] {
  const violations: string[] = [];
  let applies = true;
  const args = {
    type,
    urn: `urn:pulumi:${stack}::peregrine::${type}::x`,
    name: "x",
    props,
    getConfig: () => given,
    notApplicable: () => (applies = false),
  } as unknown as ResourceValidationArgs;
  for (const validate of [rule.validateResource!].flat())
    void validate(args, (message) => void violations.push(String(message)));
  return applies ? violations : ["does not apply"];
}
const serving = (stack: string, instanceType: string, given: object = {}) =>
  judge(
    instanceAllowList,
    stack,
    "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
    { productionVariants: [{ variantName: "champion", instanceType }] },
    given,
  );
const trusting = (stack: string, given: object = {}) =>
  judge(
    humanTrustMfa,
    stack,
    "aws:iam/role:Role",
    { assumeRolePolicy: { Statement: { Effect: "Allow", Principal: { AWS: "111111111111" } } } },
    given,
  );

describe("configuration of the policy pack", () => {
  it("comes from the file of the stack when the engine was given none", () => {
    assert.deepEqual(serving("prod", "ml.g6.xlarge"), []);
    assert.match(serving("prod", "ml.p5.48xlarge").join(), /ml\.p5\.48xlarge/);
  });

  it("gives way to what the engine was given", () => {
    assert.deepEqual(serving("prod", "ml.p5.48xlarge", { serving: ["ml.p5.48xlarge"], jobs: [] }), []);
  });

  it("refuses a stack that the pack knows nothing of, instead of letting it pass", () => {
    assert.match(
      serving("playground", "ml.g6.xlarge").join(),
      /says nothing for stack playground: add serving and jobs/,
    );
  });

  it("disables a rule by the stack's file alone, and not where the engine was given something else", () => {
    assert.deepEqual(trusting("staging"), ["does not apply"]);
    assert.match(trusting("playground").join(), /without a second factor/);
    assert.match(trusting("staging", { anything: true }).join(), /without a second factor/);
  });

  it("knows levels and settings apart", () => {
    assert.equal(levelOf("dev", "required-tags"), "remediate");
    assert.deepEqual(settingsOf("dev", "required-tags"), { values: { project: "peregrine", environment: "dev" } });
    assert.deepEqual(settingsOf("dev", "human-trust-mfa"), {});
    assert.equal(levelOf("playground", "required-tags"), "mandatory");
  });

  it("gives the engine a level for every rule, since it takes settings without one for advisory", () => {
    assert.deepEqual(initialConfigOf("dev", ["required-tags", "provider-guard", "human-trust-mfa", "kms-encryption"]), {
      "required-tags": { values: { project: "peregrine", environment: "dev" }, enforcementLevel: "remediate" },
      "provider-guard": { profile: "ab", enforcementLevel: "mandatory" },
      "human-trust-mfa": { enforcementLevel: "disabled" },
      "kms-encryption": { enforcementLevel: "mandatory" },
    });
    assert.deepEqual(initialConfigOf("playground", ["required-tags"]), {});
  });

  it("takes a stack's name for a name, not for a path", () => {
    for (const stack of ["../package", "..", "a/b", ""]) assert.equal(configOf(stack), undefined, stack);
  });
});
