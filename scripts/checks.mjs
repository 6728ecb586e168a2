// npm run check: what can be said without running the project: types, style, dead code, import law. Two at a time, each
// with its time.
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { report, run } from "./job.mjs";
import { ensureReady, entry } from "./setup/index.mjs";

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
 * @param {NodeJS.ProcessEnv} env
 * @returns whether it passed.
 */
export async function check(name, env = process.env) {
  const { code, output, seconds } = await run("npm", ["run", "--silent", name], env);
  report(code === 0, name, "", seconds, code === 0 ? "" : output);
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
