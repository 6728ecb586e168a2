import assert from "node:assert/strict";
import { bind } from "../../../records/lineage/from-data";
import { addOwnLineage } from "../../../records/lineage/from-registry";
import { addReleases } from "../../../records/lineage/from-serving";
import { LineageGraph, type LineageNode } from "../../../records/lineage/graph";
import { changedBetween, madeBy, predictionAnswer, rawToDeployed } from "../../../records/lineage/questions";
import { answerPage, answerText } from "../../../records/lineage/show";
import { addAnswer, addModel, at, commit, digest, packageArn, released, serving, world } from "./world";

const one = (graph: LineageGraph, name: string): LineageNode => {
  const [node, ...more] = graph.find(name);
  assert.ok(node && more.length === 0, `${name} means one thing`);
  return node;
};
const idsOf = (nodes: readonly LineageNode[]) => nodes.map(({ id }) => id);

describe("SageMaker's own lineage of a package", () => {
  const artifact = "arn:aws:sagemaker:eu-central-1:111122223333:artifact/1";
  const archive = `archive:${digest("archive1")}`;
  const uri = "s3://artifacts/runs/run1/model.tar.gz";
  const made = (job: string) => {
    const graph = new LineageGraph();
    addModel(graph, 1, "0.5", "10");
    const { title, kind } = graph.get(archive)!;
    graph.node({ id: archive, kind, title, facts: { "training job": "train1" } });
    addOwnLineage(
      graph,
      packageArn(1),
      {
        artifacts: { [packageArn(1)]: artifact, [uri]: artifact.replace(/1$/, "2") },
        vertices: [{ arn: `arn:x:experiment-trial-component/${job}-aws-training-job`, type: "TrainingJob" }],
        edges: [],
      },
      { [uri]: archive },
    );
    return graph;
  };

  it("names package and archive, and execution by its jobs, as SageMaker does", () => {
    const graph = made("train1");
    assert.equal(graph.find(artifact)[0]!.id, packageArn(1));
    assert.equal(graph.find(artifact.replace(/1$/, "2"))[0]!.id, archive);
    assert.equal(graph.get(packageArn(1))!.facts["SageMaker training job"], "train1");
    const component = "arn:aws:sagemaker:eu-central-1:111122223333:experiment-trial-component/train1-aws-training-job";
    assert.equal(graph.find(component)[0]!.kind, "execution");
    assert.deepEqual(graph.problems, []);
  });

  it("says so where it names another training than the archive", () => {
    assert.match(made("other").problems.join(), /says that other made its archive, and the archive says train1/);
  });

  it("that is not there is a gap", () => {
    const graph = new LineageGraph();
    addModel(graph, 1, "0.5", "10");
    addOwnLineage(graph, packageArn(1), { artifacts: {}, vertices: [], edges: [] }, {});
    assert.match(graph.gaps.join(), /has no artifact of arn/);
  });
});

describe("lineage", () => {
  it("walks from an answer to the very versions of its training images, and to nothing of the other model", () => {
    const graph = world();
    const up = idsOf(graph.walk([one(graph, "oak/1").id], "up").nodes);
    for (const id of [
      "s3://flights/flights/oak.jpg?versionId=v-oak.jpg",
      `dataset:${digest("data1")}`,
      `archive:${digest("archive1")}`,
      packageArn(1),
      "run:mlflow1",
      commit,
      "release:prod/1",
    ])
      assert.ok(up.includes(id), id);
    assert.ok(!up.includes(packageArn(2)));
    assert.ok(!up.some((id) => id.includes("fog.jpg")));
    assert.deepEqual([graph.problems, graph.gaps], [[], []]);
  });

  it("walks from an image down to each answer that it had a part in", () => {
    const graph = world();
    const down = graph.walk([one(graph, "s3://flights/flights/fog.jpg").id], "down").nodes;
    assert.deepEqual(idsOf(down.filter(({ kind }) => kind === "prediction")), [
      "prediction:peregrine-prod-detector/oak/2",
    ]);
  });

  it("finds things by every name that people have for them", () => {
    const graph = world();
    for (const name of [
      packageArn(1),
      digest("archive1"),
      "mlflow1",
      "r-000000000001",
      "train1",
      "run1",
      "oak/1",
      commit.slice(0, 9),
    ])
      one(graph, name);
    assert.deepEqual(graph.find("c"), [], "too short for a beginning");
  });

  it("says what data, code and parameters made something, each with where it was read", () => {
    const graph = world();
    const { parts } = madeBy(graph, graph.find(packageArn(1)));
    const said = new Map(parts.map(({ heading, lines }) => [heading, lines]));
    assert.match(said.get("Data")![0]!.text, /^dataset data set 646174613100/);
    assert.ok(said.get("Parameters")!.some(({ text }) => text === "Epochs: 10"));
    assert.ok(said.get("Code")!.some(({ text }) => text.includes(digest("image"))));
    for (const { lines } of parts) for (const { evidence } of lines) assert.ok(evidence.length > 0);
  });

  it("says what changed between two versions: quality, images, parameters", () => {
    const graph = world();
    const { parts } = changedBetween(graph, one(graph, packageArn(1)), one(graph, packageArn(2)));
    const said = Object.fromEntries(parts.map(({ heading, lines }) => [heading, lines.map(({ text }) => text)]));
    assert.deepEqual(said["Quality"], ["mAP50: 0.5000 -> 0.6000"]);
    assert.deepEqual(said["Images and annotations"], ["1 came: fog.jpg"]);
    assert.ok(said["Parameters"]!.includes("parameter Epochs: 10 -> 20"));
    assert.deepEqual(said["Code and libraries"], ["no difference is known"]);
  });

  it("shows raw data to deployed, and an answer with its image and labels", () => {
    const graph = world();
    const way = rawToDeployed(graph, graph.find(packageArn(2)));
    assert.deepEqual(
      way.parts.filter(({ lines }) => lines[0]!.text === "nothing is known").map(({ heading }) => heading),
      [],
    );
    const answer = predictionAnswer(graph, [one(graph, "oak/2")]);
    const text = answerText(answer, graph);
    assert.match(text, /4 true objects, says ann/);
    assert.match(text, /image sent as oak\/2/);
    assert.match(text, /release promote r-000000000002 in prod: live/);
  });

  it("tells of a key that was written over or deleted after it was read, and names the version that was read", () => {
    const version = (versionId: string, minute: number, bytes = 10, deleted = false) => ({
      key: "k",
      versionId,
      modified: at(minute),
      bytes,
      deleted,
    });
    const read = { from: at(5), to: at(6) };
    assert.deepEqual(bind([version("a", 1)], 10, read), { versionId: "a", problems: [] });
    const over = bind([version("b", 9, 12), version("a", 1)], 10, read);
    assert.equal(over.versionId, "a");
    assert.match(over.problems.join(), /written over at 2026-01-01T00:09:00.000Z.*is b now, and was a/);
    assert.match(bind([version("x", 9, 0, true), version("a", 1)], 10, read).problems.join(), /was deleted at/);
    assert.match(bind([version("a", 1, 11)], 10, read).problems.join(), /no version of 10 bytes/);
    assert.match(bind([], 10, read).problems.join(), /is gone/);
    // A bucket without versions holds the newest alone.
    const unversioned = bind([version("null", 9, 10)], 10, read);
    assert.equal(unversioned.versionId, undefined);
    assert.match(unversioned.problems.join(), /written over/);
  });

  it("tells of an answer that no release explains, and of one whose model is nowhere", () => {
    const graph = new LineageGraph();
    addModel(graph, 1, "0.5", "1");
    const releases = [released(1, 10, "rolled-back")];
    addReleases(graph, serving, releases);
    addAnswer(graph, "oak/9", 1, 5, releases);
    assert.match(
      graph.problems.join(),
      /oak\/9 was answered at .* by an archive that no release of prod had live then/,
    );
    addAnswer(graph, "oak/10", 7, 15, releases);
    assert.match(graph.gaps.join(), /no archive that could be read holds the model/);
  });

  it("shows names from outside as text, on pages and terminals", () => {
    const graph = new LineageGraph();
    graph.node({ id: "x", kind: "image", title: `<script>alert("1")</script>\u001b[2J`, facts: {} }, "evil-name");
    const answer = madeBy(graph, graph.find("evil-name"));
    assert.doesNotMatch(answerPage(answer, graph), /<script/);
    assert.doesNotMatch(answerText(answer, graph), /\u001b/);
  });
});
