import { createHash } from "node:crypto";
import { join } from "node:path";
import type { CreateModelPackageInput } from "@aws-sdk/client-sagemaker";
import { projectDir } from "../automation/project-dir";
import { stackSettings } from "../automation/stack/stack-files";
import { documentSchema } from "../contract/documents";
import { artifactsBucket, detectorName, imageRepository } from "../contract/names";
import { cardOf } from "../contract/package-card";
import { archiveName, evaluationName, prefixes } from "../contract/places";

/** A `model.tar.gz` with what its package says of it. */
export interface BaseArchive {
  readonly body: Buffer;
  /** mAP50 of the base weights on their held-out flights, 0..1. */
  readonly map50: number;
}

/**
 * The arguments with which the project's Python makes archives of the base weights, without training (`PYTHONPATH=ml`).
 * @param targets `FILE[=CONFIDENCE]`.
 */
export function archiveArguments(targets: readonly string[]): string[] {
  return [join("scripts", "serving-archive.py"), join("ml", "base-weights", "yolo11n-aerial.pt"), ...targets];
}

/** mAP50 as the program printed it. */
export function printedMap50(stdout: string): number {
  return (JSON.parse(stdout.trim().split("\n").at(-1)!) as { map50: number }).map50;
}

const latencyMs = { p50: 5, p99: 10 };
const datasetDigest = "test";

function sha256Of(body: Buffer): string {
  return createHash("sha256").update(body).digest("hex");
}

/**
 * `evaluation.json` as the evaluation job writes it.
 * @param champion the archive compared with, of the same quality; none when there was none.
 */
export function evaluationOf({ body, map50 }: BaseArchive, champion?: Buffer): object {
  const slices = { light: { day: { map50: { value: map50 }, boxes: 100 } }, scale: {} };
  const beside = (other: Buffer) => ({
    champion: true,
    champion_map50: { value: map50 },
    champion_slices: slices,
    champion_latency_ms: latencyMs,
    champion_model_bytes: other.length,
    map50_gain: { value: 0 },
    map50_gain_ci95: [0, 0],
  });
  return {
    schema: documentSchema.evaluation,
    detection_metrics: {
      map50: { value: map50 },
      map: { value: map50 / 2 },
      slices,
      latency_ms: latencyMs,
      model_bytes: body.length,
    },
    comparison: champion ? beside(champion) : { champion: false },
    model: { archive_sha256: sha256Of(body) },
    champion_model: champion ? { archive_sha256: sha256Of(champion) } : null,
    dataset: { digest: datasetDigest },
  };
}

/**
 * Where a run's files lie in the registry's bucket, and what registers them, as the pipeline's RegisterDetector does.
 */
export function packageRequest(
  account: { readonly accountId: string; readonly region: string },
  run: string,
  { body, map50 }: BaseArchive,
  options: { recordedSha256?: string; approval?: string } = {},
): { bucket: string; prefix: string; input: CreateModelPackageInput } {
  const { accountId, region } = account;
  const [bucket, prefix] = [artifactsBucket("dev", accountId), `${prefixes.runs}${run}`];
  const image = `${accountId}.dkr.ecr.${region}.amazonaws.com/${imageRepository}:0.1.0`;
  const artifact = `s3://${bucket}/${prefix}/${archiveName}`;
  const evaluation = `s3://${bucket}/${prefix}/${evaluationName}`;
  const datasetUri = `s3://${bucket}/${prefix}/flights/`;
  const input: CreateModelPackageInput = {
    ModelPackageGroupName: packageGroup,
    ModelApprovalStatus: (options.approval ??
      "PendingManualApproval") as CreateModelPackageInput["ModelApprovalStatus"],
    InferenceSpecification: {
      Containers: [{ Image: image, ModelDataUrl: artifact }],
      SupportedContentTypes: ["image/jpeg", "image/png", "application/json"],
      SupportedResponseMIMETypes: ["application/json"],
    },
    ModelMetrics: {
      ModelQuality: {
        Statistics: { ContentType: "application/json", S3Uri: evaluation },
      },
    },
    CustomerMetadataProperties: {
      map50: String(map50),
      modelSha256: options.recordedSha256 ?? sha256Of(body),
      datasetUri,
    },
    ModelCard: {
      ModelCardContent: JSON.stringify(
        cardOf({
          creator: run,
          artifact,
          image,
          dataset: datasetUri,
          parameters: {},
          scores: {
            map50: String(map50),
            map: String(map50 / 2),
            latencyP99Ms: String(latencyMs.p99),
            modelBytes: String(body.length),
          },
          details: { modelSha256: sha256Of(body), datasetDigest, evaluation, licence: "AGPL-3.0" },
          intendedUse: (stackSettings("dev", projectDir)["intendedUse"] as string | undefined) || undefined,
        }),
      ),
      ModelCardStatus: "PendingReview",
    },
  };
  return { bucket, prefix, input };
}

export const packageGroup = detectorName("dev");
