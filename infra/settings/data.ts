import type { Demand } from "./problems";
import { flag, integer, oneNumberOf, optional, text, type Values } from "./setting";

const prefix = /^([^/]+\/)+$/;
/** The periods that CloudWatch Logs offers (PutRetentionPolicy). */
const logPeriods = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

export const dataSettings = {
  datasetBucket: text(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "a bucket name", {
    meaning: "Bucket with the training images. Referenced and read, never owned and never written.",
    example: "your-dataset-bucket",
  }),
  datasetPrefix: text(prefix, "a prefix that ends with a slash, such as flights/", {
    meaning: "Prefix inside the dataset bucket; ends with a slash.",
    default: "flights/",
  }),
  goldenPrefix: optional(prefix, "a prefix that ends with a slash, such as golden/", {
    meaning:
      "Prefix, beside the dataset's in the same bucket, of images that nobody trains on and releases are tested with; ends with a slash. When empty, the dataset's own test split is taken.",
    example: "golden/",
  }),
  deleteWithContents: flag({
    meaning:
      "Lets `pulumi destroy` delete the artifacts bucket and the image repository with what they hold. Off in prod, where `peregrine teardown` empties them deliberately.",
    default: "false",
  }),
  captureRetentionDays: integer(1, 3650, {
    meaning: "Days that captured requests and answers are kept.",
    default: "30",
  }),
  runRetentionDays: integer(1, 3650, {
    meaning: "Days that outputs of pipeline executions are kept; released models are kept for ever.",
    default: "90",
  }),
  logRetentionDays: oneNumberOf(logPeriods, {
    meaning: "Days that CloudWatch Logs keeps log events; one of the periods that the service offers.",
    default: "30",
  }),
  keyDeletionDays: integer(7, 30, {
    meaning: "Waiting period before a deleted KMS key is gone, 7 to 30 days.",
    default: "7",
  }),
};
type DataValues = Values<typeof dataSettings>;

export const dataDemands: readonly Demand<DataValues>[] = [
  {
    of: ["datasetPrefix", "goldenPrefix"],
    *clashes({ datasetPrefix, goldenPrefix }) {
      if (goldenPrefix && (goldenPrefix.startsWith(datasetPrefix) || datasetPrefix.startsWith(goldenPrefix)))
        yield {
          name: "goldenPrefix",
          reason: `is ${goldenPrefix}, and training takes all of ${datasetPrefix}: images to test with lie beside the dataset`,
        };
    },
  },
];

export interface DatasetSettings {
  readonly bucket: string;
  readonly prefix: string;
  /** Images that nobody trains on, to test releases with; undefined where the dataset's own test split is taken. */
  readonly goldenPrefix: string | undefined;
}

export function datasetOf(values: DataValues): DatasetSettings {
  return { bucket: values.datasetBucket, prefix: values.datasetPrefix, goldenPrefix: values.goldenPrefix };
}
