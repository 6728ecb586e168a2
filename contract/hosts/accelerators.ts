type Sizes = Readonly<Record<string, number>>;

/** Sizes with one accelerator, and those with more. */
const single = (...sizes: string[]): Sizes => Object.fromEntries(sizes.map((size) => [size, 1]));

/**
 * GPUs, Trainium or Inferentia chips by instance family and size (AWS's pages on EC2 instance types, "Accelerated
 * computing").
 */
const accelerators: Readonly<Record<string, Sizes>> = {
  g4dn: { ...single("xlarge", "2xlarge", "4xlarge", "8xlarge", "16xlarge"), "12xlarge": 4 },
  g5: { ...single("xlarge", "2xlarge", "4xlarge", "8xlarge", "16xlarge"), "12xlarge": 4, "24xlarge": 4, "48xlarge": 8 },
  g6: { ...single("xlarge", "2xlarge", "4xlarge", "8xlarge", "16xlarge"), "12xlarge": 4, "24xlarge": 4, "48xlarge": 8 },
  g6e: {
    ...single("xlarge", "2xlarge", "4xlarge", "8xlarge", "16xlarge"),
    "12xlarge": 4,
    "24xlarge": 4,
    "48xlarge": 8,
  },
  p2: { xlarge: 1, "8xlarge": 8, "16xlarge": 16 },
  p3: { "2xlarge": 1, "8xlarge": 4, "16xlarge": 8 },
  p3dn: { "24xlarge": 8 },
  p4d: { "24xlarge": 8 },
  p4de: { "24xlarge": 8 },
  p5: { "4xlarge": 1, "48xlarge": 8 },
  p5e: { "48xlarge": 8 },
  p5en: { "48xlarge": 8 },
  "p6-b200": { "48xlarge": 8 },
  "p6-b300": { "48xlarge": 8 },
  "p6e-gb200": { "36xlarge": 4 },
  inf1: { xlarge: 1, "2xlarge": 1, "6xlarge": 4, "24xlarge": 16 },
  inf2: { xlarge: 1, "8xlarge": 1, "24xlarge": 6, "48xlarge": 12 },
  trn1: { "2xlarge": 1, "32xlarge": 16 },
  trn1n: { "32xlarge": 16 },
  trn2: { "3xlarge": 1, "48xlarge": 16 },
};

/** Families with local NVMe disks, whose hosting volumes take no key of ours (CreateEndpointConfig, KmsKeyId). */
const localDisks = /^(g4dn|g5|g6|g6e|g7e?|gr6|p3dn|p4de?|p5\w*|p6\S*|trn\w+|[cmr]\d\w*d)$/;

/**
 * Accelerators of one instance; 0 for types without, undefined for an accelerated type that the table does not know.
 */
export function acceleratorsOf(instanceType: string): number | undefined {
  const [family = "", size = ""] = instanceType.replace(/^ml\./, "").split(".");
  if (!/^(g\d|gr\d|p\d|inf|trn)/.test(family)) return 0;
  return accelerators[family]?.[size];
}

/** Whether an instance type keeps its data on local disks, which the hardware encrypts. */
export function hasLocalDisk(instanceType: string): boolean {
  return localDisks.test(instanceType.replace(/^ml\./, "").split(".")[0] ?? "");
}
