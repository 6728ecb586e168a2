import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { projectDir } from "../../automation/project-dir";
import { makeTemporaryFolder } from "../support/temporary-folder";

/** Runs the command line. @returns what it printed and its exit code. */
function peregrine(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [join(projectDir, "scripts", "peregrine.cjs"), ...args], (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}

describe("peregrine local fault", function () {
  const folder = makeTemporaryFolder();

  it("tells all wrong options at once, in the command line's spelling, as wrong usage", async () => {
    const { code, stderr } = await peregrine(
      "local",
      "fault",
      "add",
      "slow",
      "--delay-ms",
      "soon",
      "--status",
      "500",
      "--share",
      "3",
    );
    assert.equal(code, 2);
    for (const problem of [
      "slow needs --endpoint",
      "--delay-ms must be a number",
      "slow has no option --status",
      "--share must be at most 1",
    ])
      assert.ok(stderr.includes(`error: ${problem}`), `${problem} in ${stderr}`);
  });

  it("names the kinds that there are", async () => {
    const { code, stderr } = await peregrine("local", "fault", "add", "flood");
    assert.deepEqual([code, /there is no fault "flood": use one of crash, slow, error/.test(stderr)], [2, true]);
  });

  it("shows the options of each kind", async () => {
    const { code, stdout } = await peregrine("local", "fault", "add", "--help");
    assert.equal(code, 0);
    assert.match(stdout, /silent-revert: .*\n +--endpoint \[--config\] \[--after\] \[--times\]/);
  });

  it("says what to do when no local cloud is running", async () => {
    const { code, stderr } = await peregrine("local", "fault", "list", "--state-dir", folder);
    assert.deepEqual(
      [code, /No local cloud is running\.\nStart one: npx peregrine local start/.test(stderr)],
      [1, true],
    );
  });
});
