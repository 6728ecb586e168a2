import { z } from "zod";
import type { CapturedAnswer } from "./captured";
import type { ExportManifest, LabelSet } from "./label-set";

/** Label Studio's export, format JSON, as far as it is read (its documentation, "Export annotations"). */
const exportedTasks = z.array(
  z.object({
    id: z.number().optional(),
    data: z.record(z.string(), z.unknown()),
    annotations: z.array(
      z.object({
        was_cancelled: z.boolean().default(false),
        completed_by: z.unknown().optional(),
        result: z.array(z.record(z.string(), z.unknown())),
      }),
    ),
  }),
);
const rectangle = z.object({
  original_width: z.number().positive(),
  original_height: z.number().positive(),
  value: z.object({
    // In per cent of the image.
    x: z.number(),
    y: z.number(),
    width: z.number(),
    height: z.number(),
    rotation: z.number().default(0),
    rectanglelabels: z.array(z.string()),
  }),
});

/** Whether a document is Label Studio's. */
export function isLabelStudio(document: unknown): boolean {
  return Array.isArray(document) && document.length > 0 && exportedTasks.safeParse(document).success;
}

/** Labels of a Label Studio export: each annotation is one person's word about one image. */
export function readLabelStudio(document: unknown, manifest: ExportManifest | undefined): LabelSet {
  const problems: string[] = [];
  const byId = new Map(manifest?.images.map((image) => [image.inferenceId, image]));
  let skipped = 0;
  const labels = exportedTasks.parse(document).flatMap(({ id, data, annotations }, index) => {
    const task = `task ${id ?? index}`;
    const inferenceId = data["inference_id"];
    const given = annotations.filter(({ was_cancelled: cancelled }) => !cancelled);
    skipped += annotations.length - given.length + (annotations.length === 0 ? 1 : 0);
    if (given.length > 0 && typeof inferenceId !== "string") {
      problems.push(`${task}: no inference_id in its data`);
      return [];
    }
    const sample = data["sample"] ?? byId.get(inferenceId as string)?.sample;
    return given.map(({ completed_by: who, result }, at) => {
      const place = `${task}, annotation ${at + 1}`;
      const boxes = result.flatMap((one, part) => readRectangle(one, `${place}, result ${part + 1}`, problems));
      const annotator = annotatorOf(who);
      return {
        place,
        value: { inferenceId, boxes, ...(annotator ? { annotator } : {}), ...(sample ? { sample } : {}) },
      };
    });
  });
  return { labels, problems, skipped };
}

function readRectangle(
  result: Readonly<Record<string, unknown>>,
  place: string,
  problems: string[],
): { class: string; box: number[] }[] {
  // Choices, texts and ratings say nothing of where objects are; other shapes would, and are not understood.
  if (["choices", "textarea", "rating", "number"].includes(String(result["type"]))) return [];
  const parsed = rectangle.safeParse(result);
  if (result["type"] !== "rectanglelabels" || !parsed.success) {
    problems.push(`${place}: ${String(result["type"])} is no rectangle with a label`);
    return [];
  }
  const { original_width: width, original_height: height, value } = parsed.data;
  const [name, ...more] = value.rectanglelabels;
  if (name === undefined || more.length > 0)
    problems.push(`${place}: has ${more.length + (name ? 1 : 0)} classes, not one`);
  if (value.rotation !== 0) problems.push(`${place}: is turned by ${value.rotation} degrees; boxes are upright`);
  const [left, top] = [(value.x / 100) * width, (value.y / 100) * height];
  const box = [left, top, left + (value.width / 100) * width, top + (value.height / 100) * height];
  return [{ class: name ?? "", box: box.map((number) => Math.round(number * 100) / 100) }];
}

/** Exports name people by number, or by a record with their address. */
function annotatorOf(who: unknown): string | undefined {
  if (typeof who === "number") return `label-studio-user-${who}`;
  const email = (who as { email?: unknown } | null | undefined)?.email;
  return typeof email === "string" && email !== "" ? email : undefined;
}

/** Tasks to import into Label Studio, with what the model found as predictions: people see it and correct it. */
export function labelStudioTasks({ images }: ExportManifest, answers: ReadonlyMap<string, CapturedAnswer>): object[] {
  return images.map(({ file, inferenceId, flight, width, height, why, sample }) => {
    const answer = answers.get(inferenceId);
    const detections = answer?.detections ?? [];
    return {
      data: {
        image: `/data/local-files/?d=${encodeURIComponent(file)}`,
        inference_id: inferenceId,
        flight,
        why,
        sample,
      },
      predictions: [
        {
          model_version: answer?.modelSha256.slice(0, 12) ?? "unknown",
          result: detections.map(({ name, confidence, box: [left = 0, top = 0, right = 0, bottom = 0] }) => ({
            from_name: "label",
            to_name: "image",
            type: "rectanglelabels",
            original_width: width,
            original_height: height,
            score: confidence,
            value: {
              x: (left / width) * 100,
              y: (top / height) * 100,
              width: ((right - left) / width) * 100,
              height: ((bottom - top) / height) * 100,
              rotation: 0,
              rectanglelabels: [name],
            },
          })),
        },
      ],
    };
  });
}

/** The labelling interface that goes with the tasks. */
export function labelStudioInterface(classes: readonly string[]): string {
  const escaped = (text: string): string => text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
  const labels = classes.map((name) => `    <Label value="${escaped(name)}"/>\n`).join("");
  return `<View>\n  <Image name="image" value="$image"/>\n  <RectangleLabels name="label" toName="image">\n${labels}  </RectangleLabels>\n</View>\n`;
}
