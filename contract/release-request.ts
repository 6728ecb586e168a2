import { z } from "zod";

const packageVersion = z
  .string()
  .regex(/^arn:[\w-]+:sagemaker:[\w-]+:\d{12}:model-package\/[\w-]+\/\d+$/, "not the ARN of a model package version");

/** Functions that start release builds and end trials. */
export const releaseHandlers = ["deploy-candidate", "end-trial", "start-release"] as const;

/**
 * The queue by which an environment's ML engineers ask for a release or a rollback there. The queue says which environment is meant,
 * whatever its messages say. Its name begins as no environment's names do: rights on an environment's things do not reach it.
 */
export function requestQueue(environment: string): string {
  return `peregrine-requests-${environment}`;
}

/**
 * The queue that the registry's approvals arrive in, as events. Its own policy lets in the approval's rule alone; its name is one of
 * the queues for requests, so that what keeps people from changing those keeps them from this one.
 */
export function approvalQueue(registry: string): string {
  return requestQueue(`approvals-${registry}`);
}

/** What can be asked for: the release of a package that was approved, or the way back to an earlier release. */
export const requestShape = z.discriminatedUnion("action", [
  z.strictObject({ action: z.literal("release"), modelPackageArn: packageVersion }),
  z.strictObject({
    action: z.literal("rollback"),
    to: z
      .string()
      .regex(/^r-[0-9a-f]{4,12}$/, "not a release id")
      .optional(),
  }),
]);

export type ReleaseRequest = z.infer<typeof requestShape>;

/** Says to a build that asks to go back: to the release before the present one. */
export const releaseBefore = "previous";

/** The variables of a build that carries a request out; the only ones that a request can set. @param by who asked, as the queue knows it. */
export function buildVariables(environment: string, request: ReleaseRequest, by: string): Record<string, string> {
  const common = { RELEASE_TARGETS: environment, REQUESTED_BY: by };
  return request.action === "release"
    ? { ...common, MODEL_PACKAGE_ARN: request.modelPackageArn }
    : { ...common, ROLLBACK_TO: request.to ?? releaseBefore };
}

/** The registry's event of an approval, as far as it is read ("Model package state change", SageMaker developer guide). */
export const approvalShape = z.object({
  time: z.iso.datetime(),
  source: z.literal("aws.sagemaker"),
  "detail-type": z.literal("SageMaker Model Package State Change"),
  detail: z.object({
    ModelPackageArn: packageVersion,
    ModelApprovalStatus: z.literal("Approved"),
    LastModifiedTime: z.iso.datetime().optional(),
  }),
});

export type Approval = z.infer<typeof approvalShape>;

/** A build as far as it tells what it was started for. */
export interface StartedBuild {
  readonly startedMs: number;
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/** Variables of builds that something else than an approval starts. */
const otherCauses = ["CALLBACK_TOKEN", "REQUESTED_BY"] as const;

/**
 * Whether an approval has its build already: the event may come twice, with two ids and hours apart. Any build that an approval of the
 * package started since has read the registry after this one, and so answers for it.
 */
export function answered({ time, detail }: Approval, builds: readonly StartedBuild[]): boolean {
  const approvedMs = Date.parse(detail.LastModifiedTime ?? time);
  return builds.some(
    ({ startedMs, variables }) =>
      startedMs >= approvedMs &&
      variables["MODEL_PACKAGE_ARN"] === detail.ModelPackageArn &&
      otherCauses.every((name) => !variables[name]),
  );
}
