import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { lifecycleScript, lockFile } from "../../../infra/studio/lifecycle";
import { eventually } from "../../support/eventually";
import { scopeOf } from "../../support/scope";
import { makeTemporaryFolder } from "../../support/temporary-folder";

const scriptOf = (changes = {}) =>
  Buffer.from(lifecycleScript(scopeOf("dev", changes)).content, "base64").toString("utf8");

/**
 * A machine as an app sees it: a home folder, AWS's CLI that hands out the requirements, and a Python whose pip writes
 * down what it was asked.
 */
class App {
  readonly home = makeTemporaryFolder("app");
  private readonly script = join(this.home, "on-start.sh");

  /** @param stored what lies in the bucket. */
  constructor(text: string, pip = "exit 0", stored = lockFile) {
    writeFileSync(this.script, text);
    this.program("aws", `[ "$1 $2" = "s3 cp" ] && cp "${stored}" "$5" && echo "$4" >> "$HOME/fetched"`);
    const python = `#!/bin/bash\\necho "$*" >> "$HOME/calls"\\nenv >> "$HOME/variables"\\n[ "$3" = pip ] && { ${pip}; }\\nexit 0\\n`;
    this.program(
      "python3",
      `[ "$1 $2 $3" = "-I -m venv" ] && env >> "$HOME/variables" && mkdir -p "$5/bin" && printf '${python.replaceAll("'", "'\\''").replaceAll("%", "%%")}' > "$5/bin/python" && chmod +x "$5/bin/python"`,
    );
  }

  start(variables: Record<string, string> = {}): string {
    return execFileSync("bash", [this.script], {
      env: { ...variables, PATH: `${this.home}${delimiter}/usr/bin${delimiter}/bin`, HOME: this.home },
      encoding: "utf8",
    });
  }

  calls(): string[] {
    const file = join(this.home, "calls");
    return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
  }

  log(): string {
    return readFileSync(join(this.home, ".peregrine", "install.log"), "utf8");
  }

  remove(): void {
    rmSync(this.home, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }

  private program(name: string, body: string): void {
    const file = join(this.home, name);
    writeFileSync(file, `#!/bin/bash\n${body}\n`);
    chmodSync(file, 0o755);
  }
}

describe("the script that brings libraries into Studio's apps", () => {
  let app: App | undefined;
  afterEach(() => app?.remove());

  it("fits into the API and is named by its content", () => {
    const { content, name } = lifecycleScript(scopeOf("dev"));
    assert.ok(content.length <= 16_384);
    assert.equal(lifecycleScript(scopeOf("dev")).name, name);
    assert.notEqual(
      lifecycleScript(scopeOf("dev", { "peregrine:studioPackageIndex": "https://packages.example.org/simple" })).name,
      name,
    );
  });

  it("installs the requirements of the container image, with their hashes, and makes a kernel of them", async () => {
    app = new App(scriptOf());
    assert.match(app.start(), /in the background/);
    await eventually(() => assert.match(app!.log(), /choose the kernel Peregrine/));
    const [pip, kernel] = app.calls();
    assert.match(pip!, /^-I -m pip install .*--no-deps --require-hashes --requirement .*requirements\.lock$/);
    assert.doesNotMatch(pip!, /--index-url/);
    assert.match(kernel!, /^-I -m ipykernel install --user --name peregrine --display-name Peregrine/);
    assert.match(
      readFileSync(join(app.home, "fetched"), "utf8"),
      /^s3:\/\/peregrine-dev-artifacts-123456789012\/studio\/requirements-[0-9a-f]{12}\.lock\n$/,
    );
  });

  it("does so once: a second start finds everything there", async () => {
    app = new App(scriptOf());
    app.start();
    await eventually(() => assert.match(app!.log(), /is installed/));
    const calls = app.calls().length;
    assert.equal(app.start(), "");
    assert.equal(app.calls().length, calls);
  });

  it("refuses requirements that are not those of its digest, and installs nothing of them", async () => {
    const stored = join(makeTemporaryFolder("lock"), "requirements.lock");
    writeFileSync(stored, `${readFileSync(lockFile, "utf8")}evil==1.0 --hash=sha256:${"0".repeat(64)}\n`);
    app = new App(scriptOf(), "exit 0", stored);
    app.start();
    await eventually(() => assert.match(app!.log(), /is refused: its SHA-256 is not [0-9a-f]{64}\./));
    assert.deepEqual(app.calls(), []);
    rmSync(dirname(stored), { recursive: true });
  });

  it("makes the environment and installs without the variables of whoever started the app", async () => {
    app = new App(scriptOf());
    app.start({
      PYTHONPATH: "/evil",
      PYTHONWARNINGS: "all:0:antigravity.x:0:0",
      BROWSER: "evil",
      PIP_INDEX_URL: "https://evil.example",
      PIP_CONFIG_FILE: "/evil",
      PYTHONUSERBASE: "/evil",
    });
    await eventually(() => assert.match(app!.log(), /choose the kernel Peregrine/));
    const seen = new Set(
      readFileSync(join(app.home, "variables"), "utf8")
        .trim()
        .split("\n")
        .map((line) => line.split("=")[0]),
    );
    // The last three bash sets for itself.
    assert.deepEqual([...seen].sort(), ["HOME", "PATH", "PIP_CONFIG_FILE", "PWD", "SHLVL", "_"]);
    assert.match(readFileSync(join(app.home, "variables"), "utf8"), /^PIP_CONFIG_FILE=\/dev\/null$/m);
  });

  it("tries again at the next start when packages could not be installed", async () => {
    app = new App(scriptOf(), '[ -e "$HOME/network" ] || { echo "no route to the index"; exit 1; }');
    app.start();
    await eventually(() => assert.match(app!.log(), /no route to the index/));
    writeFileSync(join(app.home, "network"), "");
    assert.match(app.start(), /in the background/);
    await eventually(() => assert.match(app!.log(), /choose the kernel Peregrine/));
  });

  it("installs from the index that the settings name", async () => {
    app = new App(scriptOf({ "peregrine:studioPackageIndex": "https://packages.example.org/simple" }));
    app.start();
    await eventually(() =>
      assert.match(app!.calls()[0] ?? "", /--index-url https:\/\/packages\.example\.org\/simple /),
    );
    // To its end: what is still at work would write into a home that is being removed.
    await eventually(() => assert.match(app!.log(), /choose the kernel Peregrine/));
  });
});
