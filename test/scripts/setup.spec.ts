import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { makeTemporaryFolder } from "../support/temporary-folder";

const setup = resolve("scripts", "setup");

/** Runs a module in a Node of its own, as set-up runs: before anything is installed, without a loader. */
function node(script: string): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((done) => {
    execFile(process.execPath, ["--input-type=module", "-e", script], (error, stdout, stderr) =>
      done({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr }),
    );
  });
}

describe("set-up", () => {
  const folder = makeTemporaryFolder("setup");
  after(() => rmSync(folder, { recursive: true, force: true }));
  const steps = `import { runSteps } from "${setup}/steps.mjs"; const said = []; const step = (name, more = {}) => ({ name, done: () => undefined, run: async () => void said.push(name), ...more });`;

  it("runs a step after those it depends on, and skips what is done", async () => {
    const { stdout, stderr } = await node(`${steps}
      await runSteps([step("a", { run: async () => { await new Promise((r) => setTimeout(r, 80)); said.push("a"); } }), step("b"), step("c", { after: ["a"] }), step("d", { done: () => "there" })]);
      console.log(said.join())`);
    assert.equal(stdout.trim(), "b,a,c");
    assert.match(stderr, /ok {4}d: there/);
    assert.match(stderr, /done {2}c \(0\.\ds\)/);
  });

  it("leaves out what depends on a failed step and tells the cause", async () => {
    const { code, stdout, stderr } = await node(`${steps}
      try { await runSteps([step("a", { run: async () => { throw new Error("no disk"); } }), step("b", { after: ["a"] }), step("c")]); } catch (error) { console.log(said.join(), "|", error.message); process.exitCode = 1; }`);
    assert.equal(code, 1);
    assert.equal(stdout.trim(), "c | a: no disk");
    assert.match(stderr, /FAILED a \(.*\n +a: no disk\n/);
  });

  it("lets one process at a time work, and takes over the lock of one that was killed", async () => {
    const [lock, log] = [join(folder, "lock"), join(folder, "log")];
    symlinkSync("999999999", `${lock}.7`);
    const work = `import { withLock } from "${setup}/lock.mjs"; import { appendFileSync } from "node:fs"; await withLock("${lock}", () => undefined, async () => { appendFileSync("${log}", "in "); await new Promise((r) => setTimeout(r, 50)); appendFileSync("${log}", "out "); });`;
    await Promise.all(Array.from({ length: 4 }, () => node(work)));
    assert.equal(readFileSync(log, "utf8").trim(), Array.from({ length: 4 }, () => "in out").join(" "));
  });

  it("looks for Python where no uv is, and says what to install when it is missing or broken", async () => {
    const tools = mkdtempSync(join(folder, "tools-"));
    const prepare = `process.env.PATH = "${tools}"; process.env.PEREGRINE_CACHE = "${folder}"; const { pythonStep } = await import("${setup}/python-environment.mjs"); try { await pythonStep.run(() => undefined); } catch (error) { console.log(error.message); }`;
    assert.match((await node(prepare)).stdout, /^Python 3\.11 is not installed\. Install it/);
    writeFileSync(join(tools, "python3"), "#!/bin/sh\necho no module named venv\nexit 1\n", { mode: 0o755 });
    assert.match(
      (await node(prepare)).stdout,
      /^uv could not be installed\. Install it by hand .*\n.*no module named venv/s,
    );
  });

  it("compiles what Python imports, and is not stopped by what cannot be imported", async () => {
    const project = join(folder, "compiled");
    const site = join(project, "site");
    mkdirSync(site, { recursive: true });
    writeFileSync(join(site, "whole.py"), "import part\n");
    writeFileSync(join(site, "part.py"), "answer = 42\n");
    writeFileSync(join(site, "broken.py"), "import nothing_of_this_name\n");
    const { stdout } = await promisify(execFile)("python3", [join(setup, "import_all.py"), "broken", "whole"], {
      env: { ...process.env, PYTHONPATH: site, PYTHONDONTWRITEBYTECODE: "" },
    });
    assert.match(stdout, /^broken\nbroken No module named 'nothing_of_this_name'\nwhole$/m);
    assert.deepEqual(
      readdirSync(join(site, "__pycache__"))
        .map((name) => name.split(".")[0])
        .sort(),
      ["broken", "part", "whole"],
    );
  });

  it("names what to install when a program is missing", async () => {
    const { stdout } = await node(
      `import { run, SetupProblem } from "${setup}/run.mjs"; try { await run("no-such-program", []); } catch (error) { console.log(error instanceof SetupProblem, error.message); }`,
    );
    assert.equal(stdout.trim(), "true no-such-program is not installed or not on PATH.");
  });
});
