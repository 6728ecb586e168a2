// Brings everything that Peregrine needs on this machine; each step is skipped when it is done already.
import { delimiter, join } from "node:path";
import { bundlesStep, userNamespaces } from "./bundles.mjs";
import { languageHostStep, pulumiPath } from "./language-host.mjs";
import { withLock } from "./lock.mjs";
import { nodePackages } from "./node-packages.mjs";
import { projectDir } from "./places.mjs";
import { pulumiCli, pulumiStep } from "./pulumi-cli.mjs";
import { bytecodeStep, pythonStep } from "./python-environment.mjs";
import { SetupProblem } from "./run.mjs";
import { runSteps } from "./steps.mjs";

/** @typedef {"node" | "pulumi" | "python" | "bundles"} Part */

/** @type {Record<Part, import("./steps.mjs").Step[]>} */
const steps = {
  node: [nodePackages],
  pulumi: [pulumiStep, { ...languageHostStep, after: [nodePackages.name, pulumiStep.name] }],
  python: [pythonStep, bytecodeStep],
  bundles: [bundlesStep],
};

const allParts = /** @type {Part[]} */ (Object.keys(steps));

/** The oldest Node the packages run on (package.json engines). */
const oldestNode = [20, 19];

/**
 * Makes the machine ready.
 * @param {{quiet?: boolean, need?: Part[]}} options quiet: only lines of steps that did something; need: parts, all by
 * default.
 * @returns {Promise<{seconds: number, pulumi: string | undefined, path: string}>} the CLI, and a PATH that begins with
 * it and its language host.
 * @throws SetupProblem when something is missing that only the user can install.
 */
export async function ensureReady({ quiet = false, need = allParts } = {}) {
  const started = performance.now();
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1]))
    throw new SetupProblem(
      `Node.js ${process.versions.node} is too old. Install Node.js ${oldestNode.join(".")} or newer.`,
    );
  // Everything but the first npm ci needs Node packages.
  const wanted = [...new Set([/** @type {Part} */ ("node"), ...need])].flatMap((part) => steps[part] ?? []);
  const lock = join(projectDir, ".peregrine", "setup.lock");
  /** @param {number} pid */
  const waiting = (pid) => process.stderr.write(`Waiting for another set-up of this clone (process ${pid}) ...\n`);
  const perform = () => runSteps(wanted, { quiet });
  // Where nothing is to do, nobody needs to wait.
  await ((await allDone(wanted)) ? perform() : withLock(lock, waiting, perform));
  if (!quiet && need.includes("python") && !(await userNamespaces())) {
    process.stderr.write(
      "  note  User namespaces are not allowed here: containers run with path variables instead of a real /opt/ml (to allow them: sysctl kernel.unprivileged_userns_clone=1).\n",
    );
  }
  const path = [...(await pulumiPath()), join(projectDir, ".venv", "bin"), process.env.PATH].join(delimiter);
  return { seconds: (performance.now() - started) / 1000, pulumi: await pulumiCli(), path };
}

/** @param {import("./steps.mjs").Step[]} wanted */
async function allDone(wanted) {
  for (const step of wanted) {
    try {
      if ((await step.done()) === undefined) return false;
    } catch {
      // What a step looks at is not there yet: node_modules before the first npm ci.
      return false;
    }
  }
  return true;
}

/**
 * Runs `main` and turns a problem of the set-up into a sentence and exit code 1.
 * @param {() => Promise<number | void>} main
 */
export async function entry(main) {
  try {
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    process.stderr.write(`${error instanceof SetupProblem ? `error: ${error.message}` : error.stack}\n`);
    process.exitCode = 1;
  }
}
