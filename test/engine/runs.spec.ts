import assert from "node:assert/strict";
import { cpSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fromIni } from "@aws-sdk/credential-providers";
import type { MlflowRun } from "../../aws/mlflow";
import type { Comparison } from "../../insight/compare/comparison";
import type { QualityComparison } from "../../insight/compare/quality";
import type { StackOutputs } from "../../contract/outputs";
import { archiveFile } from "./registry";
import { Staging } from "./staging";

interface Found {
  readonly found: number;
  readonly of: number;
  readonly runs: readonly MlflowRun[];
}

describe("runs in an environment's MLflow App", function () {
  this.slow(120_000);
  let staging: Staging;
  let outputs: StackOutputs;
  /** A `/opt/ml` for each model that is evaluated; both have the same tiles. */
  const models = { first: "execution-1", blind: "execution-2" } as const;
  const rootOf = (name: string) => join(staging.project.folder, ".peregrine", `evaluated-${name}`);

  /** Evaluates archives as the pipeline's step does, on real tiles, with MLflow's own client. */
  const evaluate = async () => {
    const { project, registry } = staging;
    const keys = await fromIni({ filepath: registry.server.credentialsFile, profile: "ab" })();
    const python = (root: string, execution: string, ...args: string[]) =>
      project.succeed(
        "env",
        ...Object.entries({
          PYTHONPATH: "ml",
          SM_ROOT: root,
          MLFLOW_TRACKING_URI: outputs.trackingUri,
          SAGEMAKER_MLFLOW_CUSTOM_ENDPOINT: registry.server.url,
          PIPELINE_EXECUTION_ID: execution,
          RUN_REASON: "retraining drift: fog",
          AWS_REGION: registry.server.region,
          AWS_ENDPOINT_URL: registry.server.url,
          AWS_ACCESS_KEY_ID: keys.accessKeyId,
          AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
          AWS_SESSION_TOKEN: keys.sessionToken ?? "",
        })
          .filter(([, value]) => value !== "")
          .map(([name, value]) => `${name}=${value}`),
        ".venv/bin/python",
        "-m",
        "peregrine_ml",
        ...args,
      );
    const prepared = rootOf("first");
    const input = (root: string, name: string) => join(root, "processing", "input", name);
    mkdirSync(input(prepared, ""), { recursive: true });
    cpSync(join(project.folder, ".peregrine", "dataset"), input(prepared, "flights"), { recursive: true });
    await python(prepared, "", "prepare", "--tile", "192");
    const dataset = join(prepared, "processing", "output", "dataset");
    for (const [name, execution] of Object.entries(models)) {
      const root = rootOf(name);
      mkdirSync(input(root, "model"), { recursive: true });
      cpSync(dataset, input(root, "dataset"), { recursive: true });
      cpSync(archiveFile(project, name), join(input(root, "model"), "model.tar.gz"));
      await python(root, execution, "evaluate");
    }
    const tiles = join(dataset, "images", "test");
    for (const file of readdirSync(tiles))
      await registry.put(
        outputs.artifactsBucket,
        `runs/${models.first}/dataset/images/test/${file}`,
        readFileSync(join(tiles, file)),
      );
  };

  before(async () => {
    staging = await Staging.up();
    outputs = JSON.parse(
      (await staging.project.pulumi("stack", "output", "--json", "--stack", "dev")).stdout,
    ) as StackOutputs;
    await evaluate();
  });
  after(() => staging?.project.remove());

  it("are found by questions, by the roles of people, and refused with the place of what is wrong", async () => {
    const found = await staging.json<Found>(
      "runs",
      "--where",
      "test_recall_class_tree > 0.01 and tags.reason ~ 'DRIFT'",
    );
    assert.deepEqual([found.found, found.of], [1, 2]);
    assert.equal(found.runs[0]!.tags["sagemaker.pipeline_execution"], models.first);
    const engineer = await staging.json<Found>(
      "runs",
      "--profile",
      "ml-engineer",
      "--fresh",
      "--sort",
      "test_recall_class_tree",
    );
    assert.equal(engineer.runs[0]!.id, found.runs[0]!.id);
    const wrong = await staging.project.peregrine("runs", "--where", "test_map5 > 0.01");
    assert.equal(wrong.code, 1, wrong.output);
    assert.match(
      wrong.stderr,
      /no run has anything called test_map5; there is .*test_map50.*, at character 1:\n {2}test_map5 > 0.01\n {2}\^/,
    );
    const denied = await staging.project.peregrine("runs", "--profile", "approver");
    assert.equal(denied.code, 1, denied.output);
    assert.match(denied.stderr, /AWS refused|not authorized/);
  });

  it("are compared tile by tile, as the evaluation scored them, and with packages, on a page with pictures", async () => {
    const { runs } = await staging.json<Found>("runs", "--sort", "test_recall_class_tree");
    const [first, blind] = runs;
    const page = join(staging.project.folder, "comparison.html");
    const compared = await staging.json<Comparison>("compare", first!.id.slice(0, 10), blind!.id, "--html", page);
    const quality = compared.quality as QualityComparison;
    assert.ok(typeof quality === "object", JSON.stringify(compared.quality));
    const [row] = quality.rows;
    assert.equal(quality.tiles, quality.tilesOf[0]);
    // Scores are kept in ten-thousandths, which may change the order of a few.
    assert.ok(Math.abs(row!.values[0]!.value - first!.metrics["test_map50"]!) < 2e-3, JSON.stringify(row));
    assert.ok(Math.abs(row!.values[0]!.interval![0] - first!.metrics["test_map50_low"]!) < 0.03, JSON.stringify(row));
    assert.equal(quality.operating[0]!.recall.toFixed(4), first!.metrics["test_recall_class_tree"]!.toFixed(4));
    for (const { name, values } of quality.slices) {
      const metric = first!.metrics[`test_map50_${name.replace("altitude ", "scale_").replace("light ", "light_")}`];
      assert.ok(Math.abs(values[0]!.value - metric!) < 2e-3, `${name}: ${values[0]!.value} and ${metric}`);
    }
    // One network with two thresholds: the same ranking, and other answers to users.
    assert.deepEqual(row!.gains[1], { value: 0, interval: [0, 0] });
    assert.equal(quality.operating[1]!.right, 0);
    assert.ok(quality.disagreements.length > 0);
    const html = readFileSync(page, "utf8");
    assert.match(html, /data:image\/jpeg;base64,/);
    assert.doesNotMatch(html, /<script/);

    const { first: arn } = staging.packages;
    const mixed = await staging.project.peregrine("compare", blind!.id, arn);
    assert.equal(mixed.code, 0, mixed.output);
    assert.match(mixed.stdout, new RegExp(`run\\.package +.*${arn.slice(0, 30)}`));
    assert.match(mixed.stdout, /B: it has no run in this MLflow/);
    const released = await staging.releases();
    const release = await staging.json<Comparison>(
      "compare",
      released[0]!.releaseId,
      first!.id,
      "--releases",
      "staging",
    );
    assert.equal(release.subjects[0]!.facts["package"], arn);
    const alone = await staging.project.peregrine("compare", first!.id);
    assert.equal(alone.code, 1);
    assert.match(alone.stderr, /One alone cannot be compared/);
    const unknown = await staging.project.peregrine("compare", first!.id, "nothing-of-this-name");
    assert.match(unknown.stderr, /There is no run nothing-of-this-name/);
  });
});
