import { z } from "zod";
import type { CapturedAnswer } from "./captured";
import { type ExportedImage, type ExportManifest, type LabelSet, toCocoBox } from "./label-set";

const cocoFile = z.object({
  images: z.array(
    z.object({
      id: z.union([z.number(), z.string()]),
      file_name: z.string(),
      width: z.number().optional(),
      height: z.number().optional(),
      inference_id: z.string().optional(),
    }),
  ),
  categories: z.array(z.object({ id: z.union([z.number(), z.string()]), name: z.string() })),
  annotations: z.array(z.unknown()),
});

/** What an annotation should hold; nothing of it is believed. */
interface Annotation {
  readonly image_id: number | string;
  readonly category_id: number | string;
  readonly bbox?: unknown;
  readonly iscrowd?: unknown;
}

/** Whether a document is COCO's. */
export function isCoco(document: unknown): boolean {
  return cocoFile.safeParse(document).success;
}

export interface CocoOptions {
  /** Of the export that the images come from: it knows their answers. */
  readonly manifest: ExportManifest | undefined;
  /** An image without annotations shows no object; else nobody has labelled it yet. */
  readonly emptyIsBackground: boolean;
}

/** Labels of a COCO file; every problem with its annotation. */
export function readCoco(document: unknown, { manifest, emptyIsBackground }: CocoOptions): LabelSet {
  const { images, categories, annotations } = cocoFile.parse(document);
  const problems: string[] = [];
  const names = new Map(categories.map(({ id, name }) => [id, name]));
  const byFile = new Map(manifest?.images.map((image) => [image.file, image]));
  const byId = new Map(manifest?.images.map((image) => [image.inferenceId, image]));
  const sizes = new Map(images.map((image) => [image.id, image]));
  const boxes = new Map<number | string, { class: string; box: number[] }[]>(images.map(({ id }) => [id, []]));
  const crowds = new Set<number | string>();
  annotations.forEach((annotation, index) => {
    const place = `annotations[${index}]`;
    const { image_id, category_id, bbox, iscrowd } = (annotation ?? {}) as Annotation;
    const found = boxes.get(image_id);
    const name = names.get(category_id);
    if (!found) return problems.push(`${place}: image ${String(image_id)} is not listed`);
    if (iscrowd) return crowds.add(image_id);
    if (name === undefined) return problems.push(`${place}: category ${String(category_id)} is not listed`);
    const numbers = z.array(z.number()).length(4).safeParse(bbox);
    if (!numbers.success) return problems.push(`${place}: bbox is not [x, y, width, height]`);
    const [x, y, width, height] = numbers.data as [number, number, number, number];
    const { width: w = Infinity, height: h = Infinity } = sizes.get(image_id)!;
    if (x < -1 || y < -1 || x + width > w + 1 || y + height > h + 1)
      return problems.push(`${place}: the box [${numbers.data.join(", ")}] leaves its image (${w}x${h})`);
    return found.push({ class: name, box: [x, y, x + width, y + height] });
  });
  let skipped = 0;
  const labels = images.flatMap((image, index) => {
    const own = boxes.get(image.id)!;
    const known = byId.get(image.inference_id ?? "") ?? byFile.get(image.file_name);
    const inferenceId = image.inference_id ?? known?.inferenceId;
    // A group's outline says of none of its objects where it is: such an image is not labelled whole.
    if (crowds.has(image.id) || (own.length === 0 && !emptyIsBackground)) {
      skipped += 1;
      return [];
    }
    if (inferenceId === undefined) {
      problems.push(`images[${index}] (${image.file_name}): no inference_id, and the export does not know the file`);
      return [];
    }
    return [
      {
        place: `images[${index}] (${image.file_name})`,
        value: { inferenceId, boxes: own, ...(known ? { sample: known.sample } : {}) },
      },
    ];
  });
  return { labels, problems, skipped };
}

/** COCO's file for people to draw in: images and classes, and not what the model found. */
export function cocoToLabel({ images, classes }: ExportManifest): object {
  return {
    info: { description: "Answers worth a person's time; boxes are drawn by people alone" },
    images: images.map(({ file, width, height, inferenceId, flight, why }, index) => ({
      id: index + 1,
      file_name: file,
      width,
      height,
      inference_id: inferenceId,
      flight,
      why,
    })),
    categories: classes.map((name, index) => ({ id: index + 1, name })),
    annotations: [],
  };
}

/** What the model found in them, as COCO's results. */
export function cocoResults(
  { images, classes }: ExportManifest,
  answers: ReadonlyMap<string, CapturedAnswer>,
): object[] {
  return images.flatMap(({ inferenceId }: ExportedImage, index) =>
    (answers.get(inferenceId)?.detections ?? []).map(({ name, confidence, box }) => ({
      image_id: index + 1,
      category_id: classes.indexOf(name) + 1,
      bbox: toCocoBox(box),
      score: confidence,
    })),
  );
}
