import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync, rmSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { claim } from "../../local/claim.cjs";
import { Lock, StateLocked } from "../../local/lock";
import { makeTemporaryFolder } from "../support/temporary-folder";

/** No machine gives out such a process id. */
const dead = "999999999";

describe("a claim", () => {
  let folder: string;
  let name: string;
  beforeEach(() => {
    folder = makeTemporaryFolder("claim");
    name = join(folder, "lock");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("is held by one, and free again when it is released", () => {
    const first = claim(name);
    assert.equal(first.holder, undefined);
    assert.deepEqual(claim(name), { holder: process.pid });
    if (first.holder === undefined) first.release();
    assert.equal(claim(name).holder, undefined);
    assert.equal(readdirSync(folder).length, 1, "earlier numbers are cleared away");
  });

  it("passes from a process that was killed to the next, also when it bore our number", () => {
    symlinkSync(dead, `${name}.3`);
    assert.equal(claim(name).holder, undefined);
    assert.deepEqual(readdirSync(folder), ["lock.4"]);
    symlinkSync(String(process.pid), join(folder, "other.1"));
    assert.equal(claim(join(folder, "other")).holder, undefined);
  });

  it("gives way when the number it took was given back by somebody further on", () => {
    symlinkSync("nobody", `${name}.9`);
    assert.equal(claim(name).holder, undefined);
    assert.deepEqual(readdirSync(folder), ["lock.10"]);
  });

  it("is never held by two, whoever comes and is killed meanwhile", async () => {
    // Each claims and releases many times, marks its turn by a folder that only one can make, and the first of them is
    // killed over and over.
    const script = `
      const { claim } = require(${JSON.stringify(resolve("local", "claim.cjs"))});
      const { mkdirSync, rmdirSync } = require("node:fs");
      const deadline = Date.now() + 20000;
      for (let turns = 0; turns < 60 && Date.now() < deadline; ) {
        const one = claim(${JSON.stringify(name)});
        if (one.holder !== undefined) continue;
        mkdirSync(${JSON.stringify(join(folder, "turn"))});
        rmdirSync(${JSON.stringify(join(folder, "turn"))});
        turns += 1;
        if (turns % 20 === 0 && process.argv[1] === "dies") process.exit(0);
        one.release();
      }`;
    const run = (how: string) => promisify(execFile)(process.execPath, ["-e", script, how]);
    await Promise.all([
      run("dies")
        .then(() => run("dies"))
        .then(() => run("dies")),
      run("lives"),
      run("lives"),
    ]);
  });

  it("on a state folder names the process that has it", () => {
    const lock = Lock.take(folder);
    assert.throws(
      () => Lock.take(folder),
      (error) => error instanceof StateLocked && error.pid === process.pid,
    );
    lock.release();
    Lock.take(folder).release();
  });
});
