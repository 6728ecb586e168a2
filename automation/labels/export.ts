import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ObjectStore } from "../../aws/s3";
import { baselinePrefix } from "../../contract/monitoring";
import { isRandom, selectForLabelling, type Usual, usualOf } from "../../lifecycle/label-selection";
import { UserError } from "../errors";
import { type CapturedAnswer, capturedImages, readCaptured } from "./captured";
import { cocoResults, cocoToLabel } from "./coco";
import type { ImageSource } from "./image-source";
import { readKnownLabels } from "./known-labels";
import { type ExportManifest, exportFiles } from "./label-set";
import { labelStudioInterface, labelStudioTasks } from "./label-studio";
import type { LabelPlace } from "./place";
import { usualFromStatistics } from "./usual";

export interface ExportOptions {
  readonly from: Date;
  readonly to: Date;
  readonly count: number;
  readonly folder: string;
  /** Another one draws other lots. */
  readonly seed: string;
  /** Images by inference id, where requests were not captured with them. */
  readonly images?: ImageSource;
}

export interface Exported {
  readonly manifest: ExportManifest;
  /** Answers of the period that nobody settled yet. */
  readonly candidates: number;
  readonly answers: number;
  readonly unreadable: number;
  readonly doubled: number;
  /** Chosen answers whose image is nowhere. */
  readonly withoutImage: readonly string[];
}

/**
 * Chooses captured answers that are worth a person's time and writes them with their images, as COCO and as tasks for
 * Label Studio.
 * @throws UserError where nothing was captured, or every answer is labelled.
 */
export async function exportForLabelling(place: LabelPlace, options: ExportOptions): Promise<Exported> {
  const { session, bucket, endpoint } = place;
  if (options.from > options.to)
    throw new UserError(
      `The period ends before it begins: ${options.from.toISOString()} to ${options.to.toISOString()}.`,
      "Turn --from and --to around.",
    );
  const store = new ObjectStore(session);
  const { answers, unreadable, doubled } = await readCaptured(store, bucket, endpoint, options.from, options.to);
  if (answers.length === 0)
    throw new UserError(
      `${endpoint} has captured no readable answer from ${options.from.toISOString()} to ${options.to.toISOString()}${unreadable > 0 ? `; ${unreadable} lines are unreadable` : ""}.`,
      "Name another period (--from, --to): capture comes some minutes after the answers.",
    );
  const { settled, reported } = await readKnownLabels(store, bucket, endpoint, options.from);
  const candidates = answers
    .filter(({ inferenceId }) => !settled.has(inferenceId))
    .map((answer) => ({ ...answer, reported: reported.has(answer.inferenceId) }));
  if (candidates.length === 0)
    throw new UserError(
      `All ${answers.length} answers of that period are labelled.`,
      "Name another period: --from, --to.",
    );
  const usual = (await usualOfModels(store, bucket, answers)) ?? usualOf(candidates);
  const chosen = selectForLabelling(candidates, options.count, usual, options.seed);
  const byId = new Map(answers.map((answer) => [answer.inferenceId, answer]));
  const bodies = await capturedImages(
    store,
    bucket,
    chosen.map(({ inferenceId }) => byId.get(inferenceId)!),
  );
  const images: ExportManifest["images"][number][] = [];
  const withoutImage: string[] = [];
  for (const { inferenceId, why } of chosen) {
    const answer = byId.get(inferenceId)!;
    const body = bodies.get(inferenceId) ?? (await options.images?.find(inferenceId));
    if (!body) {
      withoutImage.push(inferenceId);
      continue;
    }
    const file = fileOf(inferenceId, body);
    mkdirSync(dirname(join(options.folder, file)), { recursive: true });
    writeFileSync(join(options.folder, file), body);
    const { flight, variant, at, width, height } = answer;
    const sample = isRandom(why) ? "random" : "chosen";
    images.push({ file, inferenceId, flight, variant, at, width, height, why, sample });
  }
  const manifest: ExportManifest = {
    schema: "peregrine.label-export/1",
    endpoint,
    from: options.from.toISOString(),
    to: options.to.toISOString(),
    classes: [...new Set(answers.flatMap(({ detections }) => detections.map(({ name }) => name)))].sort(),
    images,
  };
  write(options.folder, manifest, byId);
  return { manifest, candidates: candidates.length, answers: answers.length, unreadable, doubled, withoutImage };
}

/** How features usually are for the model that gave most answers; undefined where it has no baseline. */
async function usualOfModels(
  store: ObjectStore,
  bucket: string,
  answers: readonly CapturedAnswer[],
): Promise<Record<string, Usual> | undefined> {
  const counts = new Map<string, number>();
  for (const { modelSha256 } of answers) counts.set(modelSha256, (counts.get(modelSha256) ?? 0) + 1);
  const [model] = [...counts].sort((a, b) => b[1] - a[1])[0]!;
  const text = await store.get({ bucket, key: `${baselinePrefix(model)}statistics.json` });
  return text && usualFromStatistics(text.toString("utf8"));
}

/**
 * `images/<flight>/<rest>.jpg`. An inference id may hold anything that prints: what could leave the folder, or meet
 * another id, is told apart by a digest.
 */
export function fileOf(inferenceId: string, body: Buffer): string {
  const suffix = body.subarray(0, 4).toString("latin1") === "\x89PNG" ? "png" : "jpg";
  const parts = inferenceId.split("/");
  const safe = parts.map((part) => part.replace(/[^\w.-]/g, "_").replace(/^\.+/, "_"));
  const changed = safe.some((part, index) => part !== parts[index]) || safe.includes("");
  const digest = changed ? `-${createHash("sha256").update(inferenceId).digest("hex").slice(0, 8)}` : "";
  return ["images", ...safe.map((part) => part || "_")].join("/") + `${digest}.${suffix}`;
}

function write(folder: string, manifest: ExportManifest, answers: ReadonlyMap<string, CapturedAnswer>): void {
  const files: Readonly<Record<keyof typeof exportFiles, string>> = {
    manifest: json(manifest),
    coco: json(cocoToLabel(manifest)),
    detections: json(cocoResults(manifest, answers)),
    tasks: json(labelStudioTasks(manifest, answers)),
    interface: labelStudioInterface(manifest.classes),
  };
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files))
    writeFileSync(join(folder, exportFiles[name as keyof typeof exportFiles]), text);
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 1)}\n`;
}
