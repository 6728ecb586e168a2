import { execFile } from "node:child_process";
import { existsSync, mkdirSync, rmSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { chromium } from "playwright-core";
import { atATime } from "../../aws/at-a-time";
import { TrackingServer } from "../../local/services/mlflow/process";
import { keptRunsFile } from "../tracking";
import { projectDir } from "../project";
import type { Recorder } from "./figures";

const budgetSeconds = 1;
const shape = { params: 100, metrics: 40, steps: 1 };
const minuteMs = 60_000;
/** The page of MLflow asks for one run after the other; it is waited for so long. */
const patienceMs = 10 * minuteMs;
/** Nothing came for so long: it is there. */
const quietMs = 3_000;
const timesOurs = 5;

/**
 * `peregrine compare` of many runs, beside MLflow's own page that compares the same runs on the same server: whole
 * processes and whole pages, one after the other.
 */
export async function benchRuns(record: Recorder, count = 1000): Promise<void> {
  const folder = join(projectDir, ".peregrine", "bench", "runs");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const server = new TrackingServer(join(projectDir, ".venv", "bin", "python"), folder, "s3://none/mlflow", () => ({}));
  const url = `http://127.0.0.1:${await server.port()}`;
  const kept = keptRunsFile(url);
  try {
    const { experiment, ids } = await seed(url, count);
    record.about = `${count} runs of ${shape.params} parameters and ${shape.metrics} metrics each, one every 20 minutes, on one MLflow server (3.17, SQLite). A command is a whole process, from its start to its end. MLflow's page is in headless Chromium, until the last answer before three quiet seconds; it shows charts that the command's table has not, and the command writes a page of what differs.`;
    record.figure("runs", ids.length, "");
    const page = join(folder, "comparison.html");
    const compare = () =>
      timed(() => peregrine("compare", "--where", "model is known", "--tracking", url, "--html", page));
    const first = await compare();
    record.figure("peregrine compare, first time: all runs are read from MLflow", first, "s");
    const times: number[] = [];
    for (let time = 0; time < timesOurs; time++) times.push(await compare());
    const median = times.sort((a, b) => a - b)[Math.floor(times.length / 2)]!;
    record.figure(`peregrine compare from then on, median of ${timesOurs}`, median, "s", {
      text: `at most ${budgetSeconds} s`,
      met: median <= budgetSeconds,
    });
    record.figure("its page", statSync(page).size / 1e6, "MB");
    const search = await timed(() =>
      peregrine("runs", "--where", "map50 > 0.5 and (model = 'yolo11n' or tags.reason ~ 'drift')", "--tracking", url),
    );
    record.figure("peregrine runs with a question", search, "s");
    const theirs = await pageOfMlflow(url, experiment, ids);
    record.figure("MLflow's page that compares them", theirs.seconds, "s");
    record.figure("requests of that page", theirs.requests, "");
    record.figure("MLflow's page over peregrine compare", theirs.seconds / median, "times");
    record.figure("MLflow's page over the first peregrine compare", theirs.seconds / first, "times");
  } finally {
    server.close();
    rmSync(kept, { force: true });
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function seed(url: string, count: number): Promise<{ experiment: string; ids: string[] }> {
  const post = async (name: string, body: object): Promise<unknown> => {
    const answer = await fetch(`${url}/api/2.0/mlflow/${name}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${name}: ${await answer.text()}`);
    return answer.json();
  };
  const { experiment_id: experiment } = (await post("experiments/create", { name: "bench" })) as {
    experiment_id: string;
  };
  const begin = Date.parse("2026-06-01T00:00:00Z");
  const ids = await atATime(
    Array.from({ length: count }, (_, index) => index),
    async (index) => {
      const start_time = begin + index * 20 * minuteMs;
      const reason = index % 10 === 0 ? "retraining drift: fog" : "by hand";
      const { run } = (await post("runs/create", {
        experiment_id: experiment,
        run_name: `run-${index}`,
        start_time,
        tags: [{ key: "peregrine.run_reason", value: reason }],
      })) as { run: { info: { run_id: string } } };
      const run_id = run.info.run_id;
      const scatter = (seed: number) => ((index * 7919 + seed * 104_729) % 1000) / 1000;
      const param = (at: number) => ({ key: `param_${at}`, value: String(at < 10 ? scatter(at) : at) });
      const metric = (at: number) => ({
        key: at === 0 ? "map50" : `metric_${at}`,
        value: scatter(at),
        step: 0,
        timestamp: start_time,
      });
      await post("runs/log-batch", {
        run_id,
        params: [
          { key: "model", value: index % 3 === 0 ? "yolo11n" : "yolo11s" },
          ...Array.from({ length: shape.params - 1 }, (_, at) => param(at)),
        ],
        metrics: Array.from({ length: shape.metrics }, (_, at) => metric(at)),
      });
      await post("runs/update", { run_id, status: "FINISHED", end_time: start_time + 10 * minuteMs });
      return run_id;
    },
    4,
  );
  return { experiment, ids };
}

/**
 * Loads MLflow's page that compares runs, as its own button would, in a browser that has its scripts already. It is
 * there with the last answer that it waits for; a page that polls is never idle.
 */
async function pageOfMlflow(
  url: string,
  experiment: string,
  ids: readonly string[],
): Promise<{ seconds: number; requests: number }> {
  const browser = await chromium.launch({ executablePath: chromiumOnPath(), args: ["--no-sandbox"] });
  try {
    const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage();
    await page.goto(`${url}/#/experiments`, { waitUntil: "load", timeout: patienceMs });
    await delay(quietMs);
    let requests = 0;
    let last = performance.now();
    page.on("request", () => requests++);
    page.on("requestfinished", () => (last = performance.now()));
    const asked = `runs=${encodeURIComponent(JSON.stringify(ids))}&experiments=${encodeURIComponent(JSON.stringify([experiment]))}`;
    const started = performance.now();
    await page.goto(`${url}/#/compare-runs?${asked}`, { timeout: patienceMs });
    while (requests < ids.length || performance.now() - last < quietMs) {
      if (performance.now() - started > patienceMs)
        throw new Error(`MLflow's page asked ${requests} times and is not there`);
      await delay(100);
    }
    return { seconds: (last - started) / 1000, requests };
  } finally {
    await browser.close();
  }
}

/** @throws Error where there is no Chromium. */
function chromiumOnPath(): string {
  const places = (process.env["PATH"] ?? "")
    .split(delimiter)
    .flatMap((folder) => ["chromium", "chromium-browser", "google-chrome"].map((name) => join(folder, name)));
  const found = places.find((file) => existsSync(file));
  if (!found)
    throw new Error(
      "MLflow's page cannot be measured: there is no chromium on the PATH (Debian: apt install chromium)",
    );
  return found;
}

function peregrine(...args: string[]): Promise<unknown> {
  return promisify(execFile)(process.execPath, [join("scripts", "peregrine.cjs"), ...args], {
    cwd: projectDir,
    maxBuffer: 1024 ** 3,
  });
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}
