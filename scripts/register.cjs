/**
 * Lets Node load TypeScript without a build step: each file is stripped of its types by esbuild when it is first
 * required, and the result is kept beside node_modules until the file changes. Ten times faster than compiling with
 * TypeScript itself, which a program that starts on every command feels. Types are checked by `npm run types`.
 */
require("./compile-cache.cjs");
require("./late-modules.cjs");
require("./promise-stacks.cjs");
const { createHash } = require("node:crypto");
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require("node:fs");
const { createRequire, Module } = require("node:module");
const { basename, join } = require("node:path");

const cacheDir = join(__dirname, "..", "node_modules", ".cache", "peregrine-typescript");
// `import()` becomes a late `require`: Node's own would look for files with an extension.
/** @type {import("esbuild").TransformOptions} */
const options = {
  loader: "ts",
  format: "cjs",
  target: `node${process.versions.node.split(".")[0]}`,
  supported: { "dynamic-import": false },
  sourcemap: "inline",
};
/** Pages are written in JSX: calls of hono's runtime, which escapes what is put in. @type {typeof options} */
const pageOptions = { ...options, loader: "tsx", jsx: "automatic", jsxImportSource: "hono/jsx" };
/** @type {typeof import("esbuild") | undefined} */
let esbuild;

// Errors name the lines of the sources, not of what esbuild made of them; but not in the engine's program process.
if (isEngineProgram()) leaveOutSourceMapSupport();
else process.setSourceMapsEnabled(true);

/** @param {NodeModule & { _compile(code: string, file: string): void }} module @param {string} file */
const load = (module, file) => module._compile(compile(file), file);
require.extensions[".ts"] = /** @type {NodeJS.RequireExtensions[".ts"]} */ (load);
require.extensions[".tsx"] = require.extensions[".ts"];

/** Whether this is the process in which the Pulumi SDK runs a program (`node --require ... @pulumi/pulumi/cmd/run`). */
function isEngineProgram() {
  return /[\\/]@pulumi[\\/]pulumi[\\/]cmd[\\/]run([\\/]|$)/.test(process.argv[1] ?? "");
}

/**
 * The Pulumi SDK notes a stack with each of its promises, thousands in a program, and its runner loads
 * source-map-support, which looks up every frame of them: a quarter of a preview. It finds nothing, since it reads
 * sources from the disk, which have no maps there. So it counts as loaded in this process. Node's own maps would cost
 * half as much, for lines that only an error of the program's own code shows.
 */
function leaveOutSourceMapSupport() {
  const id = createRequire(join(String(process.argv[1]), "index.js")).resolve("source-map-support/register");
  require.cache[id] = Object.assign(new Module(id), { filename: id, loaded: true });
}

/** @param {string} file @returns {string} JavaScript. */
function compile(file) {
  const source = readFileSync(file, "utf8");
  const how = file.endsWith(".tsx") ? pageOptions : options;
  // By content and name, not by place: clones and builds that share packages share this too. Source maps name the file
  // beside the module.
  const kept = join(
    cacheDir,
    `${createHash("sha256")
      .update(`${JSON.stringify(how)}\0${basename(file)}\0${source}`)
      .digest("hex")}.js`,
  );
  try {
    return readFileSync(kept, "utf8");
  } catch {
    esbuild ??= require("esbuild");
    const { code } = esbuild.transformSync(source, { ...how, sourcefile: basename(file) });
    mkdirSync(cacheDir, { recursive: true });
    // Another process may write the same file: each writes its own and renames.
    writeFileSync(`${kept}.${process.pid}`, code);
    renameSync(`${kept}.${process.pid}`, kept);
    return code;
  }
}
