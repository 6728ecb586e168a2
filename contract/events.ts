import { z } from "zod";
import type { AlertArea } from "./alerts";
import { project } from "./names";

/** Sources of AWS's events, on the default bus. */
export const awsSource = {
  sagemaker: "aws.sagemaker",
  codebuild: "aws.codebuild",
  cloudwatch: "aws.cloudwatch",
} as const;

/** Detail types of AWS's events, as its developer guides spell them. */
export const detailType = {
  modelPackage: "SageMaker Model Package State Change",
  pipelineExecution: "SageMaker Model Building Pipeline Execution Status Change",
  endpoint: "SageMaker Endpoint State Change",
  build: "CodeBuild Build State Change",
} as const;

/** Source of the platform's own events about an area, on the environment's bus. */
export function platformSource(area: AlertArea): string {
  return `${project}.${area}`;
}

/** ARN of a version in a model package group. */
export const packageVersionArn = z
  .string()
  .regex(/^arn:[\w-]+:sagemaker:[\w-]+:\d{12}:model-package\/[\w-]+\/\d+$/, "not the ARN of a model package version");

/**
 * The registry's event of an approval, as far as it is read ("Model package state change", SageMaker developer guide).
 */
export const approvalEvent = z.object({
  time: z.iso.datetime(),
  source: z.literal(awsSource.sagemaker),
  "detail-type": z.literal(detailType.modelPackage),
  detail: z.object({
    ModelPackageArn: packageVersionArn,
    ModelApprovalStatus: z.literal("Approved"),
    LastModifiedTime: z.iso.datetime().optional(),
  }),
});
export type ApprovalEvent = z.infer<typeof approvalEvent>;

/**
 * CodeBuild's event of a build, as far as it is read (CodeBuild user guide, "Build notifications input format
 * reference").
 */
export const buildEvent = z.object({
  detail: z.object({
    "build-status": z.string(),
    "build-id": z.string(),
    "additional-information": z.object({
      environment: z.object({
        "environment-variables": z.array(z.object({ name: z.string(), value: z.string() })).default([]),
      }),
    }),
  }),
});
