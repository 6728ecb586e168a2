import { architectureOf, hasGpu, hostFor, image, jobObstacles } from "../../contract/hosts/inference";
import { blocksOf, type Inputs } from "../inputs";
import { wellArchitected } from "../frameworks";
import { clusterOf, definitionOf } from "../pipeline";
import { byType, defineRule } from "../rule";
import { types } from "../types";

interface Config {
  /** CUDA version that served images are built for. */
  readonly cuda: string;
}

export const hostFitsImage = defineRule<Config>({
  name: "host-fits-image",
  description:
    "Endpoints serve on hosts whose processors and NVIDIA driver fit the container image. Jobs run on processors that fit it, and on hosts with local disks they ask for no key and no larger volume.",
  rationale:
    "On an older driver the container does not start and logs nothing, so no release goes live. SageMaker refuses a job that asks for a volume that its hosts do not have.",
  severity: "high",
  framework: wellArchitected("MLOPS12", "Monitor deployed models and roll back by alarms"),
  remediationSteps:
    "Let MonitoredEndpoint choose inferenceAmiVersion (contract/hosts), or take another instance family; ask for a smaller volume, and for no key.",
  url: "https://docs.aws.amazon.com/sagemaker/latest/dg/inference-gpu-drivers.html",
  configSchema: { properties: { cuda: { type: "string" } } },
  defaults: { cuda: image.cuda },
  ...byType<Config>({
    *[types.endpointConfiguration](props, { cuda }) {
      for (const variant of [...blocksOf(props, "productionVariants"), ...blocksOf(props, "shadowProductionVariants")])
        yield* judged(variant["instanceType"], variant["inferenceAmiVersion"], cuda);
    },
    *[types.pipeline](props) {
      const definition = definitionOf(props);
      for (const step of definition?.steps ?? []) {
        const cluster = clusterOf(step);
        const type = definition!.resolve(cluster?.["InstanceType"]);
        if (typeof type === "string")
          yield* jobObstacles(type, {
            key: cluster!["VolumeKmsKeyId"],
            gigabytes: Number(definition!.resolve(cluster!["VolumeSizeInGB"]) ?? 0),
          }).map((obstacle) => `${step.Name} runs on ${type}, which ${obstacle}.`);
      }
    },
    *[types.trainingJob](props) {
      const { instanceType, volumeKmsKeyId, volumeSizeInGb } = (props["resourceConfig"] ?? {}) as Inputs;
      if (typeof instanceType === "string")
        yield* jobObstacles(instanceType, { key: volumeKmsKeyId, gigabytes: Number(volumeSizeInGb ?? 0) }).map(
          (obstacle) => `${instanceType} ${obstacle}.`,
        );
    },
  }),
});

function* judged(type: unknown, ami: unknown, cuda: string): Iterable<string> {
  // Serverless variants choose no host.
  if (typeof type !== "string") return;
  const host = hostFor(type, cuda);
  if (host.verdict === "unfit") yield `${type} ${host.reason}.`;
  else if (host.verdict === "ami" && ami !== host.version)
    yield `${type} needs inferenceAmiVersion ${host.version} for CUDA ${cuda}, not ${String(ami ?? "that of its family")}.`;
  else if (host.verdict === "default" && ami !== undefined && !hasGpu(type))
    yield `${type} (${architectureOf(type)}) has no GPU, and inferenceAmiVersion ${String(ami)} is one for GPUs.`;
}
