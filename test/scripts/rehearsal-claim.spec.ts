import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../automation/errors";
import { claimRehearsal } from "../../scripts/rehearsal/claim";
import { makeTemporaryFolder } from "../support/temporary-folder";

describe("a checkout", () => {
  const folder = makeTemporaryFolder();
  const holder = (pid: number, number: number) => symlinkSync(String(pid), join(folder, `lock.${number}`));

  it("is rehearsed in by one at a time: the second is told which process is at it", () => {
    holder(process.ppid, 1);
    assert.throws(
      () => claimRehearsal(folder),
      (error: Error) =>
        error instanceof UserError &&
        error.message === `Another rehearsal runs in this checkout (process ${process.ppid}).` &&
        error.next.includes(`kill -INT ${process.ppid}`),
    );
  });

  it("is free again after a rehearsal, also after one that was killed", () => {
    holder(spawnSync(process.execPath, ["--version"]).pid, 2);
    claimRehearsal(folder).release();
    claimRehearsal(folder).release();
  });
});
