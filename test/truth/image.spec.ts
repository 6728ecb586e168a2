import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { mlImage } from "../../scripts/commands/ml-image";
import { runPython } from "../../scripts/dataset";
import { imageEnvironment } from "../../scripts/setup/modules.cjs";
import { projectDir } from "../../automation/project-dir";
import { metricDefinitions } from "../../infra/training/metric-definitions";
import { makeTemporaryFolder } from "../support/temporary-folder";

const run = promisify(execFile);
const lock = join(projectDir, "ml", "requirements-image.lock");

describe("the image's own environment", function () {
  const folder = makeTemporaryFolder("image");
  const root = join(folder, "ml");
  const ran = new Set<string>();
  let python: string;
  let trained = "";
  /** What the served model said to real images, as text. */
  const answers: string[] = [];

  before(async function () {
    const found = await imageEnvironment();
    if (!found.python) {
      process.stdout.write(`  the image's environment is not tested: ${found.missing}\n`);
      return this.skip();
    }
    python = found.python;
    await runPython(["-m", "peregrine_ml.dataset", "--out", join(root, "processing", "input", "flights")]);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** As the image starts: isolated, by the Dockerfile's own entry point. */
  const command = (...args: string[]) => [...mlImage().entrypoint.slice(1), ...args];
  const variables = (own: Readonly<Record<string, string>> = {}) => ({
    PATH: process.env["PATH"],
    SM_ROOT: root,
    MLFLOW_TRACKING_URI: `sqlite:///${join(folder, "runs.db")}`,
    OMP_NUM_THREADS: "2",
    ...own,
  });
  const verb = (...args: string[]) => verbWith({}, ...args);
  async function verbWith(own: Readonly<Record<string, string>>, ...args: string[]): Promise<string> {
    ran.add(args[0]!);
    const { stdout } = await run(python, command(...args), {
      cwd: folder,
      env: variables(own),
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout;
  }
  const json = (...path: string[]) => JSON.parse(readFileSync(join(root, ...path), "utf8"));
  const pinned = (name: string) => new RegExp(`^${name}==([^\\s\\\\]+)`, "m").exec(readFileSync(lock, "utf8"))![1]!;
  const move = (from: string[], to: string[]) => cpSync(join(root, ...from), join(root, ...to), { recursive: true });

  it("holds what its lock says, each folder by one package, built for the base image's CUDA", async () => {
    const { stdout } = await run(python, ["-I", join(projectDir, "ml", "check_image.py"), lock]);
    assert.match(stdout, /pinned packages, \d+ modules, built for CUDA 13/);
  });

  it("profiles and prepares real flights", async () => {
    await verb("profile", "--formats", "voc");
    assert.ok(json("processing", "output", "profile", "profile.json"));
    assert.match(
      await verb("prepare", "--tile", "192", "--overlap", "0.2", "--formats", "voc"),
      /data set digest [0-9a-f]{64}/,
    );
  });

  it("trains from the project's base weights, and names its libraries by what the modules are", async () => {
    mkdirSync(join(root, "input", "config"), { recursive: true });
    writeFileSync(
      join(root, "input", "config", "hyperparameters.json"),
      JSON.stringify({ epochs: "1", imgsz: "96", batch: "16" }),
    );
    move(["processing", "output", "dataset"], ["input", "data", "dataset"]);
    move(["processing", "output", "profile"], ["input", "data", "profile"]);
    cpSync(join(projectDir, "ml", "base-weights"), join(root, "input", "data", "weights"), { recursive: true });
    trained = await verb("train");
    const { versions } = json("model", "model.json");
    assert.equal(versions.onnxruntime, pinned("onnxruntime-gpu"));
    assert.equal(versions.onnx, pinned("onnx"));
    assert.equal(versions.ultralytics, pinned("ultralytics"));
    assert.match(versions.torch, /^2\.13\.0\+cu130$/, "the base image's, for CUDA");
    assert.equal(versions.onnxruntime_cuda, "13.0");
    assert.deepEqual(readdirSync(join(root, "model")).sort(), ["model.json", "model.onnx", "model.pt", "profile.json"]);
  });

  it("prints every metric that SageMaker is told to look for", () => {
    for (const { Name, Regex } of metricDefinitions)
      assert.ok(Number.isFinite(Number(new RegExp(Regex).exec(trained)?.[1])), Name);
  });

  it("evaluates the archive that it trained", async () => {
    mkdirSync(join(root, "processing", "input", "model"), { recursive: true });
    await run("tar", [
      "-czf",
      join(root, "processing", "input", "model", "model.tar.gz"),
      "-C",
      join(root, "model"),
      ".",
    ]);
    move(["processing", "output", "dataset"], ["processing", "input", "dataset"]);
    await verb("evaluate");
    const { detection_metrics: metrics } = json("processing", "output", "evaluation", "evaluation.json");
    assert.ok(metrics.map50.value >= 0 && metrics.map50.value <= 1);
  });

  it("serves it: /ping and answers to real images", async () => {
    ran.add("serve");
    const server = await serve({});
    try {
      assert.equal(server.first.event, "ready");
      assert.deepEqual(server.first.versions.onnxruntime, pinned("onnxruntime-gpu"));
      assert.equal((await fetch(`${server.url}/ping`)).status, 200);
      for (const body of [...images(), ...images()]) {
        const answer = await fetch(`${server.url}/invocations`, {
          method: "POST",
          headers: { "content-type": "image/jpeg" },
          body,
        });
        assert.equal(answer.status, 200);
        answers.push(await answer.text());
      }
      assert.ok(answers.length > 20);
      for (const text of answers) assert.match(JSON.parse(text).model.sha256, /^[0-9a-f]{64}$/);
    } finally {
      await server.stop();
    }
  });

  it("monitors what it answered, against the baseline of its evaluation, with the sketches of the lock", async () => {
    const script =
      'import datasketches, importlib.metadata; s = datasketches.kll_doubles_sketch(200); s.update(7.0); print(importlib.metadata.version("datasketches"), s.n)';
    const { stdout } = await run(python, ["-I", "-c", script], { cwd: folder, env: variables() });
    assert.equal(stdout.trim(), `${pinned("datasketches")} 1`, "its version, and a sketch of one value");

    move(["processing", "output", "evaluation", "baseline"], ["processing", "baseline", "constraints"]);
    const hour = join(root, "processing", "endpointdata", "peregrine-test-detector", "champion", "2026/11/29/11");
    mkdirSync(hour, { recursive: true });
    const lines = [...answers.map(capturedLine), "a line that is none"];
    writeFileSync(join(hour, "00-00-000-a.jsonl"), lines.map((line) => `${line}\n`).join(""));
    const said = await verbWith(
      {
        dataset_source: "/opt/ml/processing/endpointdata",
        output_path: "/opt/ml/processing/output/monitoring",
        start_time: "2026-11-29T11:00:00Z",
        end_time: "2026-11-29T12:00:00Z",
        sagemaker_endpoint_name: "peregrine-test-detector",
        baseline_constraints: "/opt/ml/processing/baseline/constraints/constraints.json",
      },
      "monitor",
    );
    assert.match(said, /^Completed\w*: /m);
    const output = ["processing", "output", "monitoring"];
    const report = json(...output, "report.json");
    const { lines: read, records, unreadable, faults } = report.variants.champion;
    assert.deepEqual(
      { read, records, unreadable, faults },
      { read: lines.length, records: answers.length, unreadable: 1, faults: { not_json: 1 } },
    );
    const [model, ...others] = report.models;
    assert.deepEqual(others, []);
    assert.equal(model.model_sha256, JSON.parse(answers[0]!).model.sha256);
    assert.equal(model.verdict.judged, true, model.problem);
    assert.deepEqual([report.records, report.complete, report.unwatched], [answers.length, true, []]);
    assert.equal(json(...output, "statistics.json").dataset.item_count, answers.length);
    assert.match(readFileSync(join(root, ...output, "report.html"), "utf8"), /peregrine-test-detector/);
  });

  it("is not healthy where a GPU is demanded and none is there, and says why in one sentence", async function () {
    if (existsSync("/dev/nvidiactl")) this.skip();
    const server = await serve({ PEREGRINE_REQUIRE_GPU: "1" });
    try {
      assert.equal(server.first.event, "not ready");
      const ping = await fetch(`${server.url}/ping`);
      assert.equal(ping.status, 503);
      assert.match(
        JSON.stringify(await ping.json()),
        /A GPU is demanded \(PEREGRINE_REQUIRE_GPU=1\), but the model would run on CPUExecutionProvider: its driver or libraries do not fit/,
      );
    } finally {
      await server.stop();
    }
  });

  it("speaks to an MLflow App by its ARN: the plugin of the lock fits the client of the lock", async () => {
    const script =
      'from mlflow.tracking._tracking_service.utils import _get_store; s = _get_store("arn:aws:sagemaker:eu-central-1:123456789012:mlflow-app/app-ABCDEFGHIJKL"); print(s.get_host_creds().host, s.get_host_creds().auth)';
    const { stdout } = await run(python, ["-I", "-c", script], {
      cwd: folder,
      env: variables({ AWS_REGION: "eu-central-1", AWS_ACCESS_KEY_ID: "none", AWS_SECRET_ACCESS_KEY: "none" }),
    });
    assert.match(
      stdout,
      /^https:\/\/mlflow\.sagemaker\.eu-central-1\.app\.aws arn$/m,
      "the App's address, and the plugin's own signature",
    );
  });

  it("has run every verb that the program knows", async () => {
    const { stdout } = await run(python, command("--help"), { env: variables() });
    const known = [...stdout.matchAll(/^ {2}(\w+) /gm)].map(([, name]) => name!);
    assert.ok(known.length >= 5);
    assert.deepEqual(
      known.filter((name) => !ran.has(name)),
      [],
    );
  });

  function images(): Uint8Array<ArrayBuffer>[] {
    const flights = join(root, "processing", "input", "flights", "flights");
    return readdirSync(flights, { recursive: true })
      .map(String)
      .filter((name) => name.endsWith(".jpg"))
      .sort()
      .map((file) => new Uint8Array(readFileSync(join(flights, file))));
  }

  /** An answer as data capture writes it: one line; monitoring does not look at the image in it. */
  function capturedLine(answer: string, index: number): string {
    const one = (observedContentType: string, mode: string, data: string, encoding: string) => ({
      observedContentType,
      mode,
      data,
      encoding,
    });
    return JSON.stringify({
      captureData: {
        endpointInput: one("image/jpeg", "INPUT", Buffer.from("an image").toString("base64"), "BASE64"),
        endpointOutput: one("application/json", "OUTPUT", answer, "JSON"),
      },
      eventMetadata: {
        eventId: `event-${index}`,
        inferenceId: `flight-${index % 8}/${index}`,
        inferenceTime: `2026-11-29T11:${String(index).padStart(2, "0")}:00Z`,
      },
      eventVersion: "0",
    });
  }

  /** A server, once it has said whether it is ready. */
  async function serve(own: Readonly<Record<string, string>>) {
    const port = await freePort();
    const child: ChildProcess = spawn(python, command("serve"), {
      cwd: folder,
      env: variables({ SAGEMAKER_BIND_TO_PORT: String(port), PEREGRINE_BIND_HOST: "127.0.0.1", ...own }),
      stdio: ["ignore", "pipe", "pipe"],
    });
    let complaints = "";
    child.stderr!.on("data", (text) => (complaints += text));
    const ended = once(child, "exit");
    const lines = createInterface({ input: child.stdout! });
    const first = await new Promise<{ event: string; versions: Record<string, string> }>((resolve, reject) => {
      lines.once("line", (line) => resolve(JSON.parse(line)));
      lines.once("close", () => reject(new Error(`the server ended without a word: ${complaints}`)));
    });
    const stop = async () => {
      child.kill("SIGTERM");
      await ended;
    };
    return { url: `http://127.0.0.1:${port}`, first, stop };
  }
});

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as { port: number };
  probe.close();
  return port;
}
