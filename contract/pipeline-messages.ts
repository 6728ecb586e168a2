import { z } from "zod";

/**
 * What the pipeline tells of a candidate for approvers; numbers come as text, as the definition language joins them.
 */
export const candidateNews = z.object({
  environment: z.string().min(1),
  modelPackageArn: z.string().startsWith("arn:"),
  pipelineExecutionArn: z.string().startsWith("arn:"),
  /** Mean average precision at IoU 0.5 on the test split, 0..1. */
  map50: z.coerce.number().min(0).max(1),
  /** Gain over the champion, in mAP50; equal to `map50` when there is no champion. */
  map50Gain: z.coerce.number().min(-1).max(1),
  reportUri: z.string().startsWith("s3://"),
  /** How it did in staging; absent where candidates are not tried. */
  staging: z.string().min(1).optional(),
});
export type CandidateNews = Readonly<z.infer<typeof candidateNews>>;

/** What the pipeline says of a candidate that is to be tried. */
export const trialArguments = z.object({ modelPackageArn: z.string().startsWith("arn:") });
export type TrialArguments = Readonly<z.infer<typeof trialArguments>>;

/** What a trial tells its pipeline. `outcome` is always `live`: a candidate that is not fails the step. */
export const trialOutputNames = ["outcome", "releaseId", "summary"] as const;
export type TrialOutputs = Readonly<Record<(typeof trialOutputNames)[number], string>>;

/**
 * Message of the pipeline's Callback step (SageMaker developer guide, "Callback step"); `Stopping` when the execution
 * was asked to stop.
 */
export const trialMessage = z.object({
  token: z.string().regex(/^[a-zA-Z0-9]{10}$/),
  pipelineExecutionArn: z.string().startsWith("arn:"),
  arguments: trialArguments,
  status: z.enum(["Executing", "Stopping"]),
});
export type TrialMessage = z.infer<typeof trialMessage>;
