import { architectureOf, hasGpu, hostFor, image } from "../../lifecycle/hosts/inference";
import { blocksOf } from "../inputs";
import { wellArchitected } from "../frameworks";
import { byType, defineRule } from "../rule";
import { types } from "../types";

interface Config {
  /** CUDA version that served images are built for. */
  readonly cuda: string;
}

export const hostFitsImage = defineRule<Config>({
  name: "host-fits-image",
  description: "Endpoints serve on hosts whose processors and NVIDIA driver fit the container image.",
  rationale: "On an older driver the container does not start, without a line in its log, and no release goes live.",
  severity: "high",
  framework: wellArchitected("MLOPS12", "Monitor deployed models and roll back by alarms"),
  remediationSteps: "Let MonitoredEndpoint choose inferenceAmiVersion (lifecycle/hosts), or serve on another instance family.",
  url: "https://docs.aws.amazon.com/sagemaker/latest/dg/inference-gpu-drivers.html",
  configSchema: { properties: { cuda: { type: "string" } } },
  defaults: { cuda: image.cuda },
  ...byType<Config>({
    *[types.endpointConfiguration](props, { cuda }) {
      for (const variant of [...blocksOf(props, "productionVariants"), ...blocksOf(props, "shadowProductionVariants")]) yield* judged(variant["instanceType"], variant["inferenceAmiVersion"], cuda);
    },
  }),
});

function* judged(type: unknown, ami: unknown, cuda: string): Iterable<string> {
  // Serverless variants choose no host.
  if (typeof type !== "string") return;
  const host = hostFor(type, cuda);
  if (host.verdict === "unfit") yield `${type} ${host.reason}.`;
  else if (host.verdict === "ami" && ami !== host.version) yield `${type} needs inferenceAmiVersion ${host.version} for CUDA ${cuda}, not ${String(ami ?? "that of its family")}.`;
  else if (host.verdict === "default" && ami !== undefined && !hasGpu(type)) yield `${type} (${architectureOf(type)}) has no GPU, and inferenceAmiVersion ${String(ami)} is one for GPUs.`;
}
