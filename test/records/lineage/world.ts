import type { DescribeModelPackageOutput } from "@aws-sdk/client-sagemaker";
import { addManifest } from "../../../records/lineage/from-data";
import { addExecution, addPackage } from "../../../records/lineage/from-registry";
import { addPrediction, addReleases } from "../../../records/lineage/from-serving";
import { LineageGraph } from "../../../records/lineage/graph";
import type { RecordedRelease } from "../../../records/release";

export const digest = (name: string): string => Buffer.from(name).toString("hex").padEnd(64, "0").slice(0, 64);
export const at = (minute: number): Date => new Date(Date.UTC(2026, 0, 1, 0, minute));
export const packageArn = (version: number): string =>
  `arn:aws:sagemaker:eu-central-1:111122223333:model-package/peregrine-dev-detector/${version}`;
const executionArn = (version: number): string =>
  `arn:aws:sagemaker:eu-central-1:111122223333:pipeline/peregrine-dev-training/execution/run${version}`;
export const commit = "c".repeat(40);

/** A released model of two images, by every source that there is. */
export function addModel(graph: LineageGraph, version: number, map50: string, epochs: string): void {
  const described = {
    ModelApprovalStatus: "Approved",
    InferenceSpecification: {
      Containers: [{ Image: "image:1", ModelDataUrl: `s3://artifacts/runs/run${version}/model.tar.gz` }],
    },
    ModelMetrics: { ModelQuality: { Statistics: { S3Uri: `s3://artifacts/runs/run${version}/evaluation.json` } } },
    CustomerMetadataProperties: {
      modelSha256: digest(`archive${version}`),
      datasetDigest: digest(`data${version}`),
      datasetUri: "s3://flights/flights/",
      pipelineExecutionArn: executionArn(version),
    },
  } as unknown as DescribeModelPackageOutput;
  addPackage(graph, {
    arn: packageArn(version),
    described,
    archiveSha256: digest(`archive${version}`),
    imageDigest: `sha256:${digest("image")}`,
    model: {
      onnxSha256: digest(`onnx${version}`),
      runId: `mlflow${version}`,
      hyperparameters: { epochs },
      versions: { torch: "2.9" },
    },
    scores: { mAP50: map50 },
  });
  addExecution(graph, {
    arn: executionArn(version),
    described: { PipelineExecutionStatus: "Succeeded" } as never,
    parameters: { Epochs: epochs },
    jobs: { TrainDetector: `arn:aws:sagemaker:eu-central-1:111122223333:training-job/train${version}` },
    image: { uri: "image:1", digest: `sha256:${digest("image")}` },
  });
  const images = version === 1 ? ["oak.jpg", "oak.xml"] : ["oak.jpg", "oak.xml", "fog.jpg"];
  addManifest(graph, {
    manifest: {
      digest: digest(`data${version}`),
      classes: ["tree"],
      splits: { train: { images: images.length, boxes: 9, flights: ["oak"], regions: [] } },
      options: { tile: 256 },
      left_out: {},
      files: {},
      sources: Object.fromEntries(images.map((name) => [name, { sha256: digest(name), bytes: 10 }])),
    },
    uri: `s3://artifacts/runs/run${version}/dataset/manifest.json`,
    flights: { bucket: "flights", prefix: "flights/" },
    versions: images.map((name) => ({
      key: `flights/${name}`,
      versionId: `v-${name}`,
      modified: at(0),
      bytes: 10,
      deleted: false,
    })),
    read: { from: at(1), to: at(2) },
  });
}

export function released(
  version: number,
  minute: number,
  outcome: RecordedRelease["outcome"] = "live",
): RecordedRelease {
  return {
    releaseId: `r-00000000000${version}`,
    environment: "prod",
    modelPackageArn: packageArn(version),
    modelSha256: digest(`archive${version}`),
    imageDigest: `sha256:${digest("image")}`,
    gitCommit: commit,
    policyPack: { version: "1", result: "passed" },
    kind: "promote",
    outcome,
    reasons: outcome === "live" ? [] : ["an alarm"],
    startedAt: at(minute).toISOString(),
    endedAt: at(minute + 1).toISOString(),
    entry: { sequence: version, hash: "0", by: "arn:aws:iam::111122223333:role/release-build" },
  } as unknown as RecordedRelease;
}

export const serving = { environment: "prod", endpoint: "peregrine-prod-detector", bucket: "prod-artifacts" };

/** An answer of a model at a minute, labelled once. */
export function addAnswer(
  graph: LineageGraph,
  inferenceId: string,
  version: number,
  minute: number,
  releases: readonly RecordedRelease[],
): void {
  addPrediction(
    graph,
    {
      endpoint: serving.endpoint,
      inferenceId,
      at: at(minute).toISOString(),
      variant: "primary",
      modelSha256: digest(`onnx${version}`),
      detections: 3,
      line: "s3://prod-artifacts/capture/a.jsonl, line 1",
      imageSha256: digest("sent"),
      labels: [
        {
          by: "ann",
          at: at(minute + 60).toISOString(),
          said: "4 true objects",
          place: "s3://prod-artifacts/labels/b.jsonl, line 1",
        },
      ],
    },
    "prod",
    releases,
  );
}

/** Two models, the second released after the first, and an answer of each. */
export function world(): LineageGraph {
  const graph = new LineageGraph();
  addModel(graph, 1, "0.5000", "10");
  addModel(graph, 2, "0.6000", "20");
  const releases = [released(1, 10), released(2, 20)];
  addReleases(graph, serving, releases);
  addAnswer(graph, "oak/1", 1, 15, releases);
  addAnswer(graph, "oak/2", 2, 25, releases);
  return graph;
}
