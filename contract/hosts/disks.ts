/**
 * Disks that instances bring along (NVMe), in GB by size (Amazon EC2 instance types guides, "Instance store"; of g7,
 * p5e and p6 no sizes are told there for ml types). SageMaker uses these and adds no volume: it refuses a key for one,
 * and a size beyond the disk (CreateProcessingJob, `VolumeKmsKeyId` and `VolumeSizeInGB`; for training jobs the latter
 * is believed).
 */
const sizes: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  g4dn: { xlarge: 125, "2xlarge": 225, "4xlarge": 225, "8xlarge": 900, "12xlarge": 900, "16xlarge": 900 },
  g5: {
    xlarge: 250,
    "2xlarge": 450,
    "4xlarge": 600,
    "8xlarge": 900,
    "12xlarge": 3800,
    "16xlarge": 1900,
    "24xlarge": 3800,
    "48xlarge": 7600,
  },
  g6: {
    xlarge: 250,
    "2xlarge": 450,
    "4xlarge": 600,
    "8xlarge": 900,
    "12xlarge": 3760,
    "16xlarge": 1880,
    "24xlarge": 3760,
    "48xlarge": 7520,
  },
  g6e: {
    xlarge: 250,
    "2xlarge": 450,
    "4xlarge": 600,
    "8xlarge": 900,
    "12xlarge": 3800,
    "16xlarge": 1900,
    "24xlarge": 3800,
    "48xlarge": 7600,
  },
  p3dn: { "24xlarge": 1800 },
  p4d: { "24xlarge": 8000 },
  p4de: { "24xlarge": 8000 },
  p5: { "4xlarge": 3800, "48xlarge": 30_400 },
  r5d: {
    large: 75,
    xlarge: 150,
    "2xlarge": 300,
    "4xlarge": 600,
    "8xlarge": 1200,
    "12xlarge": 1800,
    "16xlarge": 2400,
    "24xlarge": 3600,
  },
  trn1: { "2xlarge": 475, "32xlarge": 7600 },
  trn1n: { "32xlarge": 7600 },
};

/** Families with such disks; those that end in `d` or `gd` after their generation have them, too. */
const families = /^(g4dn|g5|g6e?|g7e?|p3dn|p4de?|p5(en?)?|p6-.+|p6e-.+|trn1n?|trn2|[a-z]+\d+g?i?d)$/;

/** Disks of one's own on hosts of a type; `gigabytes` where their size is known. */
export function localDisk(instanceType: string): { readonly gigabytes: number | undefined } | undefined {
  const [, family = "", size = ""] = /^(?:ml\.)?([^.]+)\.(.+)$/.exec(instanceType) ?? [];
  return families.test(family) ? { gigabytes: sizes[family]?.[size] } : undefined;
}

/**
 * Volumes that our pipelines' jobs ask for, in GB: for training its data, checkpoints and the image's layers; what only
 * reads needs less.
 */
export const jobVolumes = { training: 100, processing: 50, monitoring: 30 } as const;
