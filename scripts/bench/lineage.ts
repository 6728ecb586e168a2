import { addManifest } from "../../records/lineage/from-data";
import { addPackage } from "../../records/lineage/from-registry";
import { addPrediction, addReleases } from "../../records/lineage/from-serving";
import { LineageGraph } from "../../records/lineage/graph";
import {
  changedBetween,
  type LineageAnswer,
  madeBy,
  predictionAnswer,
  rawToDeployed,
} from "../../records/lineage/questions";
import { answerText } from "../../records/lineage/show";
import type { RecordedRelease } from "../../records/release";
import type { Recorder } from "./figures";

const budget = { edges: 100_000, seconds: 1 };
const shape = { models: 10, images: 5000, answers: 1000 };

/** Answers of the graph alone: what S3 and SageMaker take to be read is theirs. */
export function benchLineage(record: Recorder): Promise<void> {
  const built = seconds(() => graphOf());
  const graph = built.result;
  record.about = `A graph of ${shape.models} models of ${shape.images} images each and ${shape.models * shape.answers} answers. Reading them from S3 and SageMaker is not in it.`;
  record.figure("ties in the graph", graph.size.edges, "", {
    text: `at least ${budget.edges}`,
    met: graph.size.edges >= budget.edges,
  });
  record.figure("make the graph", built.seconds, "s");
  const ask = (name: string, answer: () => LineageAnswer) => {
    const took = seconds(() => answerText(answer(), graph)).seconds;
    record.figure(name, took, "s", { text: `at most ${budget.seconds} s`, met: took <= budget.seconds });
  };
  ask("what data, code and parameters made this", () => madeBy(graph, graph.find("flight/5-10")));
  ask("what changed between two versions", () =>
    changedBetween(graph, graph.get(packageArn(4))!, graph.get(packageArn(5))!),
  );
  ask("raw data to deployed", () => rawToDeployed(graph, graph.find(packageArn(5))));
  ask("what did this prediction", () => predictionAnswer(graph, graph.find("flight/5-10")));
  return Promise.resolve();
}

function graphOf(): LineageGraph {
  const graph = new LineageGraph();
  const releases: RecordedRelease[] = [];
  for (let model = 0; model < shape.models; model++) {
    addPackage(graph, {
      arn: packageArn(model),
      described: {
        CustomerMetadataProperties: {
          modelSha256: digest("archive", model),
          datasetDigest: digest("data", model),
          pipelineExecutionArn: `arn:aws:sagemaker:eu-central-1:111122223333:pipeline/p/execution/${model}`,
        },
      } as never,
      archiveSha256: digest("archive", model),
      imageDigest: undefined,
      model: { onnxSha256: digest("onnx", model), runId: `run${model}`, hyperparameters: {}, versions: {} },
      scores: { mAP50: String(model / 10) },
    });
    // Each model has its own images: nine of ten are those of the model before.
    const first = (model * shape.images) / 10;
    addManifest(graph, {
      manifest: {
        digest: digest("data", model),
        classes: ["tree"],
        splits: {},
        options: {},
        left_out: {},
        files: {},
        sources: Object.fromEntries(
          Array.from({ length: shape.images }, (_, at) => [
            `${first + at}.jpg`,
            { sha256: digest("image", first + at), bytes: 1 },
          ]),
        ),
      },
      uri: `s3://artifacts/runs/${model}/dataset/manifest.json`,
      flights: { bucket: "flights", prefix: "" },
      versions: undefined,
      read: undefined,
    });
    releases.push({
      releaseId: `r-${digest("r", model).slice(0, 12)}`,
      modelPackageArn: packageArn(model),
      modelSha256: digest("archive", model),
      outcome: "live",
      reasons: [],
      policyPack: { version: "1", result: "passed" },
      startedAt: hour(model),
      endedAt: hour(model),
      entry: { sequence: model, hash: "", by: "" },
    } as unknown as RecordedRelease);
  }
  addReleases(graph, { environment: "prod", endpoint: "detector", bucket: "artifacts" }, releases);
  for (let model = 0; model < shape.models; model++)
    for (let answer = 0; answer < shape.answers; answer++)
      addPrediction(
        graph,
        {
          endpoint: "detector",
          inferenceId: `flight/${model}-${answer}`,
          at: hour(model),
          variant: "primary",
          modelSha256: digest("onnx", model),
          detections: 1,
          line: `s3://artifacts/capture/${model}.jsonl, line ${answer}`,
          imageSha256: digest("sent", model * shape.answers + answer),
          labels: ["ann", "ben"].map((by) => ({
            by,
            at: hour(model),
            said: "1 true object",
            place: `s3://artifacts/labels/${by}, line ${answer}`,
          })),
        },
        "prod",
        releases,
      );
  return graph;
}

const packageArn = (model: number): string =>
  `arn:aws:sagemaker:eu-central-1:111122223333:model-package/detector/${model}`;
const hour = (at: number): string => new Date(Date.UTC(2026, 0, 1, at)).toISOString();
const digest = (what: string, number: number): string =>
  Buffer.from(`${what}${number}`).toString("hex").padEnd(64, "0").slice(0, 64);

function seconds<Result>(work: () => Result): { result: Result; seconds: number } {
  const began = performance.now();
  const result = work();
  return { result, seconds: (performance.now() - began) / 1000 };
}
