import { z } from "zod";

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** The manifest's file, in the folder of a prepared data set. */
export const manifestName = "manifest.json";

/** A file of the flights as the job saw it: its digest and size tell which of S3's versions it was. */
const source = z.object({ sha256, bytes: z.number().int().nonnegative() });

/** What `prepare` writes of a data set (`ml/peregrine_ml/manifest.py`), as far as others read it. */
export const datasetManifest = z.object({
  digest: sha256,
  classes: z.array(z.string()),
  splits: z.record(
    z.string(),
    z.object({
      images: z.number(),
      boxes: z.number(),
      flights: z.array(z.string()),
      regions: z.array(z.string()),
    }),
  ),
  options: z.record(z.string(), z.unknown()),
  left_out: z.record(z.string(), z.number()).default({}),
  files: z.record(z.string(), sha256),
  /** By path below the flights' prefix; absent in manifests of earlier versions. */
  sources: z.record(z.string(), source).optional(),
});
export type DatasetManifest = Readonly<z.infer<typeof datasetManifest>>;
