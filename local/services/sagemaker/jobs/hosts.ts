import type { Members } from "../../../members";
import { jobChecks } from "../../../checks/jobs";
import type { ImageCommand } from "../../../runner/images";
import { architectureOf } from "../hosting/hosts";
import { JobFailure } from "./runs";

/** Families whose hosts have disks of their own (EC2 user guide, "Instance store volumes"). */
const withDisks =
  /^ml\.(g4dn|g5|g6|g6e|g7|g7e|p3dn|p4d|p4de|p5|p5e|p5en|p6-[^.]+|p6e-[^.]+|trn1|trn1n|trn2|(c|m|r)\d+(d|gd|id))\./;

/** Gigabytes of those disks, as far as they are known: the number of disks and the size of one, type by type. */
const disks: Readonly<Record<string, number>> = Object.fromEntries(
  Object.entries({
    g4dn: "xlarge 1x125 2xlarge 1x225 4xlarge 1x225 8xlarge 1x900 12xlarge 1x900 16xlarge 1x900",
    g5: "xlarge 1x250 2xlarge 1x450 4xlarge 1x600 8xlarge 1x900 12xlarge 1x3800 16xlarge 1x1900 24xlarge 1x3800 48xlarge 2x3800",
    g6: "xlarge 1x250 2xlarge 1x450 4xlarge 1x600 8xlarge 2x450 12xlarge 4x940 16xlarge 2x940 24xlarge 4x940 48xlarge 8x940",
    g6e: "xlarge 1x250 2xlarge 1x450 4xlarge 1x600 8xlarge 2x450 12xlarge 2x1900 16xlarge 2x950 24xlarge 2x1900 48xlarge 4x1900",
    p3dn: "24xlarge 2x900",
    p4d: "24xlarge 8x1000",
    p4de: "24xlarge 8x1000",
    p5: "4xlarge 1x3800 48xlarge 8x3800",
    r5d: "large 1x75 xlarge 1x150 2xlarge 1x300 4xlarge 2x300 8xlarge 2x600 12xlarge 2x900 16xlarge 4x600 24xlarge 4x900",
    trn1: "2xlarge 1x475 32xlarge 4x1900",
    trn1n: "32xlarge 4x1900",
  }).flatMap(([family, text]) =>
    [...text.matchAll(/(\w+) (\d+)x(\d+)/g)].map(([, size, count, each]) => [
      `ml.${family}.${size}`,
      Number(count) * Number(each),
    ]),
  ),
);

/** What an instance type brings along; undefined for one that works on volumes of EBS alone. */
export function ownDisks(instanceType: string): { readonly gigabytes: number | undefined } | undefined {
  return withDisks.test(instanceType) ? { gigabytes: disks[instanceType] } : undefined;
}

/**
 * @param cluster `ResourceConfig` or `ClusterConfig` of a job.
 * @throws AwsError ValidationException for what hosts with disks of their own do not take (CreateTrainingJob,
 * CreateProcessingJob). The words are believed, and that a training job is refused for its size as a processing job is.
 */
export function checkDisks({ InstanceType: type, VolumeKmsKeyId: key, VolumeSizeInGB: size }: Members = {}): void {
  const own = typeof type === "string" ? ownDisks(type) : undefined;
  if (!own) return;
  if (key !== undefined) throw jobChecks.diskKey(type as string);
  if (own.gigabytes !== undefined && size > own.gigabytes)
    throw jobChecks.diskSize(String(size), type as string, String(own.gigabytes));
}

/**
 * Starts no container on processors that its image is not built for. Drivers of jobs' hosts are not known, so CUDA is
 * not looked at; an image for GPUs runs on hosts without one, on their processors.
 * @param write a line into the job's log.
 * @throws JobFailure as a job's whose process ends at once (believed).
 */
export function checkProcessors(
  image: ImageCommand,
  instanceType: string,
  command: readonly string[],
  write: (line: string) => void,
): void {
  if (!image.platform || image.platform.architecture === architectureOf(instanceType)) return;
  write(`exec ${command[0] ?? ""}: exec format error`);
  throw new JobFailure("AlgorithmError: , exit code: 1");
}
