// npm test: brings what is missing, then checks and all tests; `--unit` runs checks and unit tests alone, `--truth`
// only what others than this project say: AWS's packages, schemas and data. The last line is "tests: N passed, N
// failed, N skipped"; the exit code is 0 only when something passed and nothing failed.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, sep } from "node:path";
import { check, checks } from "./checks.mjs";
import { report, run } from "./job.mjs";
import { ensureReady, entry } from "./setup/index.mjs";
import { projectDir, python } from "./setup/places.mjs";
import { runJobs } from "./test-queue.mjs";

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
      // Where specs keep what others of the same run begin with: test/engine/brought-up.ts.
      PEREGRINE_TEST_SHARED: results,
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
    };
    const specs = specJobs(env);
    const level = (/** @type {string[]} */ ...levels) =>
      specs.filter(({ name }) => levels.includes(name.split(" ")[0]));
    // No tests, but a failure of one fails the run.
    const checked = checks.map((name) => ({
      name,
      run: async () => ({ passed: 0, failed: (await check(name, env)) ? 0 : 1, skipped: 0 }),
    }));
    const unit = [...checked, ...level("unit"), { name: "python", run: () => pytest("python", [], env) }];
    const training = { name: "python slow", run: () => pytest("python slow", ["-m", "slow"], env) };
    const counts = await runJobs(
      quick
        ? unit
        : truthAlone
          ? level("truth")
          : [...unit, training, ...level("rehearsal", "truth", "red", "cloud", "engine")],
    );
    const sum = (/** @type {"passed" | "failed" | "skipped"} */ key) =>
      counts.reduce((total, count) => total + count[key], 0);
    const [passed, failed, skipped] = [sum("passed"), sum("failed"), sum("skipped")];
    process.stdout.write(`tests: ${passed} passed, ${failed} failed, ${skipped} skipped\n`);
    return failed === 0 && passed > 0 ? 0 : 1;
  } finally {
    rmSync(results, { recursive: true, force: true });
  }
});

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/** A job for each group of specs; each spec is in one. @param {NodeJS.ProcessEnv} env */
function specJobs(env) {
  /** @type {Map<string, string[]>} */
  const groups = new Map();
  for (const file of readdirSync(join(projectDir, "test"), { recursive: true }).map(String).sort()) {
    if (!file.endsWith(".spec.ts")) continue;
    const name = jobOf(file.split(sep).join("/"));
    groups.set(name, [...(groups.get(name) ?? []), join("test", file)]);
  }
  return [...groups].map(([name, files]) => ({ name, run: () => mocha(name, files, env) }));
}

/** The job of a spec, its level first. @param {string} file below `test/`, with slashes. */
function jobOf(file) {
  const [level, area] = file.split("/");
  if (level === "engine" || level === "truth") return `${level} ${basename(file, ".spec.ts")}`;
  if (level === "redteam") return "red team";
  if (level === "rehearsal") return "rehearsal";
  // Specs that start a local cloud within their process, or a process of it.
  if (file.endsWith("local-cloud.spec.ts") || (level === "automation" && area === "roles")) return "cloud automation";
  if (/^local\/services\/(sagemaker|pipelines)/.test(file)) return "cloud sagemaker";
  if (/^local\/services\//.test(file)) return "cloud services";
  if (/^local\/(core|runner|upstream)\//.test(file)) return "cloud plain services";
  if (level === "infra" || level === "policies") return "unit program";
  return level === "local" ? "unit local" : "unit";
}

/** @param {string} name @param {string[]} files @param {NodeJS.ProcessEnv} env @returns {Promise<Counts>} */
async function mocha(name, files, env) {
  const result = join(results, `${(runs += 1)}.json`);
  const reporter = ["--reporter", join("scripts", "test-reporter.cjs"), "--reporter-option", `output=${result}`];
  const { code, output, seconds } = await run(
    process.execPath,
    [join("node_modules", "mocha", "bin", "mocha.js"), ...mochaOptions(), ...reporter, ...files],
    env,
  );
  const counts = existsSync(result) ? JSON.parse(readFileSync(result, "utf8")) : undefined;
  // Without a result the run itself broke off: a syntax error, a time-out, a crash.
  if (!counts || (code !== 0 && counts.failed === 0)) {
    report(false, name, "the run broke off", seconds, output);
    return { passed: counts?.passed ?? 0, failed: (counts?.failed ?? 0) + 1, skipped: counts?.skipped ?? 0 };
  }
  report(counts.failed === 0, name, summary(counts), seconds, output);
  return counts;
}

/** The options of `.mocharc.json` as arguments, without its specs: Mocha would add those to the ones that are named. */
function mochaOptions() {
  const { spec: _spec, ...rest } = JSON.parse(readFileSync(join(projectDir, ".mocharc.json"), "utf8"));
  const options = Object.entries(rest).flatMap(([name, value]) => {
    const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    if (typeof value === "boolean") return value ? [flag] : [];
    return [value].flat().flatMap((item) => [flag, String(item)]);
  });
  return ["--no-config", ...options];
}

/** @param {string} title @param {string[]} options @param {NodeJS.ProcessEnv} env */
async function pytest(title, options, env) {
  if (!existsSync(join(projectDir, "ml", "tests"))) return { passed: 0, failed: 0, skipped: 0 };
  const file = join(results, `${title}.xml`);
  const { code, output, seconds } = await run(
    python(),
    ["-m", "pytest", "ml", "-q", "--color=no", "-p", "no:cacheprovider", `--junitxml=${file}`, ...options],
    env,
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

/** @param {Counts} counts */
function summary({ passed, failed, skipped }) {
  return `${passed} passed${failed ? `, ${failed} FAILED` : ""}${skipped ? `, ${skipped} skipped` : ""}`;
}
