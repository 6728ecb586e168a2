import { z } from "zod";
import { UserError } from "../errors";

/** The engine gives switches and numbers as text, whatever the file says. */
const flag = z.union([z.boolean(), z.string()]).transform((value) => String(value) === "true");
/** A list in the file, or, as `pulumi config set` writes one, its JSON. */
const texts = z.preprocess(
  (value) => (typeof value === "string" ? listOf(value) : value),
  z.array(z.coerce.string()).default([]),
);
const count = z.coerce.number().int().positive();

const shape = z.object({
  allowedAccountIds: texts,
  datasetBucket: z.string().min(1),
  datasetPrefix: z.string().default(""),
  imageTag: z.string().min(1),
  trainingInstanceType: z.string().min(1),
  processingInstanceType: z.string().min(1),
  trainingSpot: flag,
  servingInstanceType: z.string().min(1),
  servingMinInstances: count,
  servingMaxInstances: count,
  networkMode: z.string().default("default-vpc"),
  /** Letters of availability zones, comma-separated. */
  networkZones: z.string().default(""),
  /** Days. */
  logRetentionDays: count.default(30),
  requireMfa: flag,
  people: texts,
});

/** What the doctor needs of a stack's settings. The program checks all of them, and better. */
export type DoctorSettings = Readonly<z.infer<typeof shape>>;

/** @throws UserError naming every setting that cannot be understood. */
export function doctorSettings(settings: Readonly<Record<string, unknown>>, stack: string): DoctorSettings {
  const parsed = shape.safeParse(settings);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ");
  throw new UserError(
    `The settings of ${stack} cannot be understood: ${problems}`,
    `See all that is wrong with them: pulumi preview --stack ${stack}`,
  );
}

function listOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
