// Builds what is run from one file: Lambda handlers (functions/dist/<name>/index.js, and code.zip for Lambda) and the policy pack
// (policies/dist/index.js, since Pulumi type-checks a pack written in TypeScript for ten seconds at every start); and
// what release builds run (dist/source.zip: the last commit, whatever the working tree holds). Usage: node
// scripts/build.mjs [--functions] [--policies] [--source] [--force]; without a choice all. Skips what is fresh.
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { archiveSource } from "./delivery/archive.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const options = new Set(process.argv.slice(2));
const everything = !["--functions", "--policies", "--source"].some((choice) => options.has(choice));

/**
 * All TypeScript and JSON files below some folders, build results excepted.
 * @param {string[]} folders @returns {string[]}
 */
function sources(...folders) {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return entry.name === "dist" ? [] : sources(path);
      return /\.(tsx?|json)$/.test(entry.name) ? [path] : [];
    }),
  );
}

/**
 * True when the result is younger than all that it is made from.
 * @param {string} result @param {string[]} inputs
 */
function fresh(result, inputs) {
  if (options.has("--force") || !existsSync(result)) return false;
  const made = statSync(result).mtimeMs;
  return inputs.every((input) => statSync(join(root, input)).mtimeMs < made);
}

/**
 * Bundles by what they are made from, beside the packages that went in: clones and builds that share packages share
 * these too.
 */
const cacheDir = join(root, "node_modules", ".cache", "peregrine-bundles");

/**
 * Names a bundle by its inputs' names and contents, and by how it is made.
 * @param {string[]} inputs @param {object} how
 */
function digestOf(inputs, how) {
  const hash = createHash("sha256").update(JSON.stringify(how));
  for (const input of [...inputs].sort()) hash.update(`\0${input}\0`).update(contentOf(input));
  return hash.digest("hex");
}

/** @type {Map<string, Buffer>} */
const contents = new Map();
/** @param {string} file @returns {Buffer} */
function contentOf(file) {
  const content = contents.get(file) ?? readFileSync(join(root, file));
  contents.set(file, content);
  return content;
}

/**
 * @param {string} entry
 * @param {string} result
 * @param {string[]} sourceFiles what the bundle is made from, perhaps more.
 * @param {import("esbuild").BuildOptions} settings beside those of all bundles.
 */
async function build(entry, result, sourceFiles, settings) {
  const inputs = [...sourceFiles, "package-lock.json", "scripts/build.mjs"];
  if (fresh(result, inputs)) return console.log(`${relative(root, result)} is fresh`);
  /** @type {import("esbuild").BuildOptions} */
  const how = {
    entryPoints: [entry],
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    legalComments: "none",
    logLevel: "warning",
    ...settings,
  };
  const kept = join(cacheDir, `${digestOf(inputs, how)}.js`);
  const started = performance.now();
  const known = existsSync(kept) && !options.has("--force");
  if (!known) {
    const { build: bundle } = await import("esbuild");
    mkdirSync(cacheDir, { recursive: true });
    // Another process may write the same file: each writes its own and renames.
    await bundle({ ...how, absWorkingDir: root, outfile: `${kept}.${process.pid}` });
    renameSync(`${kept}.${process.pid}`, kept);
  }
  mkdirSync(dirname(result), { recursive: true });
  copyFileSync(kept, result);
  utimesSync(result, new Date(), new Date());
  console.log(
    `${relative(root, result)} ${known ? "was built before" : "built"} in ${((performance.now() - started) / 1000).toFixed(1)} s, ${Math.round(statSync(result).size / 1024)} KiB`,
  );
}

/**
 * Bundles a Lambda handler, and lays the archive beside it that Lambda takes. The same bundle is the same bytes on every
 * machine, so that its digest says what a function's code ought to be: no times, and no compression, which differs from
 * one zlib to the next.
 * @param {string} entry @param {string} folder @param {string[]} inputs
 */
async function bundled(entry, folder, inputs) {
  const [bundle, archive] = [join(folder, "index.js"), join(folder, "code.zip")];
  await build(entry, bundle, inputs, { minify: true, keepNames: true });
  if (existsSync(archive) && statSync(archive).mtimeMs >= statSync(bundle).mtimeMs) return;
  const { default: AdmZip } = await import("adm-zip");
  const zip = new AdmZip();
  zip.addFile("index.js", readFileSync(bundle), "", 0o644);
  const { header } = /** @type {import("adm-zip").IZipEntry} */ (zip.getEntry("index.js"));
  header.time = new Date(1980, 0, 1);
  header.method = 0;
  writeFileSync(`${archive}.${process.pid}`, zip.toBuffer());
  renameSync(`${archive}.${process.pid}`, archive);
}

const lateModules = "scripts/late-modules.cjs";
const jobs = [];
if (everything || options.has("--functions")) {
  const inputs = sources(
    "functions",
    "contract",
    "lifecycle",
    "pricing",
    "aws",
    ...(existsSync(join(root, "records")) ? ["records"] : []),
  );
  // One handler shows something; the others need not be built anew when only that changes.
  const shown = existsSync(join(root, "insight")) ? sources("insight") : [];
  for (const name of readdirSync(join(root, "functions")).filter((file) => file.endsWith(".ts")))
    jobs.push(
      bundled(
        join("functions", name),
        join(root, "functions", "dist", basename(name, ".ts")),
        name === "report.ts" ? [...inputs, ...shown] : inputs,
      ),
    );
}
if (everything || options.has("--policies"))
  // The runner and the rules must share one copy of Pulumi's modules, so those stay outside of the bundle.
  jobs.push(
    build(
      "policies/index.ts",
      join(root, "policies", "dist", "index.js"),
      [...sources("policies", "contract", "pricing"), lateModules],
      {
        external: ["@pulumi/*"],
        // First what keeps Pulumi's modules from loading more than is needed: half of a pack's start.
        entryPoints: [],
        stdin: { contents: `import "./${lateModules}";\nimport "./policies/index.ts";\n`, resolveDir: root },
      },
    ),
  );
if (everything || options.has("--source"))
  jobs.push(
    archiveSource(root, { force: options.has("--force"), must: options.has("--source") }).then((line) =>
      console.log(line),
    ),
  );
await Promise.all(jobs);
