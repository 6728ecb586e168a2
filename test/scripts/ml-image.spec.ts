import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { runContainer } from "../../local/runner/container";
import { mlImage } from "../../scripts/commands/ml-image";
import { projectDir } from "../../automation/project-dir";
import { makeTemporaryFolder } from "../support/temporary-folder";

describe("what stands for the image of the ML side", () => {
  const folder = makeTemporaryFolder("ml-image");
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** Filters for warnings name a class to import; importing `antigravity` opens a browser; the browser is a command. */
  const exploit = (mark: string) => ({
    PYTHONWARNINGS: "all:0:antigravity.x:0:0",
    BROWSER: `sh -c "touch ${mark}" #%s`,
  });

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
    assert.deepEqual(
      dockerfile.match(/python(?= -)/g)?.length,
      dockerfile.match(/python -I /g)?.length,
      "also while it is built",
    );
  });

  it("is built for the CUDA version of its base image, and without one it is not taken", () => {
    assert.deepEqual(mlImage().platform, { architecture: "amd64", cuda: "13.3" });
    assert.throws(
      () => mlImage('FROM python:3.12\nENTRYPOINT ["python", "-m", "peregrine_ml"]'),
      /names no CUDA version/,
    );
  });

  it("has a digest of what it is built from, wherever the checkout lies", () => {
    const dockerfile = readFileSync(join(projectDir, "ml", "Dockerfile"), "utf8");
    const { sha256, entrypoint } = mlImage();
    assert.match(sha256!, /^[0-9a-f]{64}$/);
    assert.equal(mlImage().sha256, sha256);
    const other = mlImage(`# Another.\n${dockerfile}`);
    assert.deepEqual(other.entrypoint, entrypoint);
    assert.notEqual(other.sha256, sha256);
  });

  it("is told by ONNX Runtime that a GPU computes where the host has one, and answers the same", () => {
    const { entrypoint, entrypointOnGpu } = mlImage();
    const asked = (command: readonly string[]) => {
      const python = [
        command.at(-1)!.replace(/runpy\.run_module.*$/, "import onnxruntime as ort, onnx.helper as h, numpy as np"),
        ...script,
      ].join("\n");
      const { stdout, stderr } = spawnSync(command[0]!, [...command.slice(1, -1), python], { encoding: "utf8" });
      return JSON.parse(stdout.split("\n").findLast((line) => line.startsWith("{")) ?? stderr) as {
        available: string[];
        used: string[];
        answer: number[];
      };
    };
    const script = [
      "graph = h.make_graph([h.make_node('Add', ['x', 'x'], ['y'])], 'g', [h.make_tensor_value_info('x', 1, [2])], [h.make_tensor_value_info('y', 1, [2])])",
      "model = h.make_model(graph, opset_imports=[h.make_opsetid('', 13)]); model.ir_version = 8",
      "session = ort.InferenceSession(model.SerializeToString(), ort.SessionOptions(), providers=[p for p in ('CUDAExecutionProvider', 'CPUExecutionProvider') if p in ort.get_available_providers()])",
      "import json; print(json.dumps({'available': ort.get_available_providers(), 'used': session.get_providers(), 'answer': session.run(None, {'x': np.array([1, 2], np.float32)})[0].tolist()}))",
    ];
    const [cpu, gpu] = [asked(entrypoint), asked(entrypointOnGpu!)];
    assert.deepEqual([cpu.used, cpu.answer], [["CPUExecutionProvider"], [2, 4]]);
    assert.deepEqual(
      [gpu.used, gpu.answer],
      [
        ["CUDAExecutionProvider", "CPUExecutionProvider"],
        [2, 4],
      ],
    );
    assert.equal(gpu.available[0], "CUDAExecutionProvider");
  });

  it("does not run what a caller's variables name, where a Python that listens does", async () => {
    const { entrypoint } = mlImage();
    const [python, ...options] = entrypoint;
    const listening = join(folder, "listening");
    spawnSync(python!, ["-c", ""], { env: { PATH: process.env["PATH"], ...exploit(listening) } });
    assert.ok(existsSync(listening), "the exploit itself works");

    const mark = join(folder, "isolated");
    const lines: string[] = [];
    const container = runContainer({
      folder: join(folder, "container"),
      home: join(folder, "home"),
      command: [python!, ...options, "--help"],
      env: exploit(mark),
      onLine: (line) => lines.push(line),
    });
    assert.deepEqual(await container.exited, { code: 0 });
    assert.match(lines.join("\n"), /serve +answer \/ping/);
    assert.ok(!existsSync(mark));
  });
});
