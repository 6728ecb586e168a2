import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { writePulumiShim } from "../../scripts/setup/pulumi-shim";
import { pulumiPath } from "./stack";
import { makeTemporaryFolder } from "../support/temporary-folder";

describe("the pulumi that a rehearsal puts on PATH", function () {
  this.slow(10_000);
  const project = makeTemporaryFolder("shim");
  const settings = "config:\n  tiny:word: first\n";
  const tracked = join(project, "Pulumi.dev.yaml");
  const stateDir = join(project, ".state");
  let env: NodeJS.ProcessEnv;

  before(() => {
    const path = pulumiPath();
    writeFileSync(join(project, "Pulumi.yaml"), "name: tiny\nmain: program\nruntime: nodejs\n");
    mkdirSync(join(project, "program"));
    writeFileSync(tracked, settings);
    mkdirSync(join(stateDir, "backend"), { recursive: true });
    const bin = writePulumiShim({ projectDir: project, stateDir, pulumi: join(path.split(delimiter)[0]!, "pulumi") });
    env = {
      ...process.env,
      PATH: [bin, path].join(delimiter),
      PULUMI_BACKEND_URL: `file://${stateDir}/backend`,
      PULUMI_HOME: join(stateDir, "home"),
      PULUMI_CONFIG_PASSPHRASE: "tiny",
      PULUMI_SKIP_UPDATE_CHECK: "true",
    };
  });
  after(() => rmSync(project, { recursive: true, force: true }));

  const pulumi = (...args: string[]): string =>
    execFileSync("pulumi", [...args, "--non-interactive"], { cwd: project, env, encoding: "utf8" });

  it("keeps the encryption salt out of the tracked settings", () => {
    pulumi("stack", "init", "dev");
    assert.equal(readFileSync(tracked, "utf8"), settings);
    assert.match(readFileSync(join(stateDir, "project", "Pulumi.dev.yaml"), "utf8"), /^encryptionsalt: v1:/m);
  });

  it("takes over what changes in the tracked settings, and keeps the salt", () => {
    writeFileSync(tracked, settings.replace("first", "second"));
    pulumi("stack", "ls");
    const copy = readFileSync(join(stateDir, "project", "Pulumi.dev.yaml"), "utf8");
    assert.match(copy, /word: second/);
    assert.match(copy, /^encryptionsalt: v1:/m);
  });

  it("serves commands side by side, and leaves nothing in the project", async () => {
    rmSync(join(stateDir, "project"), { recursive: true });
    mkdirSync(join(stateDir, "project"));
    const before = readdirSync(join(project, "program"));
    await Promise.all(
      Array.from({ length: 6 }, () =>
        promisify(execFile)("pulumi", ["stack", "ls", "--non-interactive"], { cwd: project, env }),
      ),
    );
    assert.deepEqual(readdirSync(join(project, "program")), before);
    assert.deepEqual(readdirSync(join(stateDir, "project")).sort(), ["Pulumi.dev.yaml", "Pulumi.yaml", "program"]);
  });

  it("gives the engine a heap to grow into, and takes another setting of the user's", () => {
    const shown = join(stateDir, "shown");
    const said = writePulumiShim({ projectDir: project, stateDir: shown, pulumi: "/usr/bin/env" });
    const heap = (given: NodeJS.ProcessEnv) =>
      /^GOGC=(.*)$/m.exec(
        execFileSync(join(said, "pulumi"), [], { cwd: tmpdir(), env: { ...process.env, ...given }, encoding: "utf8" }),
      )?.[1];
    assert.deepEqual([heap({ GOGC: undefined }), heap({ GOGC: "100" })], ["400", "100"]);
  });

  it("lets `pulumi config set` edit the tracked settings", () => {
    pulumi("config", "set", "word", "third", "-s", "dev");
    assert.match(readFileSync(tracked, "utf8"), /word: third/);
  });
});
