// Where things are: the project, the user's cache and what set-up puts there. Plain Node: this runs before npm ci.
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const projectDir = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** The Pulumi CLI this project was written and tested with; newer ones of the same major version fit too. */
export const pulumiVersion = "3.248.0";

/** The user's cache folder, shared by all clones; PEREGRINE_CACHE overrides it. */
export function cacheDir() {
  if (process.env.PEREGRINE_CACHE) return process.env.PEREGRINE_CACHE;
  const base =
    process.env.XDG_CACHE_HOME ||
    (process.platform === "darwin" ? join(homedir(), "Library", "Caches") : join(homedir(), ".cache"));
  return join(base, "peregrine");
}

/** Folder of the CLI that set-up brings. */
export const pulumiRoot = () => join(cacheDir(), `pulumi-${pulumiVersion}`);

/**
 * The first executable of that name on PATH that fits, or undefined.
 * @param {string} name @param {(file: string) => boolean} fits
 */
export function onPath(name, fits = () => true) {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const file = join(folder, name);
    if (folder && existsSync(file) && fits(file)) return file;
  }
  return undefined;
}

/** The environment's Python. */
export const python = () => join(projectDir, ".venv", "bin", "python");
