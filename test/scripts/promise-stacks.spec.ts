import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";

const project = join(__dirname, "..", "..");

/** Lengths of the stacks that an output's promise and an error have, and what a leaked promise makes of the end. */
function stacks(env: NodeJS.ProcessEnv): unknown {
  const script = `
    const pulumi = require("@pulumi/pulumi");
    const { debuggablePromise } = require("@pulumi/pulumi/runtime/debuggable");
    const noted = Promise.resolve(1);
    debuggablePromise(noted, "spec");
    const lines = (text) => text.split("\\n").length - 1;
    console.log(JSON.stringify({ noted: lines(noted._debugStackTrace) > 0, error: lines(new Error("x").stack) > 0 }));`;
  const text = execFileSync(process.execPath, ["-r", "./scripts/promise-stacks.cjs", "-e", script], {
    cwd: project,
    encoding: "utf8",
    env: { ...process.env, ...env },
  });
  return JSON.parse(text);
}

describe("stacks of Pulumi's promises", () => {
  it("are left out, while errors keep theirs", () => {
    assert.deepEqual(stacks({ PULUMI_DEBUG_PROMISE_LEAKS: "" }), { noted: false, error: true });
  });

  it("are there for who looks for leaks", () => {
    assert.deepEqual(stacks({ PULUMI_DEBUG_PROMISE_LEAKS: "1" }), { noted: true, error: true });
  });
});
