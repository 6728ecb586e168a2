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
  /** When it went live last, ISO 8601, service time; dashboards mark it. */
  promotedAt: z.string().optional(),
  /** It was live, and the release was rolled back: nothing to fall back to. */
  givenUp: z.literal(true).optional(),
});

/** Names an experiment: `x-` and 12 hexadecimal digits. */
export const experimentId = z.string().regex(/^x-[0-9a-f]{12}$/, "not the id of an experiment");

/**
 * `live`: each request is answered by one of both models. `shadow`: the champion answers all of them, and the challenger
 * gets copies; nobody sees its answers.
 */
export const experimentModes = ["live", "shadow"] as const;
export type ExperimentMode = (typeof experimentModes)[number];

/** A model that runs beside the champion to be compared with it. Its design is in the ledger, under the same id. */
export const runningExperiment = z.object({
  id: experimentId,
  mode: z.enum(experimentModes),
  challenger: releasedModel,
  /** Instances that the champion had when the experiment began: its fleet is made anew beside the challenger's. */
  championInstances: z.number().int().positive().optional(),
  /**
   * Share of the requests that a shadow gets copies of, per cent. A live challenger starts without traffic; its weight is
   * moved at run time, and no update of the program takes it back.
   */
  samplePercent: z.number().gt(0).max(100).optional(),
});
export type RunningExperiment = Readonly<z.infer<typeof runningExperiment>>;

/** What an environment shall serve: the JSON in its SSM parameter. Only automation writes it, the program reads it. */
export const desiredRelease = releasedModel.extend({
  /** ISO 8601, service time. */
  promotedAt: z.string(),
  /** ARN of the caller. */
  promotedBy: z.string(),
  /** Earlier releases whose model and configuration stay in the stack, newest first. */
  kept: z.array(releasedModel).max(maxKeptReleases).default([]),
  /** Absent outside of experiments. */
  experiment: runningExperiment.optional(),
  /**
   * The experiment that this release ended. SageMaker guards no update that takes a variant away, as little as one that
   * adds one: "Your new endpoint configuration must have the same variant name as the old" (developer guide, "Blue/green
   * deployments"). The next release is guarded again.
   */
  endedExperiment: experimentId.optional(),
});

export type ReleasedModel = Readonly<z.infer<typeof releasedModel>>;
export type DesiredRelease = Readonly<z.infer<typeof desiredRelease>>;

/** What serves beside the desired release: the newest that was live and was not given up. Undefined where none was. */
export function lastStable({ kept }: DesiredRelease): ReleasedModel | undefined {
  return kept.find(({ givenUp }) => !givenUp);
}

/** Where the archive of a release lies in an environment. @param sha256 of the archive, hexadecimal. */
export function releasedArchive(artifactsBucket: string, sha256: string): string {
  return `s3://${artifactsBucket}/${releasedArchiveKey(sha256)}`;
}
