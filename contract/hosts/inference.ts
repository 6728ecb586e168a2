import { localDisk } from "./disks";

/**
 * CUDA version of the container image, by the tag of its base (`FROM` in ml/Dockerfile), and the architecture that it
 * is built for. Every image of `peregrine-ml` that an environment serves is taken to be of this version.
 */
export const image = { cuda: "13.3", architecture: "amd64" } as const;

/**
 * A version of the machine image that inference hosts start from (`InferenceAmiVersion`), with the CUDA version of its
 * NVIDIA driver.
 */
interface Ami {
  readonly version: string;
  readonly cuda: string;
}

/** Inference hosts of one GPU family. */
interface GpuFamily {
  /** NVIDIA driver and its CUDA version where an endpoint configuration names no machine image. */
  readonly driver: number;
  readonly cuda: string;
  /** Machine images that may be asked for, as far as images of ours need one. */
  readonly amis: readonly Ami[];
}

const driver580: Ami = { version: "al2023-ami-sagemaker-inference-gpu-4-1", cuda: "13.0" };

/**
 * Hosts of real-time endpoints by GPU family (SageMaker developer guide, "Best practices to minimize interruptions
 * during GPU driver upgrades"). Of g6e the page names no default: that it is g6's is believed. p2 and p3 stopped at
 * driver 470 and 535.
 */
const gpuFamilies: Readonly<Record<string, GpuFamily>> = {
  p2: { driver: 470, cuda: "11.4", amis: [] },
  p3: { driver: 470, cuda: "11.4", amis: [] },
  p4d: { driver: 470, cuda: "11.4", amis: [driver580] },
  p4de: { driver: 470, cuda: "11.4", amis: [driver580] },
  g4dn: { driver: 470, cuda: "11.4", amis: [driver580] },
  g5: { driver: 470, cuda: "11.4", amis: [driver580] },
  g6: { driver: 535, cuda: "12.2", amis: [driver580] },
  g6e: { driver: 535, cuda: "12.2", amis: [driver580] },
  p5: { driver: 535, cuda: "12.2", amis: [driver580] },
  p5e: { driver: 550, cuda: "12.4", amis: [driver580] },
  p5en: { driver: 550, cuda: "12.4", amis: [driver580] },
  g7: { driver: 580, cuda: "13.0", amis: [] },
  g7e: { driver: 580, cuda: "13.0", amis: [] },
  "p6-b200": { driver: 580, cuda: "13.0", amis: [] },
  "p6-b300": { driver: 580, cuda: "13.0", amis: [] },
  "p6e-gb200": { driver: 580, cuda: "13.0", amis: [] },
};

/** Whether a container finds a GPU on hosts of this type, `ml.g5.xlarge`. */
export function hasGpu(instanceType: string): boolean {
  return familyOf(instanceType) in gpuFamilies;
}

/** Architecture of a type's processors: Graviton (`c7g`, `m6gd`, …) and Grace are arm64. */
export function architectureOf(instanceType: string): "amd64" | "arm64" {
  return /^([a-z]+\d+g[dn]?|p6e-gb\d+)$/.test(familyOf(instanceType)) ? "arm64" : "amd64";
}

/**
 * What an endpoint configuration has to ask for, so that hosts of a type can run an image; `unfit` with the reason
 * where none can.
 */
export type HostDecision =
  | { readonly verdict: "default" }
  | { readonly verdict: "ami"; readonly version: string }
  | { readonly verdict: "unfit"; readonly reason: string };

/**
 * Says which machine image hosts of a type need. Minor versions of CUDA fit each other, major ones do not: an image of
 * CUDA 13 does not start on a driver of CUDA 12, and one of CUDA 12.8 did not on a host of CUDA 13 (AWS's own tests of
 * its images).
 * @param cuda the image's CUDA version.
 */
export function hostFor(instanceType: string, cuda: string = image.cuda): HostDecision {
  const architecture = architectureOf(instanceType);
  if (architecture !== image.architecture)
    return {
      verdict: "unfit",
      reason: `has ${architecture} processors, the container image is built for ${image.architecture}`,
    };
  const family = gpuFamilies[familyOf(instanceType)];
  if (!family || fits(cuda, family.cuda)) return { verdict: "default" };
  const ami = family.amis.find((one) => fits(cuda, one.cuda));
  if (ami) return { verdict: "ami", version: ami.version };
  return {
    verdict: "unfit",
    reason: `has hosts with NVIDIA driver ${family.driver} (CUDA ${family.cuda}) and no machine image for the container image's CUDA ${cuda}`,
  };
}

/**
 * Why hosts of a type cannot run a job of the image, with a volume of so many gigabytes; none where they can. Drivers
 * of jobs' hosts are not told by AWS, which tests images of CUDA 13 on them, and without a GPU the image runs on the
 * processors.
 * @param volume `VolumeKmsKeyId` and `VolumeSizeInGB` of the job.
 */
export function jobObstacles(
  instanceType: string,
  volume: { readonly key?: unknown; readonly gigabytes?: number },
): string[] {
  const architecture = architectureOf(instanceType);
  const disk = localDisk(instanceType);
  return [
    ...(architecture === image.architecture
      ? []
      : [`has ${architecture} processors, the container image is built for ${image.architecture}`]),
    ...(disk && volume.key !== undefined ? ["has disks of its own, which take no key for volumes"] : []),
    ...(disk?.gigabytes !== undefined && (volume.gigabytes ?? 0) > disk.gigabytes
      ? [`has a disk of ${disk.gigabytes} GB, jobs ask for ${volume.gigabytes} GB`]
      : []),
  ];
}

/** `g5` of `ml.g5.xlarge`. */
function familyOf(instanceType: string): string {
  return instanceType.replace(/^ml\./, "").split(".")[0] ?? "";
}

function fits(image: string, host: string): boolean {
  return image.split(".")[0] === host.split(".")[0];
}
