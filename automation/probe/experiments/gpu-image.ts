import { Logs } from "../../../aws/logs";
import { SageMaker } from "../../../aws/sagemaker";
import { Hosting } from "../../../aws/sagemaker-hosting";
import { CouldNotAsk, type Experiment, held, refuted } from "../experiment";

/** The serving image on the smallest GPU host, with the driver that the program asks for. */
export const gpuImage: Experiment = {
  name: "gpu-image",
  question: "Does the serving image find the GPU of ml.g4dn.xlarge with the inference AMI that the program names, and how soon?",
  believed: "With the AMI of driver 580 a container of CUDA 13 starts, and ONNX Runtime computes with CUDAExecutionProvider.",
  minutes: 45,
  costs: [{ key: "sagemaker.hosting.ml.g4dn.xlarge", units: 45 / 60 }],
  async ask(bench) {
    const hosting = new Hosting(bench.session);
    const { model } = bench;
    const roleArn = await bench.serviceRole("sagemaker", bench.containerRights());
    const name = bench.name("gpu");
    bench.step(`creates an endpoint on ml.g4dn.xlarge with ${bench.documents.inferenceAmiVersion}`);
    await bench.settled(2, /assume/i, () => hosting.prepare(name, "probe", { ...model, roleArn }, { InstanceType: "ml.g4dn.xlarge", ...(bench.documents.inferenceAmiVersion ? { InferenceAmiVersion: bench.documents.inferenceAmiVersion as "al2023-ami-sagemaker-inference-gpu-4-1" } : {}) }, bench.tags));
    await hosting.create(name, name, bench.tags);
    const began = performance.now();
    const endpoint = await bench.until(30, async () => ((one) => (one?.EndpointStatus === "Creating" ? undefined : one))(await new SageMaker(bench.session).describeEndpoint(name)));
    const took = `${((performance.now() - began) / 60_000).toFixed(1)} minutes`;
    if (endpoint?.EndpointStatus !== "InService") return refuted(`the endpoint is ${endpoint?.EndpointStatus ?? "Creating after 30 minutes"}: ${endpoint?.FailureReason ?? ""}`);
    bench.step(`it is in service after ${took}; reads its log`);
    const provider = await bench.until(5, async () => /(\w+ExecutionProvider)/.exec((await new Logs(bench.session).lines(`/aws/sagemaker/Endpoints/${name}`, "probe")).join("\n"))?.[1]);
    if (provider === undefined) throw new CouldNotAsk(`the endpoint was in service after ${took}, but its log names no execution provider`);
    return provider === "CUDAExecutionProvider" ? held(`in service after ${took}, ${provider}`) : refuted(`in service after ${took}, but it computes with ${provider}`);
  },
};
