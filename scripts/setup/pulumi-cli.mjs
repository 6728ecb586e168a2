import { createRequire } from "node:module";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { withLock } from "./lock.mjs";
import { cacheDir, onPath, projectDir, pulumiRoot, pulumiVersion } from "./places.mjs";
import { run, SetupProblem } from "./run.mjs";

const toolchain = join(projectDir, "scripts", "toolchain");
const cached = () => join(pulumiRoot(), "bin", "pulumi");

/** Seconds the download server has to answer before the CLI is built instead. */
const reachSeconds = 4;

/** Packages that a build from nothing compiles; for the progress only (counted with go1.26). */
const packagesToCompile = 1600;

/** @type {string | undefined} */
let chosen;

/** The CLI to use: the user's own where it fits, otherwise the one in the cache. Undefined before set-up. */
export async function pulumiCli() {
  if (chosen) return chosen;
  const own = onPath("pulumi", (file) => !isShim(file));
  if (own && dirname(own) !== dirname(cached()) && (await fits(own))) chosen = own;
  else if (existsSync(cached())) chosen = cached();
  return chosen;
}

/**
 * A shell that is led to the local cloud finds our own script first (pulumi-shim.ts); a shim that led to a shim would
 * never end.
 */
const isShim = (/** @type {string} */ file) =>
  statSync(file).size < 10_000 && readFileSync(file, "utf8").includes("pulumi-shim.ts");

/** Same major version, not older than what the project was tested with. @param {string} executable */
async function fits(executable) {
  try {
    const [, major, minor] =
      /v?(\d+)\.(\d+)\./.exec(
        await run(executable, ["version"], { env: { PULUMI_SKIP_UPDATE_CHECK: "true" }, timeoutSeconds: 20 }),
      ) ?? [];
    const [wantedMajor, wantedMinor] = pulumiVersion.split(".").map(Number);
    return Number(major) === wantedMajor && Number(minor) >= wantedMinor;
  } catch {
    return false;
  }
}

/** @type {import("./steps.mjs").Step} */
export const pulumiStep = {
  name: `Pulumi CLI ${pulumiVersion}`,
  after: ["Node packages"],
  done: async () => await pulumiCli(),
  run: (tell) =>
    withLock(
      join(cacheDir(), "pulumi.lock"),
      (pid) => tell(`waiting for another set-up (process ${pid})`),
      async () => {
        // The other set-up may have brought it meanwhile.
        if (existsSync(cached())) return pulumiCli();
        tell("asking the download server");
        const how = (await reachable()) && (await download(tell)) ? "downloaded" : await build(tell);
        chosen = undefined;
        return `${how}, ${await pulumiCli()}`;
      },
    ),
};

/** Whether the official download answers within a few seconds. */
async function reachable() {
  try {
    return (
      await fetch("https://get.pulumi.com/install.sh", {
        method: "HEAD",
        signal: AbortSignal.timeout(reachSeconds * 1000),
      })
    ).ok;
  } catch {
    return false;
  }
}

/**
 * The official CLI with its language hosts, by the Automation API's installer. False when the download breaks off.
 * @param {import("./steps.mjs").Tell} tell
 */
async function download(tell) {
  const root = `${pulumiRoot()}.download-${process.pid}`;
  tell("downloading");
  const automation = createRequire(join(projectDir, "package.json")).resolve("@pulumi/pulumi/automation");
  const script = `require(${JSON.stringify(automation)}).PulumiCommand.install({ root: ${JSON.stringify(root)}, version: new (require("semver").SemVer)("${pulumiVersion}") }).catch((error) => { console.error(error.message); process.exit(1); })`;
  try {
    mkdirSync(root, { recursive: true });
    await run(process.execPath, ["-e", script], { cwd: projectDir, timeoutSeconds: 600 });
    rmSync(pulumiRoot(), { recursive: true, force: true });
    renameSync(root, pulumiRoot());
    return true;
  } catch (error) {
    tell(`download failed (${error.message.split("\n").pop()})`);
    return false;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/**
 * The CLI from its Go modules, pinned with all checksums by scripts/toolchain: only the Go module proxy is needed.
 * @param {import("./steps.mjs").Tell} tell
 */
async function build(tell) {
  if (!onPath("go")) {
    throw new SetupProblem(
      `The Pulumi CLI ${pulumiVersion} is neither on PATH nor can it be downloaded from here. Install Go (1.24 or newer) and start again: the CLI is then built from its modules (about 5 minutes, once). Or put a Pulumi CLI ${pulumiVersion} or newer on PATH.`,
    );
  }
  const bin = dirname(cached());
  mkdirSync(bin, { recursive: true });
  const unfinished = join(bin, `.pulumi-${process.pid}`);
  let compiled = 0;
  try {
    await run(
      "go",
      [
        "build",
        "-v",
        "-trimpath",
        "-mod=readonly",
        // Without its version the Automation API refuses the CLI.
        "-ldflags",
        `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${pulumiVersion}`,
        "-o",
        unfinished,
        "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
      ],
      {
        cwd: toolchain,
        env: { GOFLAGS: "", CGO_ENABLED: "0" },
        onLine: (line) => {
          if (line.startsWith("go: downloading")) tell(`downloading module ${line.split(" ")[2]}`);
          else tell(`building from Go modules, ${++compiled} of about ${packagesToCompile} packages`);
        },
      },
    );
    renameSync(unfinished, cached());
  } finally {
    rmSync(unfinished, { force: true });
  }
  return "built from its Go modules";
}
