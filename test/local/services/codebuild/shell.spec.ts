import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { BuildShell } from "../../../../local/services/codebuild/shell";
import { probeIsolation, type Isolation } from "../../../../local/runner/isolation";
import { eventually } from "../../../support/eventually";
import { repository } from "../../support";
import { makeTemporaryFolder } from "../../../support/temporary-folder";
import { processes } from "./account";

describe("the shell of a build", function () {
  const folder = makeTemporaryFolder();
  let lines: string[];
  let shell: BuildShell | undefined;
  let count = 0;

  function open(program: "sh" | "bash", isolation: Isolation = "paths"): BuildShell {
    lines = [];
    const own = join(folder, String(++count));
    return (shell = new BuildShell({
      folder: own,
      workingDirectory: folder,
      home: join(own, "home"),
      env: { GIVEN: "1" },
      shell: program,
      isolation,
      onLine: (line) => lines.push(line),
    }));
  }

  afterEach(() => shell?.close());

  for (const program of ["sh", "bash"] as const) {
    it(`keeps variables, functions and the working directory between commands (${program})`, async () => {
      const { run } = bound(open(program));
      assert.deepEqual(
        [
          await run("plain=1; export EXPORTED=2; greet() { echo hello $1; }"),
          await run("mkdir -p below && cd below"),
          await run("greet $plain$EXPORTED$GIVEN; basename $PWD"),
        ],
        [0, 0, 0],
      );
      assert.deepEqual(lines, ["hello 121", "below"]);
    });

    it(`tells the status of each command, and survives exit, syntax errors, set -e and kill with what was exported (${program})`, async () => {
      const { run } = bound(open(program));
      assert.equal(await run("false"), 1);
      await run("export EXPORTED=2; plain=1; cd /tmp");
      assert.equal(await run("exit 3"), 3);
      await run("echo $EXPORTED-$plain-$PWD");
      assert.notEqual(await run("if then"), 0);
      assert.equal(await run("set -e; false; echo never"), 1);
      assert.equal(await run("kill -9 $$"), 137);
      assert.equal(await run("exec true"), 0);
      assert.equal(await run("echo still here"), 0);
      assert.ok(lines.includes("2--/tmp") && lines.includes("still here") && !lines.includes("never"), lines.join("|"));
    });
  }

  it("reads errors in order with what is printed, ends lines that have no end, and gives commands an empty input", async () => {
    const { run } = bound(open("sh"));
    await run("echo one; echo two >&2; echo three; printf four");
    assert.equal(await run("cat"), 0);
    assert.equal(await run("exec >/dev/null 2>&1; echo lost"), 0);
    assert.deepEqual(lines, ["one", "two", "three", "four"]);
  });

  it("waits for no process that a command leaves behind, and ends it with the shell", async () => {
    const { run } = bound(open("sh"));
    assert.equal(await run("sleep 6021 & echo started"), 0);
    assert.equal(processes(/^sleep 6021$/).length, 1);
    await shell!.close();
    await eventually(() => assert.deepEqual(processes(/^sleep 6021$/), []));
  });

  it("fails the command that runs when the shell is ended, and every one after it", async () => {
    const { run } = bound(open("sh"));
    const running = run("sleep 600");
    await shell!.close();
    assert.equal(await running, 137);
    assert.equal(await run("true"), 137);
  });

  for (const isolation of ["paths", "mount", "container"] as const) {
    it(`does not outlive a killed local cloud, nor does anything it started (${isolation})`, async function () {
      const strengths: readonly Isolation[] = ["paths", "mount", "container"];
      if (strengths.indexOf(isolation) > strengths.indexOf(probeIsolation())) this.skip();
      const program = `const { BuildShell } = require(${JSON.stringify(join(repository, "local/services/codebuild/shell"))});
        const shell = new BuildShell({ folder: ${JSON.stringify(join(folder, isolation))}, workingDirectory: "/tmp", home: ${JSON.stringify(folder)}, env: {}, shell: "sh", isolation: "${isolation}", onLine() {} });
        void shell.run("sleep 6031 & sleep 6032");`;
      const parent = spawn(process.execPath, ["-r", join(repository, "scripts", "register.cjs"), "-e", program], {
        stdio: "ignore",
      });
      await eventually(() => assert.equal(processes(/^sleep 603[12]$/).length, 2));
      parent.kill("SIGKILL");
      await eventually(() => assert.deepEqual(processes(/^sleep 603[12]$/), []));
    });
  }
});

function bound(shell: BuildShell): { run(command: string): Promise<number> } {
  return { run: (command) => shell.run(command) };
}
