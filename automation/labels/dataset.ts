import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { DeliveredLabel } from "../../contract/labels";
import { UserError } from "../errors";
import { type ExportManifest, toCocoBox } from "./label-set";

/** What `prepare` needs to know of a flight (`peregrine_ml/flights.py`), as somebody says it of all of them. */
export interface FlightFacts {
  readonly light: string;
  readonly altitude: string;
  readonly region: string;
}

export interface Dataset {
  readonly images: number;
  readonly boxes: number;
  readonly flights: readonly string[];
  /** Images that several people labelled: whose boxes are true nobody can say without looking. */
  readonly severalLabels: number;
  /** Labels that name no image of the export, or judge detections without drawing. */
  readonly withoutBoxes: number;
}

/**
 * Writes labelled images as flights that `prepare --formats coco` reads: images, `annotations.json` and `flights.csv`.
 * Who owns the data set puts them there: no role of ours writes to it.
 * @param from the export's folder. @throws UserError where nothing of it can be trained on.
 */
export function writeDataset(
  labels: readonly DeliveredLabel[],
  manifest: ExportManifest,
  from: string,
  to: string,
  { light, altitude, region }: FlightFacts,
): Dataset {
  const byId = new Map<string, DeliveredLabel[]>();
  for (const label of labels) byId.set(label.inferenceId, [...(byId.get(label.inferenceId) ?? []), label]);
  const images: object[] = [];
  const annotations: object[] = [];
  const rows: string[] = [];
  const flights = new Set<string>();
  const classes = [
    ...new Set(labels.flatMap((label) => ("boxes" in label ? label.boxes.map(({ class: name }) => name) : []))),
  ].sort();
  let severalLabels = 0;
  for (const { file, inferenceId, flight, width, height } of manifest.images) {
    const [label, ...more] = byId.get(inferenceId) ?? [];
    if (!label || !("boxes" in label)) continue;
    if (more.length > 0) {
      severalLabels += 1;
      continue;
    }
    const source = join(from, file);
    if (!existsSync(source))
      throw new UserError(`${source} is not there.`, "Import from the folder that the export was written to.");
    mkdirSync(dirname(join(to, file)), { recursive: true });
    copyFileSync(source, join(to, file));
    const image = images.push({ id: images.length + 1, file_name: file, width, height });
    for (const { class: name, box } of label.boxes) {
      const bbox = toCocoBox(box);
      annotations.push({
        id: annotations.length + 1,
        image_id: image,
        category_id: classes.indexOf(name) + 1,
        bbox,
        area: bbox[2]! * bbox[3]!,
        iscrowd: 0,
      });
    }
    flights.add(flight);
    const sha256 = createHash("sha256").update(readFileSync(source)).digest("hex");
    rows.push([file, flight, light, altitude, region, "", sha256].map(csvField).join(","));
  }
  if (images.length === 0)
    throw new UserError(
      "No image of the export has true boxes from one person: there is nothing to train on.",
      "Draw boxes; verdicts about detections tell of quality alone.",
    );
  const categories = classes.map((name, index) => ({ id: index + 1, name }));
  writeFileSync(join(to, "annotations.json"), `${JSON.stringify({ images, categories, annotations }, undefined, 1)}\n`);
  writeFileSync(join(to, "flights.csv"), `file,flight,light,altitude,region,split,sha256\n${rows.join("\n")}\n`);
  const known = new Set(manifest.images.map(({ inferenceId }) => inferenceId));
  const withoutBoxes = labels.filter((label) => !("boxes" in label) || !known.has(label.inferenceId)).length;
  return {
    images: images.length,
    boxes: annotations.length,
    flights: [...flights].sort(),
    severalLabels,
    withoutBoxes,
  };
}

function csvField(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
