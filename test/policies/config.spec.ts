import { strict as assert } from "node:assert";
import type { ResourceValidationArgs } from "@pulumi/policy";
import { instanceAllowList } from "../../policies/rules/instance-allow-list";

/** Runs the rule as the engine does when it was given no configuration file. */
function judge(stack: string, instanceType: string, given: object = {}): string[] {
  const violations: string[] = [];
  const type = "aws:sagemaker/endpointConfiguration:EndpointConfiguration";
  const args = {
    type,
    urn: `urn:pulumi:${stack}::peregrine::${type}::x`,
    props: { productionVariants: [{ variantName: "champion", instanceType }] },
    getConfig: () => given,
    notApplicable: () => assert.fail("the rule must apply"),
  } as unknown as ResourceValidationArgs;
  for (const validate of [instanceAllowList.validateResource!].flat()) void validate(args, (message) => void violations.push(message));
  return violations;
}

describe("configuration of the policy pack", () => {
  it("comes from the file of the stack when the engine was given none", () => {
    assert.deepEqual(judge("prod", "ml.g6.xlarge"), []);
    assert.match(judge("prod", "ml.p5.48xlarge").join(), /ml\.p5\.48xlarge/);
  });

  it("gives way to what the engine was given", () => {
    assert.deepEqual(judge("prod", "ml.p5.48xlarge", { serving: ["ml.p5.48xlarge"], jobs: [] }), []);
  });

  it("refuses a stack that the pack knows nothing of, instead of letting it pass", () => {
    assert.match(judge("playground", "ml.g6.xlarge").join(), /says nothing for stack playground: add serving and jobs/);
  });
});
