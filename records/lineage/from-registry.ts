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
    ...Object.values(jobs).map(trialComponentOf),
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

/** How SageMaker calls the trial component of a job, after the job's name. */
const componentSuffix = { "training-job": "-aws-training-job", "processing-job": "-aws-processing-job" } as const;

/** The ARN of the trial component that stands for a job in SageMaker's own lineage; undefined for what is no job. */
function trialComponentOf(jobArn: string): string | undefined {
  const [, start, kind, name] = /^(arn:.*:)(training-job|processing-job)\/(.+)$/.exec(jobArn) ?? [];
  return name && `${start}experiment-trial-component/${name}${componentSuffix[kind as keyof typeof componentSuffix]}`;
}

/**
 * What SageMaker itself remembers of a package: a second source. It knows S3 objects by address alone and not by
 * content, so no tie of ours is taken from it; but which job made the archive it says on its own, and where that is
 * another one than the archive says, one of both is wrong.
 * @param parts ids of the nodes for what the package holds, by the source that SageMaker knows them by.
 */
export function addOwnLineage(
  graph: LineageGraph,
  arn: string,
  { artifacts, vertices, edges }: OwnLineage,
  parts: Readonly<Record<string, string>>,
): void {
  if (!artifacts[arn]) return graph.gap(`SageMaker's own lineage has no artifact of ${arn}`);
  const known = { [arn]: arn, ...parts };
  for (const [source, artifact] of Object.entries(artifacts)) {
    const node = graph.get(known[source] ?? "");
    if (node) graph.node({ ...node, facts: {} }, artifact);
  }
  const jobs = vertices.flatMap(({ arn: vertex }) => {
    const name = /\/(.+)-aws-training-job$/.exec(vertex)?.[1];
    return name === undefined ? [] : [name];
  });
  const { title } = graph.get(arn)!;
  graph.node({
    id: arn,
    kind: "package",
    title,
    facts: facts({
      "SageMaker artifact": artifacts[arn],
      "SageMaker lineage": `made of ${vertices.length} entities by ${edges.length} associations`,
      "SageMaker training job": jobs.join(", "),
    }),
  });
  for (const id of Object.values(parts)) {
    const said = graph.get(id)?.facts["training job"];
    if (said !== undefined && jobs.length > 0 && !jobs.includes(last(said)))
      graph.problem(
        `${arn}: SageMaker's own lineage says that ${jobs.join(", ")} made its archive, and the archive says ${said}`,
      );
  }
}

function prefixed(word: string, values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${word} ${name}`, value]));
}

const last = (arn: string): string => arn.slice(arn.lastIndexOf("/") + 1);
