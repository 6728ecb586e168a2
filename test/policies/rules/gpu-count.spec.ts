import assert from "node:assert/strict";
import instanceTypes from "../../../contract/hosts/instance-types.json";
import { acceleratorsOf } from "../../../contract/hosts/accelerators";
import { gpuCount as rule } from "../../../policies/rules/gpu-count";
import { describeRule, unknownText } from "../../support/policy";

const configuration = "aws:sagemaker/endpointConfiguration:EndpointConfiguration";
const pipeline = "aws:sagemaker/pipeline:Pipeline";
const fleet = (instanceType: string, initialInstanceCount?: unknown) => ({
  productionVariants: [{ instanceType, initialInstanceCount }],
});
const training = (ResourceConfig: object) => ({
  pipelineDefinition: JSON.stringify({
    Parameters: [{ Name: "Type", DefaultValue: "ml.g5.12xlarge" }],
    Steps: [{ Name: "Train", Type: "Training", Arguments: { ResourceConfig } }],
  }),
});
const prod = { environment: "prod" };

describeRule(
  rule,
  {
    refuses: {
      "two GPUs in dev": [configuration, fleet("ml.g4dn.xlarge", 2), /2 accelerators for one endpoint, at most 1/],
      "one machine with four GPUs in dev": [configuration, fleet("ml.g5.12xlarge", 1), /4 accelerators/],
      "many variants together": [
        configuration,
        {
          productionVariants: [{ instanceType: "ml.g6.12xlarge", initialInstanceCount: 2 }],
          shadowProductionVariants: [{ instanceType: "ml.g6.12xlarge" }],
        },
        /12 accelerators/,
        prod,
      ],
      "eight GPUs for a job": [
        "aws:sagemaker/trainingJob:TrainingJob",
        { resourceConfig: { instanceType: "ml.p4d.24xlarge", instanceCount: 1 } },
        /8 accelerators for one job, at most 4/,
        prod,
      ],
      "a step by its parameter's default": [
        pipeline,
        training({ InstanceType: { Get: "Parameters.Type" }, InstanceCount: 2 }),
        /Step Train: 8 accelerators/,
        prod,
      ],
      "a machine whose accelerators nobody counted": [
        configuration,
        fleet("ml.g9.xlarge", 1),
        /not known how many accelerators ml\.g9\.xlarge/,
      ],
    },
    accepts: {
      "one GPU in dev": [configuration, fleet("ml.g4dn.xlarge")],
      "machines without GPUs": [configuration, fleet("ml.c6i.32xlarge", 50)],
      "a serverless variant": [configuration, { productionVariants: [{ serverlessConfig: {} }] }],
      "a job of four GPUs in prod": [pipeline, training({ InstanceType: "ml.g6.12xlarge" }), , prod],
      "a definition in S3": [pipeline, { pipelineDefinitionS3Location: {} }],
    },
    ignores: ["aws:sns/topic:Topic"],
    stoppedBy: {
      "a count that a preview does not know": [
        configuration,
        fleet("ml.g4dn.xlarge", unknownText),
        /initialInstanceCount/,
      ],
    },
  },
  () => {
    it("knows every accelerated type that SageMaker offers, but for those of this year", () => {
      const unknown = [...new Set(Object.values(instanceTypes).flat())].filter(
        (type) => acceleratorsOf(type) === undefined,
      );
      // G7 and G7e came in 2026: until somebody looks them up they are refused.
      assert.deepEqual(
        unknown.filter((type) => !/^ml\.g7e?\./.test(type)),
        [],
      );
    });
  },
);
