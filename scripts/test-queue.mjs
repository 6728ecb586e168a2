// The queue of `npm test`: the longest job first, and as many side by side as keep the processors at work.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { projectDir } from "./setup/places.mjs";

/** What each job took in the last run on this machine, seconds by its name. */
const durationsFile = join(projectDir, "node_modules", ".cache", "peregrine-tests", "durations.json");
/** Where nothing was measured yet: the jobs that take longest, in this order; all others follow. */
const longest = [
  "rehearsal",
  "engine runbooks",
  "engine interrupted-releases",
  "engine delivery",
  "engine platform",
  "engine releases",
  "engine wrong-release",
  "engine instance-type",
  "cloud sagemaker",
  "cloud services",
  "red team",
  "cloud automation",
  "unit local",
  "cloud plain services",
];

/** Jobs at a time that are always begun. */
const fewest = availableParallelism() + 1;
/**
 * Clouds, engines and tests often wait for one another: while processors stand idle more jobs are begun, up to this
 * number.
 */
const most = 2 * availableParallelism() + 1;
const pollMs = 5_000;
/** What a job may take that nobody has measured. */
const newSeconds = 60;
/** Share of the processors' time. */
const idleEnough = 0.2;

/**
 * @typedef {{ passed: number, failed: number, skipped: number }} Counts
 * @typedef {{ name: string, run: () => Promise<Counts> }} Job
 */

/**
 * Runs all jobs.
 * @param {readonly Job[]} jobs
 * @param {string} [file] where durations are kept.
 * @returns the counts of all.
 */
export async function runJobs(jobs, file = durationsFile) {
  const known = knownDurations(file);
  const waiting = longestFirst(jobs, known);
  const running = new Set();
  /** @type {Counts[]} */
  const results = [];
  const begin = () => {
    const job = waiting.shift();
    if (!job) return;
    const started = performance.now();
    const work = job.run().then((result) => {
      results.push(result);
      // What fails may have ended early.
      if (result.failed === 0) known[job.name] = Number(((performance.now() - started) / 1000).toFixed(1));
      running.delete(work);
    });
    running.add(work);
  };
  const idle = idleShare();
  while (waiting.length > 0 || running.size > 0) {
    while (waiting.length > 0 && running.size < fewest) begin();
    const look = new AbortController();
    await Promise.race([...running, setTimeout(pollMs, undefined, { signal: look.signal }).catch(() => undefined)]);
    look.abort();
    if (idle() > idleEnough && waiting.length > 0 && running.size < most) begin();
  }
  keepDurations(file, known);
  return results;
}

/**
 * By the last run's durations; by the list where there is none.
 * @param {readonly Job[]} jobs
 * @param {Record<string, number>} known
 */
function longestFirst(jobs, known) {
  const place = (/** @type {Job} */ { name }) => (longest.includes(name) ? longest.length - longest.indexOf(name) : 0);
  // A job that is new here goes before the short ones: begun last it might run alone.
  const seconds = (/** @type {Job} */ job) => known[job.name] ?? 1_000 * place(job) + newSeconds;
  return [...jobs].sort((a, b) => seconds(b) - seconds(a));
}

/** @param {string} file @returns {Record<string, number>} */
function knownDurations(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return {};
  }
}

/** @param {string} file @param {Record<string, number>} known */
function keepDurations(file, known) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.${process.pid}`, `${JSON.stringify(known, undefined, 2)}\n`);
  renameSync(`${file}.${process.pid}`, file);
}

/** @returns a function that says which share of the processors' time was idle since it was asked before. */
function idleShare() {
  const sums = () =>
    cpus().reduce(
      ({ idle, all }, { times }) => ({
        idle: idle + times.idle,
        all: all + times.user + times.nice + times.sys + times.irq + times.idle,
      }),
      { idle: 0, all: 0 },
    );
  let before = sums();
  return () => {
    const now = sums();
    const [idle, all] = [now.idle - before.idle, now.all - before.all];
    // A moment is no measure: what ends at once leaves the time running.
    if (all < 1_000) return 0;
    before = now;
    return idle / all;
  };
}
