import { flightsFile } from "../../../lifecycle/new-data/flights";
import { z } from "zod";
import { ObjectStore } from "../../../aws/s3";
import type { AwsSession } from "../../../aws/session";
import { type DatasetImage, flightRows, heldOut } from "../../../lifecycle/held-out";
import { UserError } from "../../errors";
import { type GoldenImage, labelsOf, readGolden } from "./images";
import type { Environment } from "../../stack/environment";

/** Where an environment's golden images come from. */
export interface GoldenSource {
  readonly bucket: string;
  /** The dataset's prefix; with its slash. */
  readonly prefix: string;
  /**
   * A prefix of images that nobody trains on, beside the dataset; without one the test split of the dataset is taken.
   */
  readonly goldenPrefix?: string;
}

const shape = z.object({ datasetPrefix: z.string().min(1), goldenPrefix: z.string().optional() });
/**
 * What `prepare` takes for an image (`peregrine_ml/annotations/model.py`); a flight may have some that no endpoint is
 * sent.
 */
const image = /\.(jpe?g|png|bmp|tiff?)$/i;
const sendable = /\.(jpe?g|png)$/i;

/** @throws UserError when the stack's settings name no dataset. */
export function goldenSource({ name, settings }: Pick<Environment, "name" | "settings">, bucket: string): GoldenSource {
  const parsed = shape.safeParse(settings);
  if (!parsed.success)
    throw new UserError(
      `The settings of ${name} name no dataset: ${z.prettifyError(parsed.error)}`,
      `Set peregrine:datasetPrefix in Pulumi.${name}.yaml.`,
    );
  return { bucket, prefix: parsed.data.datasetPrefix, goldenPrefix: parsed.data.goldenPrefix || undefined };
}

/**
 * Real images that no training saw, evenly picked, labelled ones first: what a model knows by heart proves nothing
 * about the next flight.
 * @throws UserError when there are none.
 */
export async function goldenImages(session: AwsSession, source: GoldenSource, count: number): Promise<GoldenImage[]> {
  const { keys, labelled } = await findGolden(session, source);
  if (keys.length === 0) throw new UserError(`No image to test an endpoint with: ${noGolden(source)}.`, goldenCure);
  return readGolden(session, source.bucket, evenly(labelled.length > 0 ? labelled : keys, count));
}

/** What to do where there are no golden images. */
export const goldenCure =
  "Give some flights the split `test` in flights.csv, or name a prefix of images that nobody trains on: peregrine:goldenPrefix in the stack's settings.";

/** Why there are none. */
export function noGolden({ bucket, prefix, goldenPrefix }: GoldenSource): string {
  return goldenPrefix
    ? `s3://${bucket}/${goldenPrefix} (peregrine:goldenPrefix) holds no JPEG or PNG image`
    : `no JPEG or PNG image of s3://${bucket}/${prefix} is of a flight that is held out of training`;
}

/**
 * Keys of images that may be sent to an endpoint, and of those among them that have labels.
 * @throws UserError when there is no such bucket.
 */
export async function findGolden(
  session: AwsSession,
  { bucket, prefix, goldenPrefix }: GoldenSource,
): Promise<{ keys: string[]; labelled: string[] }> {
  const store = new ObjectStore(session);
  if (!(await store.bucketExists(bucket)))
    throw new UserError(
      `The dataset bucket ${bucket} does not exist.`,
      "Check the dataset bucket in the stack's settings (datasetBucket).",
    );
  const from = goldenPrefix ?? prefix;
  const all = new Set((await store.list(bucket, from)).map(({ key }) => key));
  const images: DatasetImage[] = [...all]
    .filter((key) => image.test(key))
    .map((key) => ({ file: key.slice(from.length), labelled: all.has(labelsOf(key)) }));
  const csv =
    goldenPrefix || !all.has(prefix + flightsFile) ? undefined : await store.get({ bucket, key: prefix + flightsFile });
  const chosen = (goldenPrefix ? images : heldOut(images, flightRows(csv?.toString("utf8")))).filter(({ file }) =>
    sendable.test(file),
  );
  const keysOf = (some: readonly DatasetImage[]) => some.map(({ file }) => from + file);
  return { keys: keysOf(chosen), labelled: keysOf(chosen.filter(({ labelled }) => labelled)) };
}

function evenly<Item>(items: readonly Item[], count: number): Item[] {
  const step = Math.max(1, Math.floor(items.length / count));
  return items.filter((_, index) => index % step === 0).slice(0, count);
}
