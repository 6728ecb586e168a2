import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { makeTemporaryFolder } from "../support/temporary-folder";

const hook = resolve(__dirname, "..", "..", "scripts", "compile-cache.cjs");

/** What a module can see of how it was loaded; errors in its first and in another line. */
const toyModule = `#!/usr/bin/env node
exports.seen = { file: __filename, folder: __dirname, self: this === module.exports, main: require.main === module, parent: module.parent?.id };
exports.resolved = [require.resolve("./other"), require.resolve.paths("x")[0], Object.keys(require.cache).length > 0];
exports.failed = () => { throw new Error("here"); };
`;
/** A package of the other kind, which Node requires all the same. */
const modern = "export const kind = import.meta.url.slice(0, 4); export { basename } from 'node:path';\n";
/** `import()` needs Node's own way. */
const late = `module.exports = import("node:path").then(({ basename }) => basename(__filename));\n`;
const program = `const toy = require("toy");
const other = require("toy/other");
const frames = [toy.failed, other].map((fail) => { try { fail(); } catch (error) { return error.stack.split("\\n").slice(1, 3); } });
require("toy/late").then((imported) => console.log(JSON.stringify({ ...toy, frames, imported, modern: { ...require("modern") } })));
`;

describe("packages that were compiled before", () => {
  const folder = makeTemporaryFolder("compiled");
  const file = join(folder, "main.js");

  before(() => {
    const toy = join(folder, "node_modules", "toy");
    mkdirSync(toy, { recursive: true });
    writeFileSync(file, program);
    writeFileSync(join(toy, "index.js"), `${toyModule}// ${folder}\n`);
    mkdirSync(join(folder, "node_modules", "modern"));
    writeFileSync(
      join(folder, "node_modules", "modern", "package.json"),
      JSON.stringify({ type: "module", main: "index.js" }),
    );
    writeFileSync(join(folder, "node_modules", "modern", "index.js"), modern);
    writeFileSync(join(toy, "late.js"), late);
    writeFileSync(join(toy, "other.js"), `module.exports = () => { throw new Error("first line"); }; // ${folder}\n`);
  });
  after(() => rmSync(folder, { recursive: true }));

  const run = (...options: string[]) =>
    JSON.parse(execFileSync(process.execPath, [...options, file], { encoding: "utf8" })) as object;

  it("behave as those that were not, the first time and later: paths, require, import(), and lines and columns of errors", () => {
    const plain = run();
    assert.deepEqual(run("-r", hook), plain);
    assert.deepEqual(run("-r", hook), plain);
  });
});
