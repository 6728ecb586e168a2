import type { Members } from "../../../members";
import { validationException } from "../../../errors";

/** Below which the inputs and outputs of a processing job lie. */
export const processingFolder = "/opt/ml/processing";

export interface ProcessingSource {
  readonly uri: string;
  readonly type: string;
  readonly localPath: string;
  /** Each host gets its share of the objects, instead of all. */
  readonly sharded: boolean;
}

export interface ProcessingTarget {
  readonly uri: string;
  readonly localPath: string;
  readonly mode: string;
}

/** @throws AwsError for an input that is not in S3. */
export function s3Inputs(input: Members): ProcessingSource[] {
  return ((input.ProcessingInputs ?? []) as Members[]).map(({ InputName: name, S3Input: s3 }) => {
    if (!s3)
      throw validationException(`ProcessingInput ${name} has no S3Input: the local cloud reads inputs from S3 only.`);
    if (!s3.LocalPath)
      throw validationException(
        `ProcessingInput ${name} must have a LocalPath unless it is managed by the application.`,
      );
    return {
      uri: s3.S3Uri,
      type: s3.S3DataType ?? "S3Prefix",
      localPath: s3.LocalPath,
      sharded: s3.S3DataDistributionType === "ShardedByS3Key",
    };
  });
}

export function s3Outputs(input: Members): ProcessingTarget[] {
  return ((input.ProcessingOutputConfig?.Outputs ?? []) as Members[]).flatMap(({ OutputName: name, S3Output: s3 }) => {
    if (!s3) return [];
    if (!s3.LocalPath)
      throw validationException(
        `ProcessingOutput ${name} must have a LocalPath unless it is managed by the application.`,
      );
    return [{ uri: s3.S3Uri, localPath: s3.LocalPath, mode: s3.S3UploadMode ?? "EndOfJob" }];
  });
}
