import { Logs } from "../../../aws/logs";
import { CouldNotAsk, held, refuted } from "../answer";
import type { Experiment } from "../experiment";
import { makeEndpoint } from "./endpoint";

/** The serving image on the smallest GPU host, with the driver that the program asks for. */
export const gpuImage: Experiment = {
  name: "gpu-image",
  question:
    "Does the serving image find the GPU of ml.g4dn.xlarge with the inference AMI that the program names, and how soon?",
  believed:
    "With the AMI of driver 580 a container of CUDA 13 starts, and ONNX Runtime computes with CUDAExecutionProvider.",
  minutes: 45,
  costs: [{ key: "sagemaker.hosting.ml.g4dn.xlarge", units: 45 / 60 }],
  async ask(bench) {
    const { inferenceAmiVersion } = bench.documents;
    const ami = inferenceAmiVersion
      ? { InferenceAmiVersion: inferenceAmiVersion as "al2023-ami-sagemaker-inference-gpu-4-1" }
      : {};
    const { endpoint, status, reason, minutes } = await makeEndpoint(
      bench,
      "gpu",
      { InstanceType: "ml.g4dn.xlarge", ...ami },
      30,
    );
    const took = `${minutes.toFixed(1)} minutes`;
    if (status !== "InService") return refuted(`the endpoint is ${status} after ${took}: ${reason}`);
    bench.step(`it is in service after ${took}; reads its log`);
    const provider = await bench.until(
      5,
      async () =>
        /(\w+ExecutionProvider)/.exec(
          (await new Logs(bench.session).lines(`/aws/sagemaker/Endpoints/${endpoint}`, "probe")).join("\n"),
        )?.[1],
    );
    if (provider === undefined)
      throw new CouldNotAsk(`the endpoint was in service after ${took}, but its log names no execution provider`);
    return provider === "CUDAExecutionProvider"
      ? held(`in service after ${took}, ${provider}`)
      : refuted(`in service after ${took}, but it computes with ${provider}`);
  },
};
