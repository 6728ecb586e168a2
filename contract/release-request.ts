import { z } from "zod";
import { experimentId } from "./desired-release";
import { packageVersionArn } from "./events";
import { project } from "./names";
import { buildVariable } from "./variables";

/**
 * The queue by which an environment's ML engineers ask for a release or a rollback there. The queue says which
 * environment is meant, whatever its messages say. Its name begins as no environment's names do: rights on an
 * environment's things do not reach it.
 */
export function requestQueue(environment: string): string {
  return `${project}-requests-${environment}`;
}

/**
 * The queue that the registry's approvals arrive in, as events. Its own policy lets in the approval's rule alone; its
 * name is one of the queues for requests, so that what keeps people from changing those keeps them from this one.
 */
export function approvalQueue(registry: string): string {
  return requestQueue(`approvals-${registry}`);
}

/**
 * What can be asked for: the release of a package that was approved, the way back to an earlier release, the beginning of
 * an experiment, or its end.
 */
export const releaseRequest = z.discriminatedUnion("action", [
  z.strictObject({ action: z.literal("release"), modelPackageArn: packageVersionArn }),
  z.strictObject({
    action: z.literal("rollback"),
    to: z
      .string()
      .regex(/^r-[0-9a-f]{4,12}$/, "not a release id")
      .optional(),
  }),
  z.strictObject({
    action: z.literal("start-experiment"),
    modelPackageArn: packageVersionArn,
    /** The file that says what is asked (docs/experiments.md). Variables of a build have some thousand characters. */
    file: z.string().min(2).max(4000),
  }),
  z.strictObject({ action: z.literal("end-experiment"), experiment: experimentId }),
]);

export type ReleaseRequest = z.infer<typeof releaseRequest>;

/** Says to a build that asks to go back: to the release before the present one. */
export const releaseBefore = "previous";

/** All variables of builds that requests and approvals can set: who starts those builds may set no other. */
export const requestVariables = [
  buildVariable.targets,
  buildVariable.modelPackageArn,
  buildVariable.rollbackTo,
  buildVariable.startExperiment,
  buildVariable.endExperiment,
  buildVariable.requestedBy,
] as const;

/**
 * The variables of a build that carries a request out; the only ones that a request can set.
 * @param by who asked, as the queue knows it.
 */
export function buildVariables(environment: string, request: ReleaseRequest, by: string): Record<string, string> {
  const common = { [buildVariable.targets]: environment, [buildVariable.requestedBy]: by };
  switch (request.action) {
    case "release":
      return { ...common, [buildVariable.modelPackageArn]: request.modelPackageArn };
    case "rollback":
      return { ...common, [buildVariable.rollbackTo]: request.to ?? releaseBefore };
    case "start-experiment":
      return {
        ...common,
        [buildVariable.modelPackageArn]: request.modelPackageArn,
        [buildVariable.startExperiment]: request.file,
      };
    case "end-experiment":
      return { ...common, [buildVariable.endExperiment]: request.experiment };
  }
}
