// dist/source.zip: the project as it is committed, for release builds. Plain Node: set-up runs it.
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/**
 * Archives the last commit. The same commit gives the same bytes: times in the archive are the commit's, and in UTC.
 * @param {string} root folder of the project.
 * @param {{ force?: boolean, must?: boolean }} options force: also when HEAD is archived already; must: an export
 * without Git is an error.
 * @returns a line that says what was done.
 * @throws Error where neither Git nor a commit that Git exported is there.
 */
export async function archiveSource(root, { force = false, must = false } = {}) {
  const exported = readFileSync(join(root, ".source-commit"), "utf8").trim();
  if (/^[0-9a-f]{40}$/.test(exported) && !must)
    return `dist/source.zip is not made: this is commit ${exported.slice(0, 12)} as Git exported it`;
  const commit = await head(root);
  const [archive, marker] = [join(root, "dist", "source.zip"), join(root, "dist", "source.commit")];
  if (!force && existsSync(archive) && existsSync(marker) && readFileSync(marker, "utf8") === commit)
    return "dist/source.zip is fresh";
  mkdirSync(join(root, "dist"), { recursive: true });
  const unfinished = `${archive}.${process.pid}`;
  try {
    await run("git", ["-C", root, "archive", "--format=zip", `--output=${unfinished}`, commit], {
      env: { ...process.env, TZ: "UTC" },
    });
    renameSync(unfinished, archive);
  } finally {
    rmSync(unfinished, { force: true });
  }
  writeFileSync(marker, commit);
  return `dist/source.zip built from commit ${commit.slice(0, 12)}, ${Math.round(statSync(archive).size / 1024)} KiB`;
}

/**
 * The commit that is checked out here, and not in some repository around.
 * @param {string} root
 */
async function head(root) {
  try {
    const { stdout } = await run("git", ["-C", root, "rev-parse", "--show-prefix", "HEAD"]);
    const [prefix, commit] = stdout.split("\n");
    if (prefix !== "") throw new Error(`${root} is only a folder of another Git repository`);
    return commit;
  } catch (error) {
    throw new Error(
      `dist/source.zip cannot be made: it is the last commit, and this is no Git checkout with one (${(error.stderr || error.message).trim().split("\n")[0]}). ` +
        "Clone the project instead of copying it, or build the rest alone: node scripts/build.mjs --functions --policies",
    );
  }
}
