/* eslint-disable @typescript-eslint/ban-ts-comment */
// @ts-nocheck: what it uses of Module has no types in @types/node for 20.
/**
 * Keeps what V8 made of the packages' code from one start to the next: a command loads a thousand files, and compiling
 * them is a third of its start. Node 22 can do so by itself; for Node 20 this does it for CommonJS files of packages,
 * by their content.
 */
const { createHash } = require("node:crypto");
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require("node:fs");
const Module = require("node:module");
const { dirname, join, sep } = require("node:path");
const { cachedDataVersionTag } = require("node:v8");
const { Script } = require("node:vm");

const folder = join(__dirname, "..", "node_modules", ".cache", "peregrine-compiled");

if (Module.enableCompileCache) Module.enableCompileCache(folder);
else keepCompiled(join(folder, `${process.version}-${cachedDataVersionTag()}`));

/** @param kept folder for what this version of V8 understands. */
function keepCompiled(kept) {
  const compile = Module.prototype._compile;
  const packages = `${sep}node_modules${sep}`;
  const [prefix] = Module.wrapper;
  const fresh = [];

  Module.prototype._compile = function (content, filename, ...format) {
    const script = filename.includes(packages) ? scriptOf(content, filename) : undefined;
    // Sources of our own have source maps, which only Node's own way reads.
    if (!script) return compile.call(this, content, filename, ...format);
    const { exports } = this;
    return script.runInThisContext().call(exports, exports, requireOf(this), this, filename, dirname(filename));
  };

  /** @returns nothing for what Node has to compile itself: modules of ECMAScript, and what calls `import()`. */
  function scriptOf(content, filename) {
    if (/\bimport\s*\(/.test(content)) return undefined;
    const file = join(kept, createHash("sha256").update(content).digest("hex"));
    try {
      const script = new Script(Module.wrap(content.replace(/^#!.*/, "")), {
        filename,
        columnOffset: -prefix.length,
        cachedData: contentOf(file),
      });
      if (script.cachedDataRejected !== false) fresh.push({ file, script });
      return script;
    } catch {
      return undefined;
    }
  }

  // At the end, when the functions that were called are compiled as well.
  process.on("exit", () => {
    try {
      if (fresh.length > 0) mkdirSync(kept, { recursive: true });
      for (const { file, script } of fresh) {
        // Another process may write the same file: each writes its own and renames.
        writeFileSync(`${file}.${process.pid}`, script.createCachedData());
        renameSync(`${file}.${process.pid}`, file);
      }
    } catch {
      // Where nothing can be kept, the next start compiles as this one did.
    }
  });
}

/** `require` as a module sees it. */
function requireOf(module) {
  const require = (id) => module.require(id);
  require.resolve = (request, options) => Module._resolveFilename(request, module, false, options);
  require.resolve.paths = (request) => Module._resolveLookupPaths(request, module);
  require.main = process.mainModule;
  require.extensions = Module._extensions;
  require.cache = Module._cache;
  return require;
}

function contentOf(file) {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}
