import { createHash } from "node:crypto";
import { chmodSync, existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { cacheDir, onPath, projectDir } from "./places.mjs";
import { pulumiCli } from "./pulumi-cli.mjs";

const source = join(projectDir, "scripts", "toolchain", "language-host");
const hostName = "pulumi-language-nodejs";
const ours = "language-host-";

/** Digest of the host's source and of the package it is bundled with. */
function digest() {
  const hash = createHash("sha256");
  for (const file of readdirSync(source).sort()) hash.update(file).update(readFileSync(join(source, file)));
  hash.update(readFileSync(join(projectDir, "node_modules", "@grpc", "grpc-js", "package.json")));
  hash.update(readFileSync(join(projectDir, "node_modules", "@pulumi", "pulumi", "package.json")));
  return hash.digest("hex").slice(0, 12);
}

/**
 * Where our host goes: beside the CLI in the cache, where the engine looks for it; a CLI of the user's own finds it by
 * PATH.
 */
async function hostFolder() {
  const cli = await pulumiCli();
  return cli && dirname(cli).startsWith(cacheDir()) ? dirname(cli) : join(cacheDir(), "language-host");
}

/** Folders that PATH needs so that the engine finds its language host; the CLI's own first. */
export async function pulumiPath() {
  const cli = await pulumiCli();
  const folder = await hostFolder();
  return [...new Set([...(cli ? [dirname(cli)] : []), ...(existsSync(join(folder, hostName)) ? [folder] : [])])];
}

/** The official host beside the CLI or on PATH, if there is one that is not ours. */
async function official() {
  const cli = await pulumiCli();
  const beside = cli && join(dirname(cli), hostName);
  const found = [beside, onPath(hostName)].find(
    (file) => file && existsSync(file) && !readFileSync(file).subarray(0, 4096).includes(ours),
  );
  return found;
}

/**
 * The official Node.js language host comes with the official CLI. Beside a CLI built from Go modules goes our own
 * (scripts/toolchain/language-host), bundled into one file that needs no clone of this project to be there.
 */
export const languageHostStep = {
  name: "Pulumi language host",
  after: ["Node packages", `Pulumi CLI`],
  done: async () => {
    if (await official()) return "official";
    const wrapper = join(await hostFolder(), hostName);
    return existsSync(wrapper) && readFileSync(wrapper, "utf8").includes(`${ours}${digest()}.cjs`) ? "own" : undefined;
  },
  run: async () => {
    const folder = await hostFolder();
    const { build } = createRequire(join(projectDir, "package.json"))("esbuild");
    const file = `${ours}${digest()}.cjs`;
    const unfinished = join(folder, `.${file}-${process.pid}`);
    await build({
      absWorkingDir: projectDir,
      entryPoints: [join(source, "main.ts")],
      outfile: unfinished,
      bundle: true,
      platform: "node",
      format: "cjs",
      target: "node20",
      minifySyntax: true,
      logLevel: "error",
    });
    renameSync(unfinished, join(folder, file));
    const wrapper = join(folder, `.${hostName}-${process.pid}`);
    writeFileSync(wrapper, `#!/bin/sh\nexec node "$(dirname "$0")/${file}" "$@"\n`);
    chmodSync(wrapper, 0o755);
    renameSync(wrapper, join(folder, hostName));
    return "own, bundled";
  },
};
