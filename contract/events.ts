import { z } from "zod";
import { type AlertArea, severities } from "./alerts";
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
  processingJob: "SageMaker Processing Job State Change",
  endpoint: "SageMaker Endpoint State Change",
  build: "CodeBuild Build State Change",
  alarm: "CloudWatch Alarm State Change",
} as const;

/** Detail type of calls that CloudTrail recorded, whatever their service (EventBridge user guide, "Events delivered via CloudTrail"). */
export const callDetailType = "AWS API Call via CloudTrail";

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

/**
 * What CloudWatch calls a function with when an alarm changes, as far as it is read (CloudWatch user guide, "Invoke a
 * Lambda function from an alarm").
 */
export const alarmAction = z.object({
  source: z.literal(awsSource.cloudwatch),
  alarmArn: z.string(),
  time: z.string(),
  region: z.string(),
  alarmData: z.object({
    alarmName: z.string(),
    state: z.object({
      value: z.enum(["ALARM", "OK", "INSUFFICIENT_DATA"]),
      reason: z.string().default(""),
      reasonData: z.string().optional(),
      timestamp: z.string(),
    }),
    configuration: z.object({
      description: z.string().default(""),
      metrics: z
        .array(
          z.object({
            metricStat: z
              .object({ metric: z.object({ dimensions: z.record(z.string(), z.string()).default({}) }) })
              .optional(),
          }),
        )
        .default([]),
    }),
  }),
});
export type AlarmAction = z.infer<typeof alarmAction>;

/** An event of the platform's own that people are told of, as far as every one has it; `alertDetail` has the rest. */
export const toldEvent = z.object({
  id: z.string(),
  time: z.string(),
  region: z.string(),
  source: z.string().startsWith(`${project}.`),
  "detail-type": z.string(),
  detail: z.looseObject({ severity: z.enum(severities), message: z.string().min(1) }),
});
export type ToldEvent = z.infer<typeof toldEvent>;

/** What a rule with a schedule sends, as far as it is read. */
export const scheduledTick = z.object({
  source: z.literal("aws.events"),
  "detail-type": z.literal("Scheduled Event"),
  time: z.string(),
});
