import { hostFitsImage as rule } from "../../../policies/rules/host-fits-image";
import { describeRule, unknownText } from "../../support/policy";

const configuration = "aws:sagemaker/endpointConfiguration:EndpointConfiguration";
const on = (instanceType: unknown, inferenceAmiVersion?: unknown) => ({
  productionVariants: [{ instanceType, ...(inferenceAmiVersion === undefined ? {} : { inferenceAmiVersion }) }],
});
const pipeline = "aws:sagemaker/pipeline:Pipeline";
const training = (ResourceConfig: object) => ({
  pipelineDefinition: JSON.stringify({
    Parameters: [{ Name: "Type", DefaultValue: "ml.g5.xlarge" }],
    Steps: [{ Name: "Train", Type: "Training", Arguments: { ResourceConfig } }],
  }),
});
const driver580 = "al2023-ami-sagemaker-inference-gpu-4-1";

describeRule(rule, {
  refuses: {
    "a GPU type without a machine image": [
      configuration,
      on("ml.g5.xlarge"),
      /ml\.g5\.xlarge needs inferenceAmiVersion al2023-ami-sagemaker-inference-gpu-4-1 for CUDA 13\.3, not that of its family/,
    ],
    "a machine image with an older driver": [
      configuration,
      on("ml.g6.xlarge", "al2-ami-sagemaker-inference-gpu-3-1"),
      /not al2-ami-sagemaker-inference-gpu-3-1/,
    ],
    "a family that no driver of our CUDA is made for": [
      configuration,
      on("ml.p3.2xlarge"),
      /ml\.p3\.2xlarge has hosts with NVIDIA driver 470/,
    ],
    Graviton: [configuration, on("ml.c7g.large"), /has arm64 processors/],
    "a shadow variant on a wrong host": [
      configuration,
      { productionVariants: [], shadowProductionVariants: [{ instanceType: "ml.g5.xlarge" }] },
      /needs inferenceAmiVersion/,
    ],
    "a training step on Grace": [
      pipeline,
      training({ InstanceType: "ml.p6e-gb200.36xlarge" }),
      /Train runs on ml\.p6e-gb200\.36xlarge, which has arm64 processors/,
    ],
    "a step with a key for the disks of its hosts": [
      pipeline,
      training({ InstanceType: { Get: "Parameters.Type" }, VolumeKmsKeyId: "key" }),
      /Train runs on ml\.g5\.xlarge, which has disks of its own, which take no key/,
    ],
    "a step that asks for more than the disk of its hosts": [
      pipeline,
      training({ InstanceType: "ml.r5d.large", VolumeSizeInGB: 100 }),
      /has a disk of 75 GB, jobs ask for 100 GB/,
    ],
    "such a job by itself": [
      "aws:sagemaker/trainingJob:TrainingJob",
      { resourceConfig: { instanceType: "ml.g4dn.xlarge", volumeSizeInGb: 200 } },
      /ml\.g4dn\.xlarge has a disk of 125 GB/,
    ],
    "a machine image for GPUs on a type without": [configuration, on("ml.c6i.large", driver580), /has no GPU/],
  },
  accepts: {
    "a GPU type with the machine image": [configuration, on("ml.g4dn.xlarge", driver580)],
    "a family whose own driver fits": [configuration, on("ml.g7e.2xlarge")],
    "steps on hosts that fit": [pipeline, training({ InstanceType: "ml.g5.xlarge", VolumeSizeInGB: 100 })],
    "a key for the volumes of hosts without disks": [
      pipeline,
      training({ InstanceType: "ml.m5.xlarge", VolumeSizeInGB: 500, VolumeKmsKeyId: "key" }),
    ],
    "a pipeline whose definition lies in S3": [pipeline, { pipelineDefinitionS3Location: {} }],
    "a type without GPU": [configuration, on("ml.c6i.large")],
    "a serverless variant": [configuration, { productionVariants: [{ serverlessConfig: {} }] }],
  },
  ignores: ["aws:sagemaker/endpoint:Endpoint"],
  stoppedBy: { "a type that a preview does not know": [configuration, on(unknownText), /instanceType/] },
});
