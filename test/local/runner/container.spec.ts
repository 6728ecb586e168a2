import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { BadArchive, packFolder, unpackArchive } from "../../../local/runner/archive";
import { runContainer, type ContainerSpec } from "../../../local/runner/container";
import { ImageNotFound, repositoryOf, resolveImage } from "../../../local/runner/images";
import { hasNetworkNamespaces, probeIsolation, type Isolation } from "../../../local/runner/isolation";
import { makeTemporaryFolder } from "../../support/temporary-folder";

describe("a container", () => {
  let folder: string;
  let lines: string[];
  beforeEach(() => {
    folder = makeTemporaryFolder();
    lines = [];
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const run = (script: string, changes: Partial<ContainerSpec> = {}) =>
    runContainer({
      folder,
      home: join(folder, "home"),
      command: ["sh", "-c", script],
      env: {},
      onLine: (line) => lines.push(line),
      ...changes,
    });
  const kinds: Isolation[] = probeIsolation() === "paths" ? ["paths"] : ["container", "mount", "paths"];

  for (const isolation of kinds) {
    describe(`with isolation "${isolation}"`, () => {
      it("has its folder as /opt/ml and gives back its exit code", async () => {
        const exit = await run(
          'root=${SM_ROOT:-/opt/ml}; echo hello > "$root/x"; cat "$root/x"; printf "no end"; echo oops >&2; exit 7',
          { isolation },
        ).exited;
        assert.deepEqual(exit, { code: 7 });
        assert.equal(readFileSync(join(folder, "ml/x"), "utf8"), "hello\n");
        assert.deepEqual(lines.sort(), ["hello", "no end", "oops"]);
      });

      it("reaches nothing but itself when it is isolated from the network", async function () {
        if (isolation === "paths" || !hasNetworkNamespaces()) return this.skip();
        const server = createServer((socket) => socket.end()).listen(0, "127.0.0.1");
        await new Promise((resolve) => server.once("listening", resolve));
        const dial = (port: number): string =>
          `node -e 'const net = require("net"); const tell = (what) => (console.log(what), process.exit()); net.connect(${port}, "127.0.0.1", () => tell("there")).on("error", (error) => tell(error.code))'`;
        const own = `node -e 'const net = require("net"); const server = net.createServer().listen(0, "127.0.0.1", () => net.connect(server.address().port, "127.0.0.1", () => (console.log("itself"), process.exit())))'`;
        const { port } = server.address() as AddressInfo;
        await run(dial(port), { isolation }).exited;
        await run(`${dial(port)}; ${own}`, { isolation, network: "none" }).exited;
        server.close();
        assert.deepEqual(lines, ["there", "ECONNREFUSED", "itself"]);
      });

      it("is told to stop, then killed", async () => {
        const polite = run('trap "echo saved; exit 0" TERM; echo up; while :; do sleep 0.05; done', { isolation });
        while (!lines.includes("up")) await delay(10);
        assert.equal((await polite.stop(5000)).code, 0);
        assert.ok(lines.includes("saved"));
        const stubborn = run('trap "" TERM; echo stubborn; while :; do sleep 0.05; done', { isolation });
        while (!lines.includes("stubborn")) await delay(10);
        assert.equal((await stubborn.stop(100)).code, 137);
      });

      it("sees nothing of the caller's AWS settings and proxies", async () => {
        process.env.AWS_PROFILE = "secret-profile";
        process.env.HTTPS_PROXY = "http://proxy.invalid";
        await run("env", { isolation }).exited;
        delete process.env.AWS_PROFILE;
        delete process.env.HTTPS_PROXY;
        assert.ok(!lines.some((line) => /AWS_|PROXY/.test(line)), lines.join("\n"));
        assert.ok(lines.includes(`HOME=${join(folder, "home")}`));
      });
    });
  }

  it("dies with the process that started it, together with its children, also when that is killed", async () => {
    const pids = join(folder, "pids");
    const script = `
      const { runContainer } = require(${JSON.stringify(join(__dirname, "../../../local/runner/container"))});
      runContainer({ folder: ${JSON.stringify(folder)}, home: ${JSON.stringify(folder)}, env: {}, onLine() {}, command: ["sh", "-c", "sleep 4242.25 & sleep 4242.5 & wait"] });
      setTimeout(() => require("node:fs").writeFileSync(${JSON.stringify(pids)}, "up"), 400);
      setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ["-r", "peregrine/register", "-e", script], { stdio: "inherit" });
    while (!existsSync(pids)) await delay(50);
    const sleepers = (): string =>
      spawnSync("ps", ["-eo", "pid,args"])
        .stdout.toString()
        .split("\n")
        .filter((line) => /sleep 4242\./.test(line))
        .join("\n");
    assert.notEqual(sleepers(), "");
    parent.kill("SIGKILL");
    await delay(500);
    if (probeIsolation() === "container") assert.equal(sleepers(), "");
  });

  it("shows a read-only folder below /opt/ml", async function () {
    if (probeIsolation() === "paths") return this.skip();
    const model = join(folder, "shared");
    mkdirSync(model);
    writeFileSync(join(model, "weights"), "w");
    mkdirSync(join(folder, "ml/model"), { recursive: true });
    const exit = await run("cat /opt/ml/model/weights; touch /opt/ml/model/more", {
      readOnly: [{ source: model, target: "model" }],
    }).exited;
    assert.notEqual(exit.code, 0);
    assert.ok(
      lines.some((line) => /Read-only file system/.test(line)),
      lines.join("\n"),
    );
  });

  it("that cannot be started ends with 127", async () => {
    assert.equal((await run("", { command: ["/no/such/program"], isolation: "paths" }).exited).code, 127);
  });
});

describe("images", () => {
  it("are found by repository, whatever the registry and tag", () => {
    for (const uri of [
      "111122223333.dkr.ecr.eu-central-1.amazonaws.com/peregrine-ml:1.2",
      "peregrine-ml",
      "peregrine-ml@sha256:ab",
      "localhost:5000/peregrine-ml:x",
    ])
      assert.equal(repositoryOf(uri), "peregrine-ml");
    assert.equal(repositoryOf("team/model:1"), "team/model");
    assert.throws(
      () => resolveImage({}, "444455556666.dkr.ecr.eu-central-1.amazonaws.com/toString:1", "111122223333"),
      (error: Error) =>
        error instanceof ImageNotFound &&
        /'toString' does not exist in the registry with id '444455556666'/.test(error.message),
    );
  });
});

describe("archives", () => {
  it("keep a folder's contents, also of an empty one, and refuse what is torn", async () => {
    const folder = makeTemporaryFolder();
    for (const name of ["full/sub", "empty"]) mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, "full/sub/-x"), "1");
    writeFileSync(join(folder, "full/-y"), "2");
    await packFolder(join(folder, "full"), join(folder, "full.tar.gz"));
    await unpackArchive(join(folder, "full.tar.gz"), join(folder, "again"));
    assert.equal(readFileSync(join(folder, "again/sub/-x"), "utf8"), "1");
    await packFolder(join(folder, "empty"), join(folder, "empty.tar.gz"));
    await unpackArchive(join(folder, "empty.tar.gz"), join(folder, "nothing"));
    writeFileSync(join(folder, "torn.tar.gz"), readFileSync(join(folder, "full.tar.gz")).subarray(0, 60));
    await assert.rejects(unpackArchive(join(folder, "torn.tar.gz"), join(folder, "torn")), BadArchive);
    rmSync(folder, { recursive: true });
  });
});
