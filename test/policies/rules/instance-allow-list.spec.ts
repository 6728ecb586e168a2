import assert from "node:assert/strict";
import { instanceAllowList } from "../../../policies/rules/instance-allow-list";
import { trainingPipeline } from "../../../infra/training/training-pipeline";
import { judge, unknownText } from "../../support/policy";
import { scopeOf } from "../../support/scope";

const configuration = "aws:sagemaker/endpointConfiguration:EndpointConfiguration";
const pipeline = "aws:sagemaker/pipeline:Pipeline";

describe("instance-allow-list", () => {
  it("refuses an endpoint on a big machine, and names what is allowed", () => {
    const { violations } = judge(instanceAllowList, configuration, {
      productionVariants: [{ instanceType: "ml.p5.48xlarge" }],
    });
    assert.match(violations.join(), /ml\.p5\.48xlarge is not allowed for endpoints here \(allowed: ml\.g4dn\.xlarge/);
  });

  it("looks at shadow variants too", () => {
    const { violations } = judge(instanceAllowList, configuration, {
      productionVariants: [{ instanceType: "ml.g4dn.xlarge" }],
      shadowProductionVariants: [{ instanceType: "ml.p3.2xlarge" }],
    });
    assert.equal(violations.length, 1);
  });

  it("allows by environment: what serves in prod does not serve in dev", () => {
    const props = { productionVariants: [{ instanceType: "ml.g6.xlarge" }] };
    assert.equal(judge(instanceAllowList, configuration, props, { environment: "prod" }).violations.length, 0);
    assert.equal(judge(instanceAllowList, configuration, props, { environment: "dev" }).violations.length, 1);
  });

  it("reads the instance types of a pipeline's definition, defaults of parameters included", () => {
    const definition = {
      Parameters: [{ Name: "TrainInstanceType", DefaultValue: "ml.p4d.24xlarge" }],
      Steps: [{ Arguments: { ResourceConfig: { InstanceType: "ml.trn1.32xlarge" } } }],
    };
    const { violations } = judge(instanceAllowList, pipeline, { pipelineDefinition: JSON.stringify(definition) });
    assert.deepEqual(
      violations.map((text) => text.split(" ")[0]),
      ["ml.p4d.24xlarge", "ml.trn1.32xlarge"],
    );
  });

  for (const environment of ["dev", "staging", "prod"])
    it(`is content with the pipeline of ${environment}`, () => {
      const definition = trainingPipeline(scopeOf(environment), {
        trainingRoleArn: "",
        processingRoleArn: "",
        announceFunctionArn: "",
        mlflowAppArn: "",
      });
      assert.deepEqual(
        judge(instanceAllowList, pipeline, { pipelineDefinition: JSON.stringify(definition) }, { environment })
          .violations,
        [],
      );
    });

  it("looks at training jobs", () => {
    assert.equal(
      judge(instanceAllowList, "aws:sagemaker/trainingJob:TrainingJob", {
        resourceConfig: { instanceType: "ml.p5.48xlarge" },
      }).violations.length,
      1,
    );
  });

  it("says nothing about other resources", () => {
    assert.ok(judge(instanceAllowList, "aws:sns/topic:Topic", {}).notApplicable);
  });

  it("is stopped, not silenced, by a definition that a preview does not know", () => {
    assert.match(
      judge(instanceAllowList, pipeline, { pipelineDefinition: unknownText }).stoppedBy!,
      /\.pipelineDefinition/,
    );
  });

  it("reports what it knows before something unknown stops it", () => {
    const outcome = judge(instanceAllowList, configuration, {
      productionVariants: [{ instanceType: "ml.p5.48xlarge" }, { instanceType: unknownText }],
    });
    assert.equal(outcome.violations.length, 1);
    assert.ok(outcome.stoppedBy);
  });
});
