import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const made = new Set<string>();
process.once("exit", () => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

/**
 * A new folder of a test; it goes with the process, if nobody removes it before.
 * @param label tells whose it is.
 * @returns its path.
 */
export function makeTemporaryFolder(label = "test"): string {
  const folder = mkdtempSync(join(tmpdir(), `peregrine-${label}-`));
  made.add(folder);
  return folder;
}
