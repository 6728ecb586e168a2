import type { DescribeModelPackageOutput, DescribePipelineExecutionResponse } from "@aws-sdk/client-sagemaker";
import type { OwnLineage } from "../../aws/sagemaker-lineage";
import type { LineageGraph } from "./graph";

/** What a model archive says of itself (`model.json` in it), as far as lineage asks. */
export interface ModelDescription {
  readonly onnxSha256?: string;
  readonly datasetDigest?: string;
  readonly baseWeightsSha256?: string;
  readonly runId?: string;
  readonly experiment?: string;
  readonly trainingJob?: string;
  readonly architecture?: string;
  readonly hyperparameters: Readonly<Record<string, string>>;
  readonly versions: Readonly<Record<string, string>>;
}

/** The id of an archive, of a data set: both are known by what they hold, wherever they lie. */
export const archiveId = (sha256: string): string => `archive:${sha256}`;
export const datasetId = (digest: string): string => `dataset:${digest}`;
const runId = (id: string): string => `run:${id}`;
export const containerId = (digest: string): string => `container:${digest}`;

/** Facts that are there; those without a value are left out. */
export function facts(values: Readonly<Record<string, string | number | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      value === undefined || value === "" ? [] : [[name, String(value)]],
    ),
  );
}

export interface PackageSource {
  readonly arn: string;
  readonly described: DescribeModelPackageOutput;
  /** Of the bytes that lie there now; undefined where they are gone or may not be read. */
  readonly archiveSha256: string | undefined;
  readonly imageDigest: string | undefined;
  readonly model: ModelDescription | undefined;
  readonly scores: Readonly<Record<string, string>>;
}

/** A package with its archive, its evaluation, its data set and the execution that registered it. */
export function addPackage(graph: LineageGraph, source: PackageSource): void {
  const { arn, described, model } = source;
  const metadata = described.CustomerMetadataProperties ?? {};
  const asked = `DescribeModelPackage ${arn}`;
  const container = described.InferenceSpecification?.Containers?.[0];
  graph.node({
    id: arn,
    kind: "package",
    title: arn.split("/").slice(-2).join("/"),
    facts: facts({
      registered: described.CreationTime?.toISOString(),
      approval: described.ModelApprovalStatus,
      ...source.scores,
      variant: metadata["modelVariant"],
      why: metadata["runReason"],
      licence: metadata["licence"],
      evaluation: described.ModelMetrics?.ModelQuality?.Statistics?.S3Uri,
    }),
  });
  const recorded = metadata["modelSha256"];
  if (recorded && source.archiveSha256 && recorded !== source.archiveSha256)
    graph.problem(
      `${container?.ModelDataUrl} was written over: ${arn} was registered with SHA-256 ${recorded}, and ${source.archiveSha256} lies there`,
    );
  const sha256 = recorded ?? source.archiveSha256;
  if (!sha256) return graph.gap(`${arn} names no digest of its archive, and the archive cannot be read`);
  addArchive(graph, sha256, container?.ModelDataUrl, model);
  graph.edge(archiveId(sha256), arn, "is registered as", `${asked}: modelSha256, ModelDataUrl`);
  if (source.imageDigest) {
    graph.node(
      { id: containerId(source.imageDigest), kind: "container", title: source.imageDigest, facts: {} },
      source.imageDigest,
      container?.Image,
    );
    graph.edge(containerId(source.imageDigest), arn, "runs it", `${asked}: Image`);
  }
  const digest = metadata["datasetDigest"];
  if (digest) {
    const uri = metadata["datasetUri"];
    graph.node(
      { id: datasetId(digest), kind: "dataset", title: `data set ${digest.slice(0, 12)}`, facts: facts({ uri }) },
      digest,
    );
    graph.edge(datasetId(digest), archiveId(sha256), "is what it was trained on", `${asked}: datasetDigest`);
  }
  if (digest && model?.datasetDigest && digest !== model.datasetDigest)
    graph.problem(`${arn} names data set ${digest}, and its archive was trained on ${model.datasetDigest}`);
  const execution = metadata["pipelineExecutionArn"];
  if (execution) {
    graph.node({ id: execution, kind: "execution", title: `execution ${last(execution)}`, facts: {} }, last(execution));
    graph.edge(execution, archiveId(sha256), "trained it", `${asked}: pipelineExecutionArn`);
    if (digest) graph.edge(execution, datasetId(digest), "prepared it", `${asked}: pipelineExecutionArn`);
  }
}

/** An archive with the MLflow run that logged its training. */
function addArchive(graph: LineageGraph, sha256: string, uri: string | undefined, model?: ModelDescription): void {
  const parameters = Object.entries(model?.hyperparameters ?? {}).map(([name, value]) => [`parameter ${name}`, value]);
  const versions = Object.entries(model?.versions ?? {}).map(([name, value]) => [`library ${name}`, value]);
  graph.node(
    {
      id: archiveId(sha256),
      kind: "archive",
      title: `archive ${sha256.slice(0, 12)}`,
      facts: facts({
        sha256,
        uri,
        "model sha256": model?.onnxSha256,
        "base weights sha256": model?.baseWeightsSha256,
        architecture: model?.architecture,
        "training job": model?.trainingJob,
        ...(Object.fromEntries([...parameters, ...versions]) as Record<string, string>),
      }),
    },
    sha256,
    uri,
    model?.onnxSha256,
    model?.trainingJob,
  );
  if (!model?.runId) return;
  graph.node(
    {
      id: runId(model.runId),
      kind: "run",
      title: `MLflow run ${model.runId}`,
      facts: facts({ experiment: model.experiment }),
    },
    model.runId,
  );
  graph.edge(runId(model.runId), archiveId(sha256), "logged its training", `${uri}: model.json, mlflow.run_id`);
}

export interface ExecutionSource {
  readonly arn: string;
  readonly described: DescribePipelineExecutionResponse;
  readonly parameters: Readonly<Record<string, string>>;
  /** Steps by name, with the ARN of the job that ran for each. */
  readonly jobs: Readonly<Record<string, string>>;
  readonly image: { readonly uri: string; readonly digest: string | undefined } | undefined;
}

/** An execution of the training pipeline with its parameters and jobs, and the container whose code ran. */
export function addExecution(graph: LineageGraph, { arn, described, parameters, jobs, image }: ExecutionSource): void {
  graph.node(
    {
      id: arn,
      kind: "execution",
      title: `execution ${last(arn)}`,
      facts: facts({
        status: described.PipelineExecutionStatus,
        started: described.CreationTime?.toISOString(),
        by: described.CreatedBy?.IamIdentity?.Arn ?? described.CreatedBy?.UserProfileArn,
        ...prefixed("parameter", parameters),
        ...prefixed("job", jobs),
      }),
    },
    last(arn),
    ...Object.values(jobs),
    ...Object.values(jobs).map(last),
  );
  if (!image?.digest) return;
  graph.node({ id: containerId(image.digest), kind: "container", title: image.digest, facts: {} }, image.digest);
  graph.edge(
    containerId(image.digest),
    arn,
    "is the code that ran",
    `DescribeTrainingJob ${jobs["TrainDetector"]}: TrainingImage ${image.uri}`,
  );
}

/**
 * What SageMaker itself remembers of a package: a second source, which names the artifacts for whoever goes on there.
 * It knows S3 objects by address alone and not by content, so nothing of ours is taken from it.
 */
export function addOwnLineage(graph: LineageGraph, arn: string, { artifacts, vertices, edges }: OwnLineage): void {
  if (artifacts.length === 0) return graph.gap(`SageMaker's own lineage has no artifact of ${arn}`);
  const title = graph.get(arn)?.title ?? arn;
  graph.node(
    {
      id: arn,
      kind: "package",
      title,
      facts: {
        "SageMaker artifact": artifacts.join(", "),
        "SageMaker lineage": `${vertices.length} entities, ${edges.length} associations`,
      },
    },
    ...artifacts,
  );
}

function prefixed(word: string, values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${word} ${name}`, value]));
}

const last = (arn: string): string => arn.slice(arn.lastIndexOf("/") + 1);
