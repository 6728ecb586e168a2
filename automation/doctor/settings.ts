import { z } from "zod";
import { declared } from "../../infra/settings/areas";
import { problemsOf } from "../../infra/settings/problems";
import { UserError } from "../errors";

/**
 * What the doctor needs of a stack's settings, each read as the program reads it. What settings must be together, only
 * the program asks.
 */
const shape = z.object({
  allowedAccountIds: declared.allowedAccountIds,
  datasetBucket: declared.datasetBucket,
  datasetPrefix: declared.datasetPrefix,
  imageTag: declared.imageTag,
  trainingInstanceType: declared.trainingInstanceType,
  processingInstanceType: declared.processingInstanceType,
  trainingSpot: declared.trainingSpot,
  servingInstanceType: declared.servingInstanceType,
  servingMinInstances: declared.servingMinInstances,
  servingMaxInstances: declared.servingMaxInstances,
  networkMode: declared.networkMode,
  networkZones: declared.networkZones,
  logRetentionDays: declared.logRetentionDays,
  requireMfa: declared.requireMfa,
  people: declared.people,
});

export type DoctorSettings = Readonly<z.infer<typeof shape>>;

/**
 * @param settings of the stack without their namespace, as its file has them.
 * @throws UserError naming every setting that cannot be understood.
 */
export function doctorSettings(settings: Readonly<Record<string, unknown>>, stack: string): DoctorSettings {
  const parsed = z.object({ peregrine: shape }).safeParse({ peregrine: settings });
  if (parsed.success) return parsed.data.peregrine;
  const problems = parsed.error.issues.flatMap(problemsOf);
  throw new UserError(
    `The settings of ${stack} cannot be understood: ${problems.map(({ propertyPath, reason }) => `${propertyPath} ${reason}`).join("; ")}`,
    `See all that is wrong with them: pulumi preview --stack ${stack}`,
  );
}
