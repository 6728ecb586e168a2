// Builds what is run from one file: Lambda handlers (functions/dist/<name>/index.js) and the policy pack
// (policies/dist/index.js, since Pulumi type-checks a pack written in TypeScript for ten seconds at every start); and what
// release builds run (dist/source.zip: the last commit, whatever the working tree holds).
// Usage: node scripts/build.mjs [--functions] [--policies] [--source] [--force]; without a choice all. Skips what is fresh.
import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { archiveSource } from "./delivery/archive.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const options = new Set(process.argv.slice(2));
const everything = !["--functions", "--policies", "--source"].some((choice) => options.has(choice));

/** All TypeScript and JSON files below some folders, build results excepted. */
function sources(...folders) {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return entry.name === "dist" ? [] : sources(path);
      return /\.(ts|json)$/.test(entry.name) ? [path] : [];
    }),
  );
}

/** True when the result is younger than all that it is made from. */
function fresh(result, inputs) {
  if (options.has("--force") || !existsSync(result)) return false;
  const made = statSync(result).mtimeMs;
  return inputs.every((input) => statSync(join(root, input)).mtimeMs < made);
}

async function build(entry, result, inputs, settings) {
  if (fresh(result, [...inputs, "package-lock.json", "scripts/build.mjs"])) return console.log(`${relative(root, result)} is fresh`);
  const { build: bundle } = await import("esbuild");
  const started = performance.now();
  await bundle({ absWorkingDir: root, entryPoints: [entry], outfile: result, bundle: true, platform: "node", format: "cjs", target: "node20", legalComments: "none", logLevel: "warning", ...settings });
  console.log(`${relative(root, result)} built in ${((performance.now() - started) / 1000).toFixed(1)} s, ${Math.round(statSync(result).size / 1024)} KiB`);
}

const jobs = [];
if (everything || options.has("--functions")) {
  const inputs = sources("functions", "lifecycle", "aws", ...(existsSync(join(root, "records")) ? ["records"] : []));
  for (const name of readdirSync(join(root, "functions")).filter((file) => file.endsWith(".ts")))
    jobs.push(build(join("functions", name), join(root, "functions", "dist", basename(name, ".ts"), "index.js"), inputs, { minify: true, keepNames: true }));
}
if (everything || options.has("--policies"))
  // The runner and the rules must share one copy of Pulumi's modules, so those stay outside of the bundle.
  jobs.push(build("policies/index.ts", join(root, "policies", "dist", "index.js"), sources("policies", "lifecycle"), { external: ["@pulumi/*"] }));
if (everything || options.has("--source")) jobs.push(archiveSource(root, { force: options.has("--force"), must: options.has("--source") }).then((line) => console.log(line)));
await Promise.all(jobs);
