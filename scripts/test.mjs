// npm test: brings what is missing, then checks and all tests; `--unit` runs checks and unit tests alone, `--truth` only what others
// than this project say: AWS's packages, schemas and data.
// The last line is "tests: N passed, N failed, N skipped"; the exit code is 0 only when something passed and nothing failed.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { checks } from "./checks.mjs";
import { ensureReady, entry } from "./setup/index.mjs";
import { projectDir, python } from "./setup/places.mjs";

/** Generous limits: on a busy machine a test may be slow, but nothing may hang for ever. */
/** @type {Record<string, number>} */
const minutes = { check: 10, unit: 10, cloud: 15, python: 15, engine: 30, "red team": 15, rehearsal: 30, truth: 20 };
/** Specs that start a local cloud within their process, or a process of it. What is left beside the engine, the red team and the rehearsal are unit tests: they finish in seconds. */
const cloudSpecs = [
  "test/local/{core,runner,services,upstream}/**/*.spec.ts",
  "test/automation/roles/*.spec.ts",
  "test/**/*local-cloud.spec.ts",
];
const otherSpecs = [...cloudSpecs, "test/engine/**", "test/redteam/**", "test/rehearsal/**", "test/truth/**"];
/** Engine specs that take longest, so that they begin first. */
const longest = ["releases", "runbooks", "delivery", "wrong-release"];
/** At a time. Clouds, engines and tests wait for one another, so that two cores have room for three; each job is by itself. */
const workers = Math.max(2, Math.min(4, availableParallelism() + 1));

let runs = 0;
const quick = process.argv.includes("--unit");
const truthAlone = process.argv.includes("--truth");
const results = mkdtempSync(join(tmpdir(), "peregrine-tests-"));

await entry(async () => {
  try {
    const ready = await ensureReady({ quiet: true });
    const env = {
      ...process.env,
      PATH: ready.path,
      FORCE_COLOR: "0",
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
    };
    const unit = [
      () =>
        inTurn([
          ...checks.map((name) => () => npmCheck(name, env)),
          () =>
            mocha(
              "unit",
              otherSpecs.flatMap((specs) => ["--ignore", specs]),
              env,
            ),
        ]),
      () => pytest("python", [], env),
    ];
    const training = () => pytest("python slow", ["-m", "slow"], env);
    const cloud = () =>
      mocha(
        "cloud",
        cloudSpecs.flatMap((specs) => ["--spec", specs]),
        env,
      );
    const truth = specsIn("truth").map(
      (name) => () => mocha("truth", ["--spec", `test/truth/${name}.spec.ts`], env, name),
    );
    const engine = engineSpecs().map(
      (name) => () => mocha("engine", ["--spec", `test/engine/${name}.spec.ts`], env, name),
    );
    const rehearsal = () => mocha("rehearsal", ["--spec", "test/rehearsal/**/*.spec.ts"], env);
    const redTeam = () => mocha("red team", ["--spec", "test/redteam/**/*.spec.ts"], env);
    const counts = await sideBySide(
      quick ? unit : truthAlone ? truth : [rehearsal, ...truth, redTeam, training, ...unit, cloud, ...engine],
    );
    const sum = (/** @type {keyof Counts} */ key) => counts.reduce((total, count) => total + count[key], 0);
    const [passed, failed, skipped] = [sum("passed"), sum("failed"), sum("skipped")];
    process.stdout.write(`tests: ${passed} passed, ${failed} failed, ${skipped} skipped\n`);
    return failed === 0 && passed > 0 ? 0 : 1;
  } finally {
    rmSync(results, { recursive: true, force: true });
  }
});

/** Names of the engine's specs, the longest first. */
function engineSpecs() {
  const names = specsIn("engine");
  return [...longest.filter((name) => names.includes(name)), ...names.filter((name) => !longest.includes(name)).sort()];
}

/** Names of the specs in a folder of `test/`. @param {string} level */
function specsIn(level) {
  const folder = join(projectDir, "test", level);
  const files = existsSync(folder) ? readdirSync(folder, { recursive: true }).map(String).sort() : [];
  return files.flatMap((file) => (file.endsWith(".spec.ts") ? [file.slice(0, -".spec.ts".length)] : []));
}

/**
 * @typedef {{ passed: number, failed: number, skipped: number }} Counts
 * @typedef {() => Promise<Counts | Counts[]>} Job
 */

/** Runs jobs in their order, some at a time. @param {Job[]} jobs @returns the counts of all. */
async function sideBySide(jobs) {
  const waiting = [...jobs];
  /** @type {(Counts | Counts[])[]} */
  const counts = [];
  const worker = async () => {
    for (let job = waiting.shift(); job; job = waiting.shift()) counts.push(await job());
  };
  await Promise.all(Array.from({ length: workers }, worker));
  return counts.flat();
}

/** @param {Job[]} jobs */
async function inTurn(jobs) {
  const counts = [];
  for (const job of jobs) counts.push(await job());
  return counts.flat();
}

/**
 * Types, lint, import law: no tests, but a failure of one fails the run.
 * @param {string} script of package.json. @param {NodeJS.ProcessEnv} env
 */
async function npmCheck(script, env) {
  const { code, output, seconds } = await run("npm", ["run", "--silent", script], env, minutes.check);
  report(code === 0, script, "", seconds, code === 0 ? "" : output);
  return { passed: 0, failed: code === 0 ? 0 : 1, skipped: 0 };
}

/** @param {string} level @param {string[]} options @param {NodeJS.ProcessEnv} env @param {string} [name] of a spec that runs alone. */
async function mocha(level, options, env, name) {
  const file = join(results, `${level}-${(runs += 1)}.json`);
  const title = name ? `${level} ${name}` : level;
  const configuration = join(projectDir, ".mocharc.json");
  // Given specs add to those of the configuration, so the levels below leave its list out.
  const base = options.includes("--spec")
    ? ["--no-config", ...withoutSpecs(configuration)]
    : ["--config", configuration];
  const reporter = [
    "--reporter",
    join(projectDir, "scripts", "test-reporter.cjs"),
    "--reporter-option",
    `output=${file}`,
  ];
  const { code, output, seconds } = await run(
    process.execPath,
    [join(projectDir, "node_modules", "mocha", "bin", "mocha.js"), ...base, ...options, ...reporter],
    env,
    minutes[level],
  );
  if (/No test files found/.test(output)) return { passed: 0, failed: 0, skipped: 0 };
  const counts = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
  // Without a result the run itself broke off: a syntax error, a time-out, a crash.
  if (!counts || (code !== 0 && counts.failed === 0)) {
    report(false, title, "the run broke off", seconds, output);
    return { passed: counts?.passed ?? 0, failed: (counts?.failed ?? 0) + 1, skipped: counts?.skipped ?? 0 };
  }
  report(counts.failed === 0, title, summary(counts), seconds, output);
  return counts;
}

/** The configuration's options without its specs, as arguments. @param {string} file */
function withoutSpecs(file) {
  const { spec: _spec, ...rest } = JSON.parse(readFileSync(file, "utf8"));
  return Object.entries(rest).flatMap(([name, value]) => {
    const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    if (typeof value === "boolean") return value ? [flag] : [];
    return [value].flat().flatMap((item) => [flag, String(item)]);
  });
}

/** @param {string} title @param {string[]} options beside those of ml/pyproject.toml. @param {NodeJS.ProcessEnv} env */
async function pytest(title, options, env) {
  if (!existsSync(join(projectDir, "ml", "tests"))) return { passed: 0, failed: 0, skipped: 0 };
  const file = join(results, `${title}.xml`);
  const { code, output, seconds } = await run(
    python(),
    ["-m", "pytest", "ml", "-q", "--color=no", "-p", "no:cacheprovider", `--junitxml=${file}`, ...options],
    env,
    minutes.python,
  );
  const suite = existsSync(file) ? /<testsuite [^>]*>/.exec(readFileSync(file, "utf8"))?.[0] : undefined;
  const number = (/** @type {string} */ name) => Number(new RegExp(` ${name}="(\\d+)"`).exec(suite ?? "")?.[1] ?? 0);
  const counts = { failed: number("failures") + number("errors"), skipped: number("skipped"), passed: 0 };
  counts.passed = number("tests") - counts.failed - counts.skipped;
  // pytest answers 5 when it finds no tests.
  if (code !== 0 && counts.failed === 0 && !(code === 5 && number("tests") === 0)) counts.failed = 1;
  report(counts.failed === 0, title, summary(counts), seconds, counts.failed === 0 ? "" : output);
  return counts;
}

/**
 * @param {string} command @param {readonly string[]} args @param {NodeJS.ProcessEnv} env @param {number} limitMinutes until it is ended.
 * @returns {Promise<{ code: number, output: string, seconds: number }>}
 */
function run(command, args, env, limitMinutes) {
  const started = performance.now();
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: projectDir, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text) => (output += text));
    // The whole group: tests start engines and clouds of their own.
    const stop = (/** @type {NodeJS.Signals} */ signal) => {
      try {
        if (child.pid) process.kill(-child.pid, signal);
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

/** @param {Counts} counts */
function summary({ passed, failed, skipped }) {
  return `${passed} passed${failed ? `, ${failed} FAILED` : ""}${skipped ? `, ${skipped} skipped` : ""}`;
}

/** @param {boolean} ok @param {string} name @param {string} text @param {number} seconds @param {string} output */
function report(ok, name, text, seconds, output) {
  process.stdout.write(`${ok ? "ok    " : "FAILED"} ${name}${text ? `: ${text}` : ""} (${seconds.toFixed(1)} s)\n`);
  if (output.trim() !== "") process.stdout.write(`${output.trimEnd()}\n`);
}
