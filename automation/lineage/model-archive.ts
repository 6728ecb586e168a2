import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { z } from "zod";
import { readJson } from "../../contract/json";
import type { ModelDescription } from "../../records/lineage/from-registry";

/** The block that tar is made of (POSIX pax, "ustar interchange format"). */
const block = 512;
/** Larger archives are not unpacked; YOLO11x takes 0.4 GB. */
const maxUnpacked = 1024 ** 3;

/** A plain file of an archive. */
export interface ArchivedFile {
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
}

export interface ModelArchive {
  readonly sha256: string;
  /** In the archive's order. */
  readonly files: readonly ArchivedFile[];
  readonly description: ModelDescription | undefined;
}

/** `model.json` as `ml/peregrine_ml/training/train.py` writes it. */
const document = z.object({
  architecture: z.string().optional(),
  digests: z.object({ onnx: z.string(), dataset: z.string().optional(), base_weights: z.string().optional() }),
  hyperparameters: z.record(z.string(), z.unknown()).default({}),
  versions: z.record(z.string(), z.string()).default({}),
  mlflow: z.object({ experiment: z.string().optional(), run_id: z.string().optional() }).optional(),
  training: z.object({ job: z.string().optional() }).optional(),
});

/** Reads a model archive: what it holds, by digest, and what its model says of itself. @throws Error of zlib. */
export function readModelArchive(body: Buffer): ModelArchive {
  const tar = gunzipSync(body, { maxOutputLength: maxUnpacked });
  const files: ArchivedFile[] = [];
  let description: ModelDescription | undefined;
  for (const { path, content } of plainFiles(tar)) {
    files.push({ path, sha256: createHash("sha256").update(content).digest("hex"), bytes: content.length });
    if (path === "model.json") description = describe(content.toString("utf8"));
  }
  return { sha256: createHash("sha256").update(body).digest("hex"), files, description };
}

/** Names of up to 100 characters, which ours are; pax headers before longer ones are no plain files. */
function* plainFiles(tar: Buffer): Generator<{ readonly path: string; readonly content: Buffer }> {
  for (let at = 0; at + block <= tar.length;) {
    const header = tar.subarray(at, at + block);
    if (header[0] === 0) return;
    const field = (from: number, to: number) => header.toString("utf8", from, to).replace(/\0.*$/s, "");
    const bytes = Number.parseInt(field(124, 136).trim() || "0", 8);
    const kind = field(156, 157);
    const start = at + block;
    if (kind === "" || kind === "0")
      yield { path: field(0, 100).replace(/^\.\//, ""), content: tar.subarray(start, start + bytes) };
    at = start + Math.ceil(bytes / block) * block;
  }
}

function describe(text: string): ModelDescription | undefined {
  const read = readJson(text, document);
  if (read.kind !== "value") return undefined;
  const { architecture, digests, hyperparameters, versions, mlflow, training } = read.value;
  return {
    onnxSha256: digests.onnx,
    datasetDigest: digests.dataset,
    baseWeightsSha256: digests.base_weights,
    runId: mlflow?.run_id,
    experiment: mlflow?.experiment,
    trainingJob: training?.job,
    architecture,
    hyperparameters: Object.fromEntries(
      Object.entries(hyperparameters).map(([name, value]) => [
        name,
        typeof value === "string" ? value : JSON.stringify(value),
      ]),
    ),
    versions,
  };
}
