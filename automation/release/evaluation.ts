import { createHash } from "node:crypto";
import type { DescribeModelPackageOutput } from "@aws-sdk/client-sagemaker";
import { z } from "zod";
import { documentSchema } from "../../contract/documents";
import { baselineFiles, baselineFolder } from "../../contract/monitoring";
import { championKey } from "../../contract/places";
import { type ObjectStore, parseS3Uri } from "../../aws/s3";
import type { Champion, Evaluation, Quality, Unknown } from "../../lifecycle/comparison";

const share = z.number().min(0).max(1);
const score = z.object({ value: share });
const slices = z.record(
  z.string(),
  z.record(z.string(), z.object({ map50: score, boxes: z.number().int().nonnegative() })),
);
const latency = z.object({ p50: z.number().positive(), p99: z.number().positive() });
const digest = z.string().regex(/^[0-9a-f]{64}$/, "not a SHA-256 in lower-case hexadecimal");
const bytes = z.number().int().positive();

const alone = z.object({ champion: z.literal(false) });
const beside = z.object({
  champion: z.literal(true),
  champion_map50: score,
  champion_slices: slices,
  champion_latency_ms: latency,
  champion_model_bytes: bytes,
  map50_gain: z.object({ value: z.number().min(-1).max(1) }),
  map50_gain_ci95: z.tuple([z.number(), z.number()]),
});

/** What the gate needs of `evaluation.json`; see ml/README.md. Members that it does not need may come and go. */
const document = z.object({
  schema: z.literal(documentSchema.evaluation),
  detection_metrics: z.object({ map50: score, map: score, slices, latency_ms: latency, model_bytes: bytes }),
  comparison: z.discriminatedUnion("champion", [alone, beside]),
  model: z.object({ archive_sha256: digest }),
  champion_model: z.object({ archive_sha256: digest }).nullable(),
  dataset: z.object({ digest: z.string().min(1) }),
});

/** What an evaluation says about the baseline beside it: whose it is, and the digests of its files. */
const baselineNote = z.object({
  model: z.object({ sha256: digest }),
  baseline: z.object(Object.fromEntries(baselineFiles.map((name) => [name, digest]))),
});

export interface BaselineNote {
  /** S3 URI of the folder. */
  readonly folder: string;
  /** Digest of the model file, by which answers name it. */
  readonly modelSha256: string;
  /** SHA-256 by file name. */
  readonly digests: Readonly<Record<string, string>>;
}

/** An evaluation with the digest of the bytes that it was read from; null when there are none. */
export interface ReadEvaluation {
  readonly evaluation: Evaluation | Unknown;
  readonly sha256: string | null;
  readonly baseline: BaselineNote | Unknown;
}

/**
 * The evaluation that a package names in its model metrics. What is missing or cannot be read is not an error: the gate
 * says so beside its other reasons.
 * @throws what S3 throws when it refuses.
 */
export async function readEvaluation(
  store: Pick<ObjectStore, "get">,
  described: Pick<DescribeModelPackageOutput, "ModelMetrics">,
): Promise<ReadEvaluation> {
  const unknown = (why: string): ReadEvaluation => ({
    evaluation: { unknown: why },
    sha256: null,
    baseline: { unknown: why },
  });
  const uri = described.ModelMetrics?.ModelQuality?.Statistics?.S3Uri;
  if (!uri) return unknown("the package names no evaluation (ModelMetrics.ModelQuality.Statistics)");
  if (!/^s3:\/\/[^/]+\/.+/.test(uri))
    return unknown(`the package names ${uri} as its evaluation, which is no object in S3`);
  const found = await store.get(parseS3Uri(uri));
  return found
    ? {
        evaluation: parseEvaluation(found.toString("utf8"), uri),
        sha256: createHash("sha256").update(found).digest("hex"),
        baseline: baselineOf(found.toString("utf8"), uri),
      }
    : unknown(`${uri} does not exist`);
}

/** The baseline that an evaluation was written with; those of earlier versions have none. @param uri of the document. */
function baselineOf(text: string, uri: string): BaselineNote | Unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const parsed = baselineNote.safeParse(value);
  if (!parsed.success) return { unknown: `${uri} names no baseline` };
  const folder = `${uri.slice(0, uri.lastIndexOf("/") + 1)}${baselineFolder}`;
  return { folder, modelSha256: parsed.data.model.sha256, digests: parsed.data.baseline };
}

/** Parses an evaluation document. @param name what to call it in a reason. */
export function parseEvaluation(text: string, name: string): Evaluation | Unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { unknown: `${name} is not JSON: ${(error as Error).message}` };
  }
  const parsed = document.safeParse(value);
  if (!parsed.success)
    return {
      unknown: `${name} is not an evaluation: ${parsed.error.issues.map(({ path, message }) => `${path.join(".") || "document"}: ${message}`).join("; ")}`,
    };
  const { detection_metrics: own, comparison, model, champion_model: championModel, dataset } = parsed.data;
  if (comparison.champion !== (championModel !== null))
    return {
      unknown: `${name} contradicts itself: it compares with a champion without naming it, or names one without comparing`,
    };
  const evaluation: Evaluation = {
    ...quality(own.map50.value, own.slices, own.latency_ms, own.model_bytes),
    archiveSha256: model.archive_sha256,
    map: own.map.value,
    datasetDigest: dataset.digest,
  };
  if (!comparison.champion) return evaluation;
  return {
    ...evaluation,
    comparison: {
      championSha256: championModel!.archive_sha256,
      champion: quality(
        comparison.champion_map50.value,
        comparison.champion_slices,
        comparison.champion_latency_ms,
        comparison.champion_model_bytes,
      ),
      map50Gain: comparison.map50_gain.value,
      map50GainCi95: comparison.map50_gain_ci95,
    },
  };
}

/** The archive that candidates must not be worse than: what production serves, as promotion laid it down. */
export async function readChampion(store: Pick<ObjectStore, "get">, artifactsBucket: string): Promise<Champion> {
  const archive = await store.get({ bucket: artifactsBucket, key: championKey });
  return archive ? { archiveSha256: createHash("sha256").update(archive).digest("hex") } : "none";
}

function quality(
  map50: number,
  measured: z.infer<typeof slices>,
  latencyMs: Quality["latencyMs"],
  modelBytes: number,
): Quality {
  const scores = Object.entries(measured).map(([kind, group]) => [
    kind,
    Object.fromEntries(
      Object.entries(group).map(([name, one]) => [name, { map50: one.map50.value, boxes: one.boxes }]),
    ),
  ]);
  return { map50, slices: Object.fromEntries(scores) as Quality["slices"], latencyMs, modelBytes };
}
