import { z } from "zod";
import instanceTypes from "./hosts/instance-types.json";
import { releasedArchiveKey } from "./places";

/**
 * Earlier releases that stay in the stack, ready to be served again. Parameter Store's standard tier holds 4 KB; a
 * release is half a kilobyte of it.
 */
export const maxKeptReleases = 2;

/** A model as an endpoint serves it. */
export const releasedModel = z.object({
  modelPackageArn: z.string().regex(/^arn:[^:]+:sagemaker:[^:]+:\d{12}:model-package\/.+/),
  /** The model archive in the environment's own artifacts bucket. */
  modelDataUrl: z.string().regex(/^s3:\/\/[^/]+\/.+\.tar\.gz$/),
  /** SHA-256 of the archive, hexadecimal. */
  modelSha256: z.string().regex(/^[0-9a-f]{64}$/),
  imageUri: z.string().regex(/^\d{12}\.dkr\.ecr\.[^/]+\/[^:@]+[:@].+$/),
  /**
   * Instances that the new fleet starts with: as many as the fleet it replaces had, so that a release under load does
   * not shrink the endpoint.
   */
  instances: z.number().int().positive().optional(),
  /**
   * Instance type of its fleet; the setting's where a release names none. So a changed setting reaches an endpoint with
   * the next release, and going back goes back to the type as well.
   */
  instanceType: z.enum(instanceTypes.hosting).optional(),
});

/** What an environment shall serve: the JSON in its SSM parameter. Only automation writes it, the program reads it. */
export const desiredRelease = releasedModel.extend({
  /** ISO 8601, service time. */
  promotedAt: z.string(),
  /** ARN of the caller. */
  promotedBy: z.string(),
  /** Earlier releases whose model and configuration stay in the stack, newest first. */
  kept: z.array(releasedModel).max(maxKeptReleases).default([]),
});

export type ReleasedModel = Readonly<z.infer<typeof releasedModel>>;
export type DesiredRelease = Readonly<z.infer<typeof desiredRelease>>;

/** Where the archive of a release lies in an environment. @param sha256 of the archive, hexadecimal. */
export function releasedArchive(artifactsBucket: string, sha256: string): string {
  return `s3://${artifactsBucket}/${releasedArchiveKey(sha256)}`;
}
