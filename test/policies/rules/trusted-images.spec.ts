import { trustedImages as rule } from "../../../policies/rules/trusted-images";
import { describeRule, unknownText } from "../../support/policy";

const model = "aws:sagemaker/model:Model";
const pipeline = "aws:sagemaker/pipeline:Pipeline";
const ours = "111111111111.dkr.ecr.eu-central-1.amazonaws.com/peregrine-ml";
const container = (image: unknown) => ({ primaryContainer: { image } });
const step = (args: object) => ({
  pipelineDefinition: JSON.stringify({ Steps: [{ Name: "Work", Type: "Processing", Arguments: args }] }),
});

describeRule(rule, {
  refuses: {
    "an image of Docker Hub": [model, container("ultralytics/ultralytics:8.3"), /is not from a registry of ours/],
    "a registry that only looks like ours": [model, container(`evil.example.org/${ours}:1`), /is not from a registry/],
    "an image without a tag": [model, container(ours), /has no fixed tag/],
    "the latest image": [model, container(`${ours}:latest`), /has no fixed tag/],
    "a container among others": [model, { containers: [{ image: `${ours}:1` }, { image: "busybox:1" }] }, /busybox/],
    "the image of a step": [
      pipeline,
      step({ AppSpecification: { ImageUri: "busybox:1" } }),
      /Step Work: The image busybox:1/,
    ],
    "the image of a training step": [
      pipeline,
      step({ AlgorithmSpecification: { TrainingImage: "busybox:1" } }),
      /Step Work/,
    ],
    "another account than ours, where ours is named": [
      model,
      container(`${ours}:1`),
      /is not from/,
      { config: { registries: ["222222222222\\.dkr\\.ecr\\."] } },
    ],
  },
  accepts: {
    "a tag": [model, container(`${ours}:0.1.0`)],
    "a digest": [model, container(`${ours}@sha256:ab`)],
    "the image of a step": [pipeline, step({ AppSpecification: { ImageUri: `${ours}:0.1.0` } })],
    "a step without an image": [pipeline, step({})],
  },
  ignores: ["aws:sagemaker/endpoint:Endpoint"],
  stoppedBy: { "an image that a preview does not know": [model, container(unknownText), /image/] },
});
