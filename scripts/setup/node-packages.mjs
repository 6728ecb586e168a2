import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectDir } from "./places.mjs";
import { run } from "./run.mjs";

const lockFile = join(projectDir, "package-lock.json");
const marker = join(projectDir, "node_modules", ".peregrine-lock");
/** npm's own setting: a build that only runs commands leaves the packages of tests and linters out. */
const withoutDev = () => (process.env.npm_config_omit ?? "").split(/[\s,]+/).includes("dev");
/** What node_modules has to be the result of: the lock file, and whether packages of tests belong to it. */
export const packagesDigest = () =>
  createHash("sha256")
    .update(readFileSync(lockFile))
    .update(withoutDev() ? "without dev" : "")
    .digest("hex");

/**
 * `npm ci` when node_modules is absent or belongs to another lock file.
 * @type {import("./steps.mjs").Step}
 */
export const nodePackages = {
  name: "Node packages",
  done: () => {
    if (existsSync(marker)) return readFileSync(marker, "utf8") === packagesDigest() ? "" : undefined;
    return undefined;
  },
  run: async (tell) => {
    // Packages a developer just added by npm install are there already: npm's own hidden lock says so.
    if (existsSync(join(projectDir, "node_modules")) && (await fits())) tell("present");
    else await installPackages(projectDir, tell);
    writeFileSync(marker, packagesDigest());
  },
};

/** @param {string} folder with the lock file. @param {import("./steps.mjs").Tell} tell */
export async function installPackages(folder, tell) {
  await run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error", "--prefer-offline"], {
    cwd: folder,
    onLine: tell,
  });
}

/** Whether node_modules holds exactly what package-lock.json asks for. */
async function fits() {
  try {
    const hidden = JSON.parse(readFileSync(join(projectDir, "node_modules", ".package-lock.json"), "utf8")).packages;
    const wanted = JSON.parse(readFileSync(lockFile, "utf8")).packages;
    return Object.entries(wanted).every(
      ([path, { version, optional, dev }]) =>
        path === "" || hidden[path]?.version === version || ((optional || (dev && withoutDev())) && !hidden[path]),
    );
  } catch {
    return false;
  }
}
