import { spawn } from "node:child_process";
import { join } from "node:path";
import { ensureReady } from "./index.mjs";
import { projectDir } from "./places.mjs";

/**
 * Brings what is missing, then runs one of the project's TypeScript programs with the tools on its PATH.
 * @param {string} file below `scripts/`. @param {string[]} options its arguments; `--setup-seconds` is added.
 * @returns {Promise<number>} its exit code.
 */
export async function runProgram(file, options) {
  process.stderr.write("Set-up\n");
  const ready = await ensureReady();
  process.stderr.write(`Ready after ${ready.seconds.toFixed(1)} s\n\n`);
  const loader = ["--require", join(projectDir, "scripts", "register.cjs")];
  const child = spawn(
    process.execPath,
    [...loader, join(projectDir, "scripts", file), "--setup-seconds", ready.seconds.toFixed(1), ...options],
    {
      cwd: projectDir,
      // The SDK warns of Node 20's end at every start; docs/dependencies.md says why Node 20 still runs it.
      env: { ...process.env, PATH: ready.path, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" },
      stdio: "inherit",
    },
  );
  // A terminal sends Ctrl-C to both; this process stays until the program has put its things away.
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => signal === "SIGTERM" && child.kill(signal));
  return new Promise((resolve) =>
    child.once("close", (code, signal) => resolve(code ?? (signal === "SIGINT" ? 130 : 1))),
  );
}
