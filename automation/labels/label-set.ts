import { z } from "zod";
import { labelSamples } from "../../contract/labels";

/** An image that was written for people to label. */
const exportedImage = z.object({
  /** Below the folder of the export, with forward slashes. */
  file: z.string().min(1),
  inferenceId: z.string().min(1),
  flight: z.string(),
  variant: z.string(),
  at: z.string(),
  width: z.number().positive(),
  height: z.number().positive(),
  why: z.string(),
  sample: z.enum(labelSamples),
});
export type ExportedImage = Readonly<z.infer<typeof exportedImage>>;

/** `export.json`: what an export holds, and which answer each image belongs to. */
export const exportManifest = z.object({
  schema: z.literal("peregrine.label-export/1"),
  endpoint: z.string(),
  from: z.string(),
  to: z.string(),
  classes: z.array(z.string()),
  images: z.array(exportedImage),
});
export type ExportManifest = Readonly<z.infer<typeof exportManifest>>;

/** Files of an export. */
export const exportFiles = {
  manifest: "export.json",
  /** Images and classes, without annotations: what people draw goes there. */
  coco: "coco.json",
  /** What the model found, as COCO's results: for tools that show it, and no truth. */
  detections: "detections.json",
  tasks: "label-studio.json",
  /** Label Studio's labelling interface. */
  interface: "label-studio.xml",
} as const;

/** Labels out of a file, before anything is checked but the file's own form. */
export interface LabelSet {
  readonly labels: readonly ImportedLabel[];
  readonly problems: readonly string[];
  /** Images that nobody labelled, and annotations that somebody gave up. */
  readonly skipped: number;
}

export interface ImportedLabel {
  /** Where it stands in the file, for people. */
  readonly place: string;
  /** A label as the feedback function takes it. */
  readonly value: unknown;
}

/** A box of COCO and of its results: left, top, width, height. */
export function toCocoBox([left, top, right, bottom]: readonly number[]): number[] {
  return [left!, top!, right! - left!, bottom! - top!];
}
