// Runs set-up steps, in parallel where they do not depend on each other, and shows them: one line a step with its time.
import { SetupProblem } from "./run.mjs";

/** Seconds between signs of life where the output is not a terminal. */
const signEverySeconds = 30;
const repaintMs = 200;

/**
 * @typedef {(text: string) => void} Tell tells of progress, in a few words
 *
 * @typedef {object} Step
 * @property {string} name what the line says
 * @property {string[]} [after] names of steps that must be done before
 * @property {() => (string | undefined | Promise<string | undefined>)} done a text when there is nothing to do;
 * undefined: to be run
 * @property {(tell: Tell) => Promise<string | void>} run does it; what it returns stands in the line
 */

/**
 * Runs all steps. Steps that depend on a failed one are left out; the first problem is thrown at the end.
 * @param {Step[]} steps
 * @param {{quiet?: boolean}} options quiet: no lines for steps that had nothing to do.
 */
export async function runSteps(steps, { quiet = false } = {}) {
  const board = new Board(quiet);
  /** @type {Map<string, Promise<void>>} */
  const running = new Map();
  const start = (/** @type {Step} */ step) => {
    return Promise.all((step.after ?? []).map((name) => running.get(name))).then(() => runStep(step, board));
  };
  // A step comes after those it depends on, so their promises exist already.
  for (const step of steps) running.set(step.name, start(step));
  const results = await Promise.allSettled(running.values());
  board.close();
  const problems = [...new Set(results.flatMap((result) => (result.status === "rejected" ? [result.reason] : [])))];
  if (problems.length > 1) for (const problem of problems.slice(1)) process.stderr.write(`${problem.message}\n`);
  if (problems.length > 0) throw problems[0];
}

/** @param {Step} step @param {Board} board */
async function runStep(step, board) {
  const started = performance.now();
  const already = await step.done();
  if (already !== undefined) return board.skipped(step.name, already);
  board.started(step.name, started);
  try {
    const told = await step.run((text) => board.tell(step.name, text));
    board.finished(step.name, true, told ?? "");
  } catch (error) {
    const problem =
      error instanceof SetupProblem ? error : Object.assign(error, { message: `${step.name}: ${error.message}` });
    // At once: the other steps may take minutes more.
    board.finished(step.name, false, "", problem.message);
    throw problem;
  }
}

/** The lines on the screen: finished ones stay, running ones are repainted on a terminal. */
class Board {
  /** @type {Map<string, { since: number, text: string, told: number }>} */
  #running = new Map();
  #painted = 0;
  /** @type {NodeJS.Timeout | undefined} */
  #timer;

  /** @param {boolean} quiet */
  constructor(quiet) {
    this.quiet = quiet;
    this.live = Boolean(process.stderr.isTTY);
  }

  /** @param {string} name @param {number} since */
  started(name, since) {
    this.#running.set(name, { since, text: "", told: since });
    this.#timer ??= setInterval(() => (this.live ? this.#paint() : this.#signOfLife()), this.live ? repaintMs : 1000);
    this.#timer.unref?.();
  }

  /** @param {string} name @param {string} text */
  tell(name, text) {
    const step = this.#running.get(name);
    if (step) step.text = text;
  }

  /** @param {string} name @param {string} text */
  skipped(name, text) {
    if (!this.quiet) this.#line(`  ok    ${name}${text ? `: ${text}` : ""}`);
  }

  /** @param {string} name @param {boolean} ok @param {string} text */
  finished(name, ok, text, problem = "") {
    const since = this.#running.get(name)?.since ?? performance.now();
    this.#running.delete(name);
    this.#line(
      `  ${ok ? "done  " : "FAILED"}${ok ? "" : " "}${name}${text ? `: ${text}` : ""} (${elapsed(since)})${problem && problem.replace(/^|\n/g, "\n         ")}`,
    );
  }

  close() {
    clearInterval(this.#timer);
    this.#wipe();
  }

  /** @param {string} text */
  #line(text) {
    this.#wipe();
    process.stderr.write(`${text}\n`);
    if (this.live) this.#paint();
  }

  #signOfLife() {
    for (const [name, step] of this.#running) {
      if (performance.now() - step.told < signEverySeconds * 1000) continue;
      step.told = performance.now();
      process.stderr.write(`  ...   ${name}${step.text ? `: ${step.text}` : ""} (${elapsed(step.since)})\n`);
    }
  }

  #paint() {
    this.#wipe();
    const width = (process.stderr.columns ?? 80) - 1;
    for (const [name, { since, text }] of this.#running)
      process.stderr.write(`${`  ...   ${name}${text ? `: ${text}` : ""} (${elapsed(since)})`.slice(0, width)}\n`);
    this.#painted = this.#running.size;
  }

  #wipe() {
    if (this.#painted > 0) process.stderr.write(`\x1b[${this.#painted}A\x1b[0J`);
    this.#painted = 0;
  }
}

/** `3m 26s` or `1.4s`, since a `performance.now()`. @param {number} since */
function elapsed(since) {
  const seconds = (performance.now() - since) / 1000;
  return seconds < 60 ? `${seconds.toFixed(1)}s` : `${Math.floor(seconds / 60)}m ${Math.round(seconds % 60)}s`;
}
