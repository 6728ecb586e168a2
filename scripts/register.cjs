/**
 * Lets Node load TypeScript without a build step: each file is stripped of its types by esbuild when it is first required,
 * and the result is kept beside node_modules until the file changes. Ten times faster than compiling with TypeScript itself,
 * which a program that starts on every command feels. Types are checked by `npm run types`.
 */
require("./compile-cache.cjs");
const { createHash } = require("node:crypto");
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require("node:fs");
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
/** @type {typeof import("esbuild") | undefined} */
let esbuild;

// Errors name the lines of the sources, not of what esbuild made of them.
process.setSourceMapsEnabled(true);

/** @param {NodeModule & { _compile(code: string, file: string): void }} module @param {string} file */
const load = (module, file) => {
  leavePromisesUnmapped();
  module._compile(compile(file), file);
};
require.extensions[".ts"] = /** @type {NodeJS.RequireExtensions[".ts"]} */ (load);

let looked = false;

/**
 * The Pulumi SDK notes a stack with each of its promises, thousands in a program, by an error without a message, and its runner
 * installs source-map-support, which maps every frame of them: a quarter of a preview. Errors that say something stay mapped.
 */
function leavePromisesUnmapped() {
  const mapped = Error.prepareStackTrace;
  if (looked || !mapped) return;
  looked = true;
  Error.prepareStackTrace = (error, frames) =>
    error.message === "" && Object.getPrototypeOf(error) === Error.prototype ? String(error) : mapped(error, frames);
}

/** @param {string} file @returns {string} JavaScript. */
function compile(file) {
  const source = readFileSync(file, "utf8");
  // By content and name, not by place: clones and builds that share packages share this too. Source maps name the file beside the module.
  const kept = join(
    cacheDir,
    `${createHash("sha256")
      .update(`${JSON.stringify(options)}\0${basename(file)}\0${source}`)
      .digest("hex")}.js`,
  );
  try {
    return readFileSync(kept, "utf8");
  } catch {
    esbuild ??= require("esbuild");
    const { code } = esbuild.transformSync(source, { ...options, sourcefile: basename(file) });
    mkdirSync(cacheDir, { recursive: true });
    // Another process may write the same file: each writes its own and renames.
    writeFileSync(`${kept}.${process.pid}`, code);
    renameSync(`${kept}.${process.pid}`, kept);
    return code;
  }
}
