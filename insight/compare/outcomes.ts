import { gunzipSync } from "node:zlib";
import { z } from "zod";
import { documentSchema } from "../../contract/documents";
import { readJson } from "../../contract/json";

/** More than any data set of ours: what is larger was made to fill a memory. */
const maxBytes = 512 * 1024 ** 2;

const flag = z.union([z.literal(0), z.literal(1)]);
/** x1, y1, x2, y2 in pixels of the tile. */
const corner = z.number();

const image = z.object({
  file: z.string(),
  sha256: z.string(),
  flight: z.string(),
  light: z.string(),
  altitude: z.string(),
  derived: z.boolean(),
  width: z.number().positive(),
  height: z.number().positive(),
  /** Corners, class, whether an answer at the threshold found it. */
  true: z.array(z.tuple([corner, corner, corner, corner, z.number().int().nonnegative(), flag])),
  /** Corners, class, score, whether it is right: the answers at the model's threshold. */
  shown: z.array(z.tuple([corner, corner, corner, corner, z.number().int().nonnegative(), z.number(), flag])),
  /** All answers, by class. */
  ranked: z.array(z.object({ scores: z.array(z.number()), hits: z.string().regex(/^[01]*$/) })),
});

const outcomes = z.object({
  schema: z.literal(documentSchema.outcomes),
  classes: z.array(z.string()).min(1),
  confidence: z.number(),
  score_steps: z.number().positive(),
  images: z.array(image),
});

export type TileOutcome = Readonly<z.infer<typeof image>>;

/** What a model answered to each tile that it was evaluated with (`ml/peregrine_ml/evaluation/outcomes.py`). */
export type Outcomes = Readonly<z.infer<typeof outcomes>>;

/** Reads `outcomes.json.gz`. @returns why not, as a text, where it is none. */
export function readOutcomes(body: Buffer): Outcomes | string {
  let text: string;
  try {
    text = gunzipSync(body, { maxOutputLength: maxBytes }).toString("utf8");
  } catch (error) {
    return `it cannot be unpacked: ${(error as Error).message}`;
  }
  const found = readJson(text, outcomes);
  if (found.kind === "not-json") return found.why;
  if (found.kind === "damaged") return found.problems.slice(0, 5).join("; ");
  const { classes, images } = found.value;
  const odd = images.find(
    ({ ranked }) =>
      ranked.length !== classes.length || ranked.some(({ scores, hits }) => scores.length !== hits.length),
  );
  return odd ? `${odd.file} has answers of other classes than the model` : found.value;
}

/** By what a tile is the same to two models: its bytes, or its name where these are not known, and its labels. */
export function tileKey({ sha256, file, true: boxes }: TileOutcome): string {
  return `${sha256 || file} ${boxes.map((box) => box.slice(0, 5).join(" ")).join(",")}`;
}
