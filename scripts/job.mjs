// One job of `npm test` or `npm run check`: a command run to its end, and the line that tells how it went.
import { spawn } from "node:child_process";
import { projectDir } from "./setup/places.mjs";

/**
 * A last resort against what hangs for ever, minutes of one job: on a busy machine each may take many times its usual.
 */
const limitMinutes = 60;

/**
 * Runs a command in the project's folder; what it prints is kept.
 * @param {string} command @param {readonly string[]} args @param {NodeJS.ProcessEnv} env
 * @returns {Promise<{ code: number, output: string, seconds: number }>}
 */
export function run(command, args, env) {
  const started = performance.now();
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: projectDir, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (/** @type {string} */ text) => (output += text));
    // The whole group: tests start engines and clouds of their own.
    const stop = (/** @type {NodeJS.Signals} */ signal) => {
      try {
        process.kill(-(child.pid ?? 0), signal);
      } catch {
        // It has ended by itself.
      }
    };
    const timer = setTimeout(() => {
      output += `\nended after ${limitMinutes} minutes\n`;
      stop("SIGKILL");
    }, limitMinutes * 60_000);
    const interrupted = () => stop("SIGTERM");
    process.once("exit", interrupted);
    child.once("error", (error) => (output += error.message));
    child.once("close", (code) => {
      clearTimeout(timer);
      process.removeListener("exit", interrupted);
      resolve({ code: code ?? 1, output, seconds: (performance.now() - started) / 1000 });
    });
  });
}

/**
 * Tells how a job went, with what it printed.
 * @param {boolean} ok @param {string} name @param {string} text @param {number} seconds @param {string} output
 */
export function report(ok, name, text, seconds, output) {
  process.stdout.write(`${ok ? "ok    " : "FAILED"} ${name}${text ? `: ${text}` : ""} (${seconds.toFixed(1)} s)\n`);
  if (output.trim() !== "") process.stdout.write(`${output.trimEnd()}\n`);
}
