import { baselineFiles, baselineFolder } from "../../contract/monitoring";
import { packageCard } from "../../contract/package-card";
import { archiveName, evaluationName, prefixes } from "../../contract/places";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { CreateModelPackageCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { ObjectStore, parseS3Uri } from "../../aws/s3";
import { SageMaker } from "../../aws/sagemaker";
import { decideAbout } from "../../automation/release/approve";
import type { Rehearsal } from "./rehearsal";

const run = promisify(execFile);

/**
 * The newest package's network in an archive of its own, registered and approved.
 * @param confidence least that a detection must have to be answered.
 */
export async function registerVariant(rehearsal: Rehearsal, name: string, confidence: number): Promise<string> {
  const { session } = rehearsal.environments.dev;
  const { artifactsBucket, modelPackageGroup } = await rehearsal.environments.dev.outputs();
  const store = new ObjectStore(session);
  const described = await new SageMaker(session).describeModelPackage(rehearsal.newest.package);
  const container = described.InferenceSpecification!.Containers![0]!;
  const archive = await withThresholds((await store.get(parseS3Uri(container.ModelDataUrl!)))!, confidence);
  const sha256 = createHash("sha256").update(archive).digest("hex");
  const evaluated = parseS3Uri(described.ModelMetrics!.ModelQuality!.Statistics!.S3Uri!);
  const original = JSON.parse((await store.get(evaluated))!.toString("utf8")) as Evaluation;
  const folder = `${prefixes.runs}${name}`;
  await store.put({ bucket: artifactsBucket, key: `${folder}/${archiveName}` }, archive, "application/gzip");
  await store.put(
    { bucket: artifactsBucket, key: `${folder}/${evaluationName}` },
    JSON.stringify(asEvaluated(original, sha256)),
    "application/json",
  );
  // The evaluation names the baseline beside it.
  const beside = `${evaluated.key.slice(0, -evaluationName.length)}${baselineFolder}`;
  await Promise.all(
    baselineFiles.map(async (file) => {
      const body = await store.get({ bucket: evaluated.bucket, key: `${beside}${file}` });
      if (!body) throw new Error(`no ${file} in s3://${evaluated.bucket}/${beside}`);
      await store.put({ bucket: artifactsBucket, key: `${folder}/${baselineFolder}${file}` }, body, "application/json");
    }),
  );
  const { ModelPackageArn } = await new SageMakerClient(session).send(
    new CreateModelPackageCommand({
      ModelPackageGroupName: modelPackageGroup,
      ModelApprovalStatus: "PendingManualApproval",
      InferenceSpecification: {
        ...described.InferenceSpecification!,
        Containers: [{ Image: container.Image, ModelDataUrl: `s3://${artifactsBucket}/${folder}/${archiveName}` }],
      },
      ModelMetrics: {
        ModelQuality: {
          Statistics: { ContentType: "application/json", S3Uri: `s3://${artifactsBucket}/${folder}/${evaluationName}` },
        },
      },
      CustomerMetadataProperties: { ...described.CustomerMetadataProperties, modelSha256: sha256 },
      ModelCard: {
        ModelCardContent: cardOfVariant(described.ModelCard!.ModelCardContent!, {
          artifact: `s3://${artifactsBucket}/${folder}/${archiveName}`,
          evaluation: `s3://${artifactsBucket}/${folder}/${evaluationName}`,
          modelSha256: sha256,
        }),
        ModelCardStatus: "PendingReview",
      },
    }),
  );
  const { dev } = rehearsal.environments;
  await decideAbout(
    { ...session, profile: "approver" },
    await dev.outputs(),
    ModelPackageArn!,
    { verdict: "Approved", why: "rehearsal" },
    () => undefined,
  );
  return ModelPackageArn!;
}

/** The card of the model that it was made from, with what is another one. */
function cardOfVariant(
  original: string,
  { artifact, evaluation, modelSha256 }: { artifact: string; evaluation: string; modelSha256: string },
): string {
  const card = packageCard.parse(JSON.parse(original));
  const details = { ...card.additional_information.custom_details, modelSha256, evaluation };
  return JSON.stringify({
    ...card,
    model_overview: { ...card.model_overview, model_artifact: [artifact] },
    additional_information: { custom_details: details },
  });
}

interface Evaluation {
  readonly detection_metrics: {
    readonly map50: object;
    readonly slices: object;
    readonly latency_ms: object;
    readonly model_bytes: number;
  };
  readonly model: { readonly archive_sha256: string };
}

/**
 * The evaluation that the variant would have got beside the model it was made from: the same network scores the same.
 */
function asEvaluated(original: Evaluation, sha256: string): object {
  const { map50, slices, latency_ms, model_bytes } = original.detection_metrics;
  const comparison = {
    champion: true,
    champion_map50: map50,
    champion_slices: slices,
    champion_latency_ms: latency_ms,
    champion_model_bytes: model_bytes,
    map50_gain: { value: 0 },
    map50_gain_ci95: [0, 0],
  };
  return {
    ...original,
    comparison,
    model: { ...original.model, archive_sha256: sha256 },
    champion_model: { archive_sha256: original.model.archive_sha256 },
  };
}

async function withThresholds(archive: Buffer, confidence: number): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), "peregrine-variant-"));
  try {
    await writeFile(join(folder, "in.tar.gz"), archive);
    await run("tar", ["-xzf", "in.tar.gz"], { cwd: folder });
    const model = JSON.parse(await readFile(join(folder, "model.json"), "utf8")) as { thresholds: object };
    await writeFile(
      join(folder, "model.json"),
      JSON.stringify({ ...model, thresholds: { ...model.thresholds, confidence } }),
    );
    await run("tar", ["-czf", "out.tar.gz", "model.onnx", "model.json"], { cwd: folder });
    return await readFile(join(folder, "out.tar.gz"));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
