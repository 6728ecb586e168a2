import { spawn } from "node:child_process";

/** A problem the user can solve: its message names the cause and what to do. */
export class SetupProblem extends Error {}

/** Last characters of a failed command's output that its error shows. */
const shownOutput = 2000;

/** @type {Set<import("node:child_process").ChildProcess>} */
const children = new Set();
process.on("exit", () => children.forEach((child) => child.kill("SIGKILL")));
process.once("SIGINT", () => process.exit(130));
process.once("SIGTERM", () => process.exit(143));

/**
 * Runs a command to its end and gives its standard output.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, onLine?: (line: string) => void, timeoutSeconds?: number }} options
 * onLine: called with every line of both streams.
 * @returns {Promise<string>}
 * @throws SetupProblem with the end of the output when it fails.
 */
export function run(command, args, { cwd, env, onLine, timeoutSeconds = 1800 } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    children.add(child);
    const timer = setTimeout(() => child.kill("SIGKILL"), timeoutSeconds * 1000);
    let stdout = "";
    let all = "";
    for (const stream of /** @type {const} */ (["stdout", "stderr"])) {
      let rest = "";
      child[stream].setEncoding("utf8").on("data", (/** @type {string} */ text) => {
        if (stream === "stdout") stdout += text;
        all = (all + text).slice(-shownOutput * 4);
        const lines = (rest + text).split(/\r?\n/);
        rest = lines.pop() ?? "";
        if (onLine) lines.forEach((line) => onLine(line));
      });
    }
    child.once("error", (/** @type {NodeJS.ErrnoException} */ error) => {
      clearTimeout(timer);
      children.delete(child);
      reject(error.code === "ENOENT" ? new SetupProblem(`${command} is not installed or not on PATH.`) : error);
    });
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      children.delete(child);
      if (code === 0) return resolve(stdout);
      const how = signal ? `was ended by ${signal}` : `failed with exit code ${code}`;
      reject(new SetupProblem(`${[command, ...args].join(" ")} ${how}:\n${all.slice(-shownOutput).trim()}`));
    });
  });
}
