import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runContainer } from "../../local/runner/container";
import { mlImage } from "../../scripts/commands/ml-image";
import { projectDir } from "../../scripts/project-dir";

describe("what stands for the image of the ML side", () => {
  const folder = mkdtempSync(join(tmpdir(), "peregrine-ml-image-"));
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** Filters for warnings name a class to import; importing `antigravity` opens a browser; the browser is a command. */
  const exploit = (mark: string) => ({ PYTHONWARNINGS: "all:0:antigravity.x:0:0", BROWSER: `sh -c "touch ${mark}" #%s` });

  it("is started as the Dockerfile says: an isolated Python, by no variable of the image", () => {
    const { entrypoint, env } = mlImage();
    assert.deepEqual(entrypoint.slice(1, 4), ["-I", "-u", "-c"]);
    assert.match(entrypoint[0]!, /\.venv\/bin\/python$/);
    assert.equal(env, undefined);
    assert.throws(() => mlImage('ENTRYPOINT ["sh", "-c", "python -m peregrine_ml"]'), /not one Python module/);
  });

  it("names its Python by the full path and sets no variables, which callers could change", () => {
    const dockerfile = readFileSync(join(projectDir, "ml", "Dockerfile"), "utf8");
    assert.match(dockerfile, /^ENTRYPOINT \["\/opt\/venv\/bin\/python", "-I", /m);
    assert.doesNotMatch(dockerfile, /^(ENV|CMD|USER) /m);
    assert.deepEqual(dockerfile.match(/python(?= -)/g)?.length, dockerfile.match(/python -I /g)?.length, "also while it is built");
  });

  it("does not run what a caller's variables name, where a Python that listens does", async () => {
    const { entrypoint } = mlImage();
    const [python, ...options] = entrypoint;
    const listening = join(folder, "listening");
    spawnSync(python!, ["-c", ""], { env: { PATH: process.env["PATH"], ...exploit(listening) } });
    assert.ok(existsSync(listening), "the exploit itself works");

    const mark = join(folder, "isolated");
    const lines: string[] = [];
    const container = runContainer({ folder: join(folder, "container"), home: join(folder, "home"), command: [python!, ...options, "--help"], env: exploit(mark), onLine: (line) => lines.push(line) });
    assert.deepEqual(await container.exited, { code: 0 });
    assert.match(lines.join("\n"), /serve +answer \/ping/);
    assert.ok(!existsSync(mark));
  });
});
