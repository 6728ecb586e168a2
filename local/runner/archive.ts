import { execFile } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A `.tar.gz` is truncated or no archive at all. */
export class BadArchive extends Error {}

/** Packs the contents of a folder (not the folder itself) as SageMaker does for `model.tar.gz`. */
export async function packFolder(folder: string, file: string): Promise<void> {
  const entries = readdirSync(folder).sort();
  await run("tar", [
    "-I",
    "gzip -1",
    "-cf",
    file,
    "-C",
    folder,
    ...(entries.length > 0 ? ["--", ...entries] : ["-T", "/dev/null"]),
  ]);
}

/** @throws BadArchive with tar's own words. */
export async function unpackArchive(file: string, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  try {
    await run("tar", ["-xzf", file, "-C", folder, "--no-same-owner"]);
  } catch (error) {
    throw new BadArchive(String((error as { stderr?: string }).stderr ?? error).trim());
  }
}
