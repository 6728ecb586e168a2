import { createHash } from "node:crypto";
import { type ObjectStore, parseS3Uri } from "../../aws/s3";
import { baselinePrefix } from "../../contract/monitoring";
import { isUnknown, type Unknown } from "../../lifecycle/comparison";
import { ReleaseRejected } from "../errors";
import type { BaselineNote } from "./evaluation";

/** The baseline of a model, as the bytes that its evaluation names. */
export interface Baseline {
  readonly modelSha256: string;
  readonly files: Readonly<Record<string, Buffer>>;
}

/**
 * Reads a candidate's baseline. The evaluation holds the digests of its files, and what approvers sign holds the digest
 * of the evaluation: monitoring compares with what was approved, or not at all.
 * @returns undefined where the evaluation names none; those of earlier versions do not.
 * @throws ReleaseRejected when a file is missing or is not the one that was evaluated.
 */
export async function readBaseline(
  store: Pick<ObjectStore, "get">,
  note: BaselineNote | Unknown,
): Promise<Baseline | undefined> {
  if (isUnknown(note)) return undefined;
  const read = await Promise.all(
    Object.entries(note.digests).map(async ([name, digest]) => {
      const body = await store.get(parseS3Uri(`${note.folder}${name}`));
      const found = body && createHash("sha256").update(body).digest("hex");
      return { name, body, problem: found === digest ? undefined : `${name} is ${found ? "another file" : "missing"}` };
    }),
  );
  const problems = read.flatMap(({ problem }) => problem ?? []);
  if (problems.length > 0)
    throw new ReleaseRejected(
      `The baseline in ${note.folder} is not the one that was evaluated: ${problems.join(", ")}.`,
      "Find out who changed it (the trail of object writes), and train again.",
    );
  return {
    modelSha256: note.modelSha256,
    files: Object.fromEntries(read.map(({ name, body }) => [name, body!])),
  };
}

/** Puts a baseline where monitoring looks for it in an environment. */
export async function putBaseline(
  store: Pick<ObjectStore, "put">,
  bucket: string,
  { modelSha256, files }: Baseline,
): Promise<void> {
  await Promise.all(
    Object.entries(files).map(([name, body]) =>
      store.put({ bucket, key: `${baselinePrefix(modelSha256)}${name}` }, body, "application/json"),
    ),
  );
}
