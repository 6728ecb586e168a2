// What a release build needs and its image does not have: Node packages, the Pulumi CLI, the policy pack.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
} from "node:fs";
import { join } from "node:path";
import { ensureReady, entry } from "../setup/index.mjs";
import { withLock } from "../setup/lock.mjs";
import { packagesDigest, installPackages } from "../setup/node-packages.mjs";
import { cacheDir, projectDir } from "../setup/places.mjs";

/** Packages that no build used for so long are of a lock file that is gone. */
const unusedDays = 14;

/**
 * Links node_modules to the packages of this lock file. The first build that needs them installs them, in the folder
 * that outlives a build (buildspec.yml): `npm ci` replaces node_modules, so that it cannot be it.
 */
async function linkPackages() {
  const kept = join(cacheDir(), "packages");
  const platform = `${process.platform}-${process.arch}-${process.versions.modules}`;
  const folder = join(kept, `${packagesDigest().slice(0, 16)}-${platform}`);
  mkdirSync(kept, { recursive: true });
  if (!existsSync(folder))
    await withLock(
      join(kept, "lock"),
      (pid) => console.log(`Waiting for another build that installs packages (process ${pid})`),
      () => install(folder, kept),
    );
  const now = new Date();
  utimesSync(folder, now, now);
  symlinkSync(join(folder, "node_modules"), join(projectDir, "node_modules"));
}

/** @param {string} folder @param {string} kept with the packages of other lock files. */
async function install(folder, kept) {
  if (existsSync(folder)) return;
  const oldest = Date.now() - unusedDays * 86_400_000;
  for (const other of readdirSync(kept, { withFileTypes: true })) {
    const path = join(kept, other.name);
    if (other.isDirectory() && statSync(path).mtimeMs < oldest) rmSync(path, { recursive: true, force: true });
  }
  // Processes of a container cannot tell whether one of another still holds the lock: two may be here.
  const fresh = mkdtempSync(join(kept, "new-"));
  for (const file of ["package.json", "package-lock.json", ".npmrc"])
    copyFileSync(join(projectDir, file), join(fresh, file));
  await installPackages(fresh, console.log);
  try {
    renameSync(fresh, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
    rmSync(fresh, { recursive: true, force: true });
  }
}

await entry(async () => {
  await linkPackages();
  const { seconds, pulumi } = await ensureReady({ need: ["pulumi", "bundles"] });
  console.log(`Ready after ${seconds.toFixed(1)} s, Pulumi CLI ${pulumi}`);
});
