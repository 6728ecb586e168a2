import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { promisify } from "node:util";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { prefixes } from "../contract/places";
import { ObjectStore } from "../aws/s3";
import type { AwsSession } from "../aws/session";
import { doctorSettings } from "../automation/doctor/settings";
import type { Environment } from "../automation/stack/environment";
import { projectDir } from "./project";

const python = join(projectDir, ".venv", "bin", "python");

const run = promisify(execFile);

/** Runs the project's Python with its own package. @returns standard output. */
export async function runPython(args: readonly string[]): Promise<string> {
  const { stdout } = await run(python, args, {
    cwd: projectDir,
    env: { ...process.env, PYTHONPATH: join(projectDir, "ml") },
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout;
}

/** Where an environment's training images lie, as its settings say. */
export function datasetOf({ name, settings }: Pick<Environment, "name" | "settings">): {
  bucket: string;
  prefix: string;
} {
  const { datasetBucket: bucket, datasetPrefix: prefix } = doctorSettings(settings, name);
  return { bucket, prefix };
}

/** The dataset bucket is its owner's, never the stack's: the owner makes it and fills it with real aerial images. */
export async function seedDataset(
  environment: Pick<Environment, "name" | "session" | "settings">,
  folder: string,
  tell: (text: string) => void = () => {},
): Promise<{ objects: number; bytes: number }> {
  const { session } = environment;
  const { bucket } = datasetOf(environment);
  tell("taking the real images out of their package");
  await runPython(["-m", "peregrine_ml.dataset", "--out", folder]);
  const s3 = new S3Client(session);
  await s3.send(
    new CreateBucketCommand({
      Bucket: bucket,
      CreateBucketConfiguration: { LocationConstraint: session.region as "eu-central-1" },
    }),
  );
  const store = new ObjectStore(session);
  const files = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  let bytes = 0;
  for (const [index, file] of files.entries()) {
    const body = await readFile(file);
    bytes += body.length;
    const key = file.slice(folder.length + 1);
    await store.put({ bucket, key }, body, contentType(key));
    tell(`${index + 1} of ${files.length} objects`);
  }
  return { objects: files.length, bytes };
}

/** The weights that training starts from, in the registry's bucket. */
export async function seedWeights(session: AwsSession, artifactsBucket: string): Promise<void> {
  const weights = join(projectDir, "ml", "base-weights");
  for (const name of await readdir(weights))
    await new ObjectStore(session).put(
      { bucket: artifactsBucket, key: `${prefixes.weights}${name}` },
      await readFile(join(weights, name)),
    );
}

function contentType(key: string): string {
  const types: Record<string, string> = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".xml": "application/xml",
    ".csv": "text/csv",
    ".json": "application/json",
  };
  return types[extname(key).toLowerCase()] ?? "application/octet-stream";
}
