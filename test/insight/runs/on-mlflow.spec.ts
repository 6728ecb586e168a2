import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Mlflow } from "../../../aws/mlflow";
import { bestSteps, type KeptRuns, readRuns } from "../../../insight/runs/read";
import { tableOf } from "../../../insight/runs/table";
import { TrackingServer } from "../../../local/services/mlflow/process";
import { makeTemporaryFolder } from "../../support/temporary-folder";

const python = join(".venv", "bin", "python");
const session = { region: "eu-central-1" };

class Memory implements KeptRuns {
  text: string | undefined;
  load = () => Promise.resolve(this.text);
  save = (text: string) => {
    this.text = text;
    return Promise.resolve();
  };
}

describe("runs of a real MLflow", function () {
  this.slow(20_000);
  let server: TrackingServer;
  let url: string;
  let mlflow: Mlflow;

  const post = async (name: string, body: object): Promise<Record<string, never>> => {
    const answer = await fetch(`${url}/api/2.0/mlflow/${name}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    assert.equal(answer.status, 200, await answer.clone().text());
    return (await answer.json()) as Record<string, never>;
  };
  let experiment: string;
  const make = async (name: string, startMs: number, endMs?: number) => {
    const { run } = (await post("runs/create", {
      experiment_id: experiment,
      run_name: name,
      start_time: startMs,
      tags: [{ key: "peregrine.run_reason", value: `reason of ${name}` }],
    })) as unknown as { run: { info: { run_id: string } } };
    const run_id = run.info.run_id;
    await post("runs/log-batch", {
      run_id,
      params: [{ key: "model", value: "yolo11n" }],
      metrics: [0.2, 0.5, 0.4].map((value, step) => ({ key: "map50", value, step, timestamp: startMs + step })),
    });
    if (endMs !== undefined) await post("runs/update", { run_id, status: "FINISHED", end_time: endMs });
    return run_id;
  };
  const hour = 3_600_000;
  const day = Date.parse("2026-11-10T00:00:00Z");

  before(async function () {
    if (!existsSync(python)) return this.skip();
    server = new TrackingServer(python, makeTemporaryFolder("runs-on-mlflow"), "s3://artifacts/mlflow", () => ({}));
    url = `http://127.0.0.1:${await server.port()}`;
    mlflow = Mlflow.of(session, url);
    experiment = String((await post("experiments/create", { name: "drones" }))["experiment_id"]);
  });
  after(() => server?.close());

  it("are read once, then only what is new, went on, ended or was deleted while it went on", async () => {
    const keep = new Memory();
    await make("old", day, day + hour);
    const goesOn = await make("goes on", day + hour);
    const goes = await make("goes", day + 2 * hour);
    const ended = await make("ended last", day + 3 * hour, day + 10 * hour);
    const first = await readRuns(mlflow, keep, { nowMs: day });
    assert.equal(first.read, "all");
    assert.deepEqual(
      first.runs.map(({ name }) => name),
      ["ended last", "goes", "goes on", "old"],
    );
    assert.equal(first.runs[0]!.experiment, "drones");

    await post("runs/log-batch", { run_id: goesOn, metrics: [{ key: "map50", value: 0.9, step: 3, timestamp: day }] });
    await post("runs/update", { run_id: goesOn, status: "FAILED", end_time: day + 11 * hour });
    await post("runs/delete", { run_id: goes });
    await make("new", day + 12 * hour);
    // An evaluation that goes on with a run that had ended.
    await post("runs/update", { run_id: ended, status: "RUNNING" });
    const second = await readRuns(mlflow, keep, { nowMs: day + hour });
    assert.deepEqual(
      second.runs.map(({ name, status, metrics }) => [name, status, metrics["map50"]]),
      [
        ["new", "RUNNING", 0.4],
        ["ended last", "RUNNING", 0.4],
        ["goes on", "FAILED", 0.9],
        ["old", "FINISHED", 0.4],
      ],
    );
    assert.equal(second.read, 3);

    const old = second.runs.find(({ name }) => name === "old")!;
    await post("runs/set-tag", { run_id: old.id, key: "later", value: "yes" });
    const third = await readRuns(mlflow, keep, { nowMs: day + hour });
    assert.equal(third.runs.find(({ name }) => name === "old")!.tags["later"], undefined);
    for (const options of [{ fresh: true, nowMs: day + hour }, { nowMs: day + 26 * hour }]) {
      const again = await readRuns(mlflow, keep, options);
      assert.equal(again.read, "all");
      assert.equal(again.runs.find(({ name }) => name === "old")!.tags["later"], "yes");
    }
  });

  it("are read again where what was kept is damaged", async () => {
    const keep = new Memory();
    keep.text = '{"version":1,"readAtMs":1,"runs":[{}]}';
    assert.equal((await readRuns(mlflow, keep, { nowMs: 2 })).read, "all");
  });

  it("count by their last value or by their best", async () => {
    const { runs } = await readRuns(mlflow, new Memory(), { nowMs: day });
    const some = runs.filter(({ name }) => name === "old");
    const best = await bestSteps(mlflow, some, ["map50"]);
    const question = { where: "map50 >= 0.5" };
    assert.equal(tableOf(some, question).found, 0);
    assert.equal(tableOf(some, question, best).found, 1);
  });
});
