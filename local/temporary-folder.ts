import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const made = new Set<string>();
process.once("exit", () => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

/** A folder of a service in a cloud without a state folder; none outlives the process. @param service whose it is. */
export function temporaryFolder(service: string): string {
  const folder = mkdtempSync(join(tmpdir(), `peregrine-${service}-`));
  made.add(folder);
  return folder;
}
