import { XMLParser } from "fast-xml-parser";
import { z } from "zod";
import { ObjectStore } from "../../../aws/s3";
import type { AwsSession } from "../../../aws/session";
import type { GoldenAnswer } from "../../../lifecycle/golden";
import type { GoldenExpectation } from "../../../lifecycle/golden-verdict";
import { UserError } from "../../errors";

/** A real image of the dataset, with what people marked in it. */
export interface GoldenImage extends GoldenExpectation {
  readonly contentType: string;
  readonly body: Buffer;
}

/** Images by their keys, each with the labels beside it. @throws UserError naming an image with broken labels. */
export async function readGolden(session: AwsSession, bucket: string, keys: readonly string[]): Promise<GoldenImage[]> {
  const store = new ObjectStore(session);
  return Promise.all(
    keys.map(async (key) => {
      const [body, labels] = await Promise.all([store.get({ bucket, key }), store.get({ bucket, key: labelsOf(key) })]);
      if (!body)
        throw new UserError(`s3://${bucket}/${key} is listed and cannot be read.`, "Ask the owner of the dataset.");
      return {
        key,
        contentType: /\.png$/i.test(key) ? "image/png" : "image/jpeg",
        body,
        expected: labels && parseLabels(key, labels.toString("utf8")),
      };
    }),
  );
}

/** Where an image's labels lie. */
export function labelsOf(key: string): string {
  return key.replace(/\.[^./]+$/, ".xml");
}

const vocParser = new XMLParser({ isArray: (name) => name === "object" });

const vocShape = z.object({
  annotation: z.object({
    size: z.object({ width: z.number(), height: z.number() }),
    object: z
      .array(
        z.object({
          name: z.coerce.string(),
          bndbox: z.object({ xmin: z.number(), ymin: z.number(), xmax: z.number(), ymax: z.number() }),
        }),
      )
      .default([]),
  }),
});

/** Pascal VOC, as `peregrine_ml` reads it. @throws UserError naming the image when the labels are no VOC. */
function parseLabels(image: string, text: string): GoldenAnswer {
  const parsed = vocShape.safeParse(vocParser.parse(text));
  if (!parsed.success)
    throw new UserError(
      `The labels of ${image} (${labelsOf(image)}) are no Pascal VOC: ${z.prettifyError(parsed.error)}`,
      "Correct them in the dataset, or remove the file.",
    );
  const { size, object } = parsed.data.annotation;
  const detections = object.map(({ name, bndbox: { xmin, ymin, xmax, ymax } }) => ({
    name,
    confidence: 1,
    box: [xmin, ymin, xmax, ymax] as const,
  }));
  return { image, width: size.width, height: size.height, detections };
}
