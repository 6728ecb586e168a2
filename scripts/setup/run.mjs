import { spawn } from "node:child_process";

/** A problem the user can solve: its message names the cause and what to do. */
export class SetupProblem extends Error {}

/** Last characters of a failed command's output that its error shows. */
const shownOutput = 2000;

const children = new Set();
process.on("exit", () => children.forEach((child) => child.kill("SIGKILL")));
for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
])
  process.once(signal, () => process.exit(code));

/**
 * Runs a command to its end and gives its standard output.
 * @param options.onLine called with every line of both streams. @throws SetupProblem with the end of the output when it fails.
 */
export function run(command, args, { cwd, env, onLine, timeoutSeconds = 1800 } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    children.add(child);
    const timer = setTimeout(() => child.kill("SIGKILL"), timeoutSeconds * 1000);
    let stdout = "";
    let all = "";
    for (const stream of ["stdout", "stderr"]) {
      let rest = "";
      child[stream].setEncoding("utf8").on("data", (text) => {
        if (stream === "stdout") stdout += text;
        all = (all + text).slice(-shownOutput * 4);
        const lines = (rest + text).split(/\r?\n/);
        rest = lines.pop();
        if (onLine) lines.forEach((line) => onLine(line));
      });
    }
    child.once("error", (error) => {
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
