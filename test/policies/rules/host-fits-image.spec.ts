import { hostFitsImage as rule } from "../../../policies/rules/host-fits-image";
import { describeRule, unknownText } from "../../support/policy";

const configuration = "aws:sagemaker/endpointConfiguration:EndpointConfiguration";
const on = (instanceType: unknown, inferenceAmiVersion?: unknown) => ({ productionVariants: [{ instanceType, ...(inferenceAmiVersion === undefined ? {} : { inferenceAmiVersion }) }] });
const driver580 = "al2023-ami-sagemaker-inference-gpu-4-1";

describeRule(rule, {
  refuses: {
    "a GPU type without a machine image": [configuration, on("ml.g5.xlarge"), /ml\.g5\.xlarge needs inferenceAmiVersion al2023-ami-sagemaker-inference-gpu-4-1 for CUDA 13\.3, not that of its family/],
    "a machine image with an older driver": [configuration, on("ml.g6.xlarge", "al2-ami-sagemaker-inference-gpu-3-1"), /not al2-ami-sagemaker-inference-gpu-3-1/],
    "a family that no driver of our CUDA is made for": [configuration, on("ml.p3.2xlarge"), /ml\.p3\.2xlarge has hosts with NVIDIA driver 470/],
    "Graviton": [configuration, on("ml.c7g.large"), /has arm64 processors/],
    "a shadow variant on a wrong host": [configuration, { productionVariants: [], shadowProductionVariants: [{ instanceType: "ml.g5.xlarge" }] }, /needs inferenceAmiVersion/],
    "a machine image for GPUs on a type without": [configuration, on("ml.c6i.large", driver580), /has no GPU/],
  },
  accepts: {
    "a GPU type with the machine image": [configuration, on("ml.g4dn.xlarge", driver580)],
    "a family whose own driver fits": [configuration, on("ml.g7e.2xlarge")],
    "a type without GPU": [configuration, on("ml.c6i.large")],
    "a serverless variant": [configuration, { productionVariants: [{ serverlessConfig: {} }] }],
  },
  ignores: ["aws:sagemaker/endpoint:Endpoint"],
  stoppedBy: { "a type that a preview does not know": [configuration, on(unknownText), /instanceType/] },
});
