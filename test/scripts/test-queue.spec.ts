import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { makeTemporaryFolder } from "../support/temporary-folder";

const repository = resolve(__dirname, "..", "..");

/**
 * Runs jobs of some milliseconds each; one fails. Prints the order in which they began, and how many results there are.
 */
const program = `
import { runJobs } from "./scripts/test-queue.mjs";
import { setTimeout } from "node:timers/promises";
const begun = [];
const job = (name, ms, failed = 0) => ({ name, run: async () => { begun.push(name); await setTimeout(ms); return { passed: 1, failed, skipped: 0 }; } });
const jobs = [job("short", 150), job("broken", 600, 1), job("long", 900), job("rehearsal", 400)];
const results = await runJobs(jobs, process.argv[1]);
console.log(JSON.stringify({ begun, count: results.length }));
`;

describe("the queue of npm test", () => {
  const folder = makeTemporaryFolder("queue");
  const file = join(folder, "kept", "durations.json");
  after(() => rmSync(folder, { recursive: true }));

  const run = () =>
    JSON.parse(
      execFileSync(process.execPath, ["--input-type=module", "-e", program, file], {
        cwd: repository,
        encoding: "utf8",
      }),
    ) as { begun: string[]; count: number };

  it("begins with those that are known to be long, and the next time with those that were", () => {
    const first = run();
    assert.equal(first.begun[0], "rehearsal");
    assert.equal(first.count, 4);
    assert.deepEqual(Object.keys(JSON.parse(readFileSync(file, "utf8")) as object).sort(), [
      "long",
      "rehearsal",
      "short",
    ]);
    assert.deepEqual(run(), { begun: ["broken", "long", "rehearsal", "short"], count: 4 });
  });
});
