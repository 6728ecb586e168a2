import { z } from "zod";

/** Functions that start release builds and end trials. */
export const releaseHandlers = ["deploy-candidate", "end-trial", "start-release"] as const;

/**
 * The queue by which an environment's ML engineers ask for a release or a rollback there. The queue says which environment is meant,
 * whatever its messages say. Its name begins as no environment's names do: rights on an environment's things do not reach it.
 */
export function requestQueue(environment: string): string {
  return `peregrine-requests-${environment}`;
}

/** What can be asked for: the release of a package that was approved, or the way back to an earlier release. */
export const requestShape = z.discriminatedUnion("action", [
  z.strictObject({ action: z.literal("release"), modelPackageArn: z.string().regex(/^arn:[\w-]+:sagemaker:[\w-]+:\d{12}:model-package\/[\w-]+\/\d+$/, "not the ARN of a model package version") }),
  z.strictObject({ action: z.literal("rollback"), to: z.string().regex(/^r-[0-9a-f]{4,12}$/, "not a release id").optional() }),
]);

export type ReleaseRequest = z.infer<typeof requestShape>;

/** Says to a build that asks to go back: to the release before the present one. */
export const releaseBefore = "previous";

/** The variables of a build that carries a request out; the only ones that a request can set. @param by who asked, as the queue knows it. */
export function buildVariables(environment: string, request: ReleaseRequest, by: string): Record<string, string> {
  const common = { RELEASE_TARGETS: environment, REQUESTED_BY: by };
  return request.action === "release" ? { ...common, MODEL_PACKAGE_ARN: request.modelPackageArn } : { ...common, ROLLBACK_TO: request.to ?? releaseBefore };
}
