// npm run check: what can be said without running the project: types, style, dead code, import law. Two at a time, each
// with its time.
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureReady, entry } from "./setup/index.mjs";
import { projectDir } from "./setup/places.mjs";

/** Scripts of package.json, the longest first. `npm test` runs the same ones. */
export const checks = [
  "lint",
  "types",
  "types:javascript",
  "lint:promises",
  "format:check",
  "law",
  "unused",
  "python:types",
  "python:lint",
];

/**
 * Runs one and tells how it went, with what it printed where it failed.
 * @param {string} name
 * @returns whether it passed.
 */
async function check(name) {
  const started = performance.now();
  const { code, output } = await new Promise((done) => {
    const child = spawn("npm", ["run", "--silent", name], { cwd: projectDir, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (/** @type {string} */ text) => (output += text));
    child.once("error", ({ message }) => done({ code: 1, output: message }));
    child.once("close", (code) => done({ code, output }));
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(`${code === 0 ? "ok    " : "FAILED"} ${name} (${seconds} s)\n${code === 0 ? "" : output}`);
  return code === 0;
}

if (resolve(process.argv[1] ?? "") === fileURLToPath(import.meta.url))
  await entry(async () => {
    await ensureReady({ quiet: true, need: ["python"] });
    const waiting = [...checks];
    let failed = 0;
    const worker = async () => {
      for (let name = waiting.shift(); name; name = waiting.shift()) if (!(await check(name))) failed += 1;
    };
    await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, worker));
    return failed === 0 ? 0 : 1;
  });
