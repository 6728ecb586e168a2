// What a release build needs and its image does not have: Node packages, the Pulumi CLI, the policy pack.
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { ensureReady, entry } from "../setup/index.mjs";
import { packagesDigest, installPackages } from "../setup/node-packages.mjs";
import { projectDir } from "../setup/places.mjs";

/**
 * The folder that the project's cache keeps between builds on one host (buildspec.yml). `npm ci` replaces node_modules,
 * so that it cannot be it.
 */
const kept = join(projectDir, ".packages");

/** Links node_modules to the packages of this lock file, installed by the first build that needs them. */
async function linkPackages() {
  const folder = join(kept, packagesDigest().slice(0, 16));
  const whole = join(folder, "whole");
  if (!existsSync(whole)) {
    for (const old of existsSync(kept) ? readdirSync(kept) : [])
      rmSync(join(kept, old), { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    for (const file of ["package.json", "package-lock.json", ".npmrc"])
      copyFileSync(join(projectDir, file), join(folder, file));
    await installPackages(folder, console.log);
    mkdirSync(whole);
  }
  symlinkSync(join(folder, "node_modules"), join(projectDir, "node_modules"));
}

await entry(async () => {
  await linkPackages();
  const { seconds, pulumi } = await ensureReady({ need: ["pulumi", "bundles"] });
  console.log(`Ready after ${seconds.toFixed(1)} s, Pulumi CLI ${pulumi}`);
});
