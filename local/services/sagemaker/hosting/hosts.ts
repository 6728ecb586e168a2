import type { Members } from "../../../members";
import type { Platform } from "../../../runner/images";
import { hostingChecks } from "../../../checks/hosting";

/**
 * CUDA version of the NVIDIA driver of the machine images that an endpoint configuration may ask for (API reference,
 * ProductionVariant, `InferenceAmiVersion`).
 */
const amis: Readonly<Record<string, { readonly cuda?: string; readonly families: RegExp }>> = {
  // Which families the older ones may be set on: believed, after texts of the API reference that named them.
  "al2-ami-sagemaker-inference-gpu-2": { cuda: "12.2", families: /^(p3|p4d|p4de|p5|g4dn|g5|g6|g6e)$/ },
  "al2-ami-sagemaker-inference-gpu-2-1": { cuda: "12.2", families: /^(p4d|p4de|p5|g4dn|g5|g6|g6e)$/ },
  "al2-ami-sagemaker-inference-gpu-3-1": { cuda: "12.4", families: /^(p4d|p4de|p5|p5e|p5en|g4dn|g5|g6|g6e)$/ },
  "al2023-ami-sagemaker-inference-gpu-4-1": {
    cuda: "13.0",
    families: /^(p4d|p4de|p5|p5e|p5en|p6-.+|g4dn|g5|g6|g6e|g7|g7e)$/,
  },
  "al2-ami-sagemaker-inference-neuron-2": { families: /^(inf2|trn\w+)$/ },
};

/**
 * CUDA version of the hosts of a GPU family without that (developer guide, inference-gpu-drivers; g6e as g6: believed).
 */
const defaults: readonly (readonly [families: RegExp, cuda: string])[] = [
  [/^(p2|p3|p4d|p4de|g4dn|g5)$/, "11.4"],
  [/^(p5|g6|g6e)$/, "12.2"],
  [/^(p5e|p5en)$/, "12.4"],
  [/^(p6-.+|p6e-.+|g7|g7e)$/, "13.0"],
];

/** Graviton and Grace. */
const arm = /^([a-z]+\d+g[dn]?|p6e-.+)$/;

/** What a serving container finds on its host. */
export interface Host {
  readonly architecture: Platform["architecture"];
  /** Highest CUDA version that the host's driver carries; undefined on hosts without a GPU. */
  readonly cuda: string | undefined;
}

/** What serves a serverless variant: no GPU (developer guide); that its processors are x86 is believed. */
export const serverlessHost: Host = { architecture: "amd64", cuda: undefined };

/** Architecture of a type's processors. */
export function architectureOf(instanceType: string): Platform["architecture"] {
  return arm.test(familyOf(instanceType)) ? "arm64" : "amd64";
}

/** The host that an instance type and, where one is asked for, a machine image make. */
export function hostOf(instanceType: string, ami: string | undefined): Host {
  const family = familyOf(instanceType);
  const own = defaults.find(([families]) => families.test(family))?.[1];
  return { architecture: architectureOf(instanceType), cuda: own && ((ami && amis[ami]?.cuda) ?? own) };
}

/**
 * Whether a container starts on a host. Processors must be the image's. Of CUDA the minor versions fit each other and
 * the major ones do not, in neither direction: an image of 12.8 did not start on a host of 13.0 in AWS's own tests;
 * that no older one does is believed.
 */
export function starts(image: Platform, host: Host): boolean {
  if (image.architecture !== host.architecture) return false;
  const major = (version: string): string => version.split(".")[0]!;
  return image.cuda === undefined || host.cuda === undefined || major(image.cuda) === major(host.cuda);
}

/** @throws AwsError when a variant asks for a machine image that is not made for its instance type. */
export function checkAmi({ VariantName: name, InstanceType: type, InferenceAmiVersion: ami }: Members): void {
  if (ami === undefined || amis[ami]?.families.test(familyOf(type))) return;
  throw hostingChecks.machineImage(ami, type, name);
}

function familyOf(instanceType: string): string {
  return instanceType.replace(/^ml\./, "").split(".")[0] ?? "";
}
