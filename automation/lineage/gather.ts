import type { DescribeModelPackageOutput } from "@aws-sdk/client-sagemaker";
import { atATime } from "../../aws/at-a-time";
import { imageDigest, parseImageUri } from "../../aws/ecr";
import { ObjectStore, parseS3Uri } from "../../aws/s3";
import { objectVersions, type ObjectVersion } from "../../aws/s3-versions";
import { SageMaker } from "../../aws/sagemaker";
import { MakingRecords } from "../../aws/sagemaker-lineage";
import type { AwsSession } from "../../aws/session";
import { datasetManifest, manifestName } from "../../contract/dataset-manifest";
import { readJson } from "../../contract/json";
import { prefixes } from "../../contract/places";
import { isUnknown } from "../../lifecycle/comparison";
import { addManifest } from "../../records/lineage/from-data";
import { addExecution, addOwnLineage, addPackage, archiveId, containerId } from "../../records/lineage/from-registry";
import { addReleases } from "../../records/lineage/from-serving";
import { LineageGraph } from "../../records/lineage/graph";
import { listReleases, type RecordedRelease } from "../../records/release";
import { readEvaluation } from "../release/evaluation";
import { ledgerOf } from "../release/history";
import { readModelArchive } from "./model-archive";
import { gatherPredictions, type PredictionQuery } from "./predictions";
import { type LineagePlace, reading } from "./reading";
import { scoresOf } from "./scores";

export interface LineageQuery {
  /** Where packages are registered and training runs; undefined where it is gone. */
  readonly registry: LineagePlace | undefined;
  /** Where releases go. */
  readonly targets: readonly LineagePlace[];
  /** Captured answers; none where left out: years of them are not read for a question about a package. */
  readonly predictions?: PredictionQuery;
}

/**
 * Reads what environments hold into a graph. What cannot be read, because it is gone or the role may not, is a gap of
 * the graph and no failure: an answer says what it could not see.
 */
export async function gatherLineage({ registry, targets, predictions }: LineageQuery): Promise<LineageGraph> {
  const graph = new LineageGraph();
  if (registry) await gatherPackages(graph, registry);
  else graph.gap("the environment whose registry held the packages is not up: what they were made of cannot be read");
  for (const target of targets) {
    const releases = await releasesOf(graph, target);
    if (predictions) await gatherPredictions(graph, target, releases, predictions);
  }
  return graph;
}

async function releasesOf(graph: LineageGraph, target: LineagePlace): Promise<RecordedRelease[]> {
  const { name, outputs } = target;
  const releases = await reading(graph, `the ledger of ${name}`, () => listReleases(ledgerOf(target, outputs), name));
  addReleases(
    graph,
    { environment: name, endpoint: outputs.endpointName, bucket: outputs.artifactsBucket },
    releases ?? [],
  );
  return releases ?? [];
}

async function gatherPackages(graph: LineageGraph, registry: LineagePlace): Promise<void> {
  const { session, outputs } = registry;
  const sagemaker = new SageMaker(session);
  const packages = await reading(graph, `the group ${outputs.modelPackageGroup}`, () =>
    sagemaker.listModelPackages(outputs.modelPackageGroup),
  );
  const executions = await atATime(
    packages ?? [],
    ({ arn }) => reading(graph, arn, () => gatherPackage(graph, registry, arn)),
    4,
  );
  const versions = new Map<string, Promise<ObjectVersion[] | undefined>>();
  for (const arn of new Set(executions.flatMap((one) => one ?? [])))
    await reading(graph, arn, () => gatherExecution(graph, registry, arn, versions));
}

/** @returns the execution that registered it. */
async function gatherPackage(graph: LineageGraph, { session }: LineagePlace, arn: string): Promise<string | undefined> {
  const store = new ObjectStore(session);
  const described = await new SageMaker(session).describeModelPackage(arn);
  const { Image: image, ModelDataUrl: uri } = described.InferenceSpecification?.Containers?.[0] ?? {};
  const archive = await reading(graph, uri ?? "the archive", async () => {
    const body = uri ? await store.get(parseS3Uri(uri)) : undefined;
    if (!body) throw new Error("it does not exist");
    return readModelArchive(body);
  });
  const evaluated = await reading(graph, `the evaluation of ${arn}`, () => readEvaluation(store, described));
  if (evaluated && isUnknown(evaluated.evaluation)) graph.gap(evaluated.evaluation.unknown);
  const imageDigest = await digestOf(graph, session, image);
  addPackage(graph, {
    arn,
    described,
    archiveSha256: archive?.sha256,
    imageDigest,
    model: archive?.description,
    scores: evaluated && !isUnknown(evaluated.evaluation) ? scoresOf(evaluated.evaluation) : {},
  });
  const parts = partsOf(described, archive?.sha256, imageDigest);
  const own = await reading(graph, `SageMaker's own lineage of ${arn}`, () =>
    new MakingRecords(session).own(arn, Object.keys(parts)),
  );
  if (own) addOwnLineage(graph, arn, own, parts);
  return described.CustomerMetadataProperties?.["pipelineExecutionArn"];
}

/** Nodes of what a package holds, by the addresses that SageMaker knows them by. */
function partsOf(
  { InferenceSpecification, CustomerMetadataProperties }: DescribeModelPackageOutput,
  actualSha256: string | undefined,
  imageDigest: string | undefined,
): Record<string, string> {
  const { Image, ModelDataUrl } = InferenceSpecification?.Containers?.[0] ?? {};
  const sha256 = CustomerMetadataProperties?.["modelSha256"] ?? actualSha256;
  return {
    ...(ModelDataUrl && sha256 ? { [ModelDataUrl]: archiveId(sha256) } : {}),
    ...(Image && imageDigest ? { [Image]: containerId(imageDigest) } : {}),
  };
}

async function digestOf(
  graph: LineageGraph,
  session: AwsSession,
  uri: string | undefined,
): Promise<string | undefined> {
  const name = uri === undefined ? undefined : parseImageUri(uri);
  if (!name) return undefined;
  const digest = await reading(graph, uri!, () => imageDigest(session, name));
  if (digest === "absent" || digest === "no-repository") graph.gap(`${uri} is in no repository any more`);
  return digest?.startsWith("sha256:") ? digest : undefined;
}

async function gatherExecution(
  graph: LineageGraph,
  { session, outputs }: LineagePlace,
  arn: string,
  versions: Map<string, Promise<ObjectVersion[] | undefined>>,
): Promise<void> {
  const sagemaker = new SageMaker(session);
  const making = new MakingRecords(session);
  const [described, steps, parameters] = await Promise.all([
    sagemaker.describePipelineExecution(arn),
    sagemaker.listPipelineSteps(arn),
    reading(graph, `the parameters of ${arn}`, () => making.parametersOf(arn)),
  ]);
  const jobs = Object.fromEntries(
    steps.flatMap(({ StepName, Metadata }) => {
      const job = Metadata?.TrainingJob?.Arn ?? Metadata?.ProcessingJob?.Arn;
      return job ? [[StepName!, job] as const] : [];
    }),
  );
  const training = jobs["TrainDetector"];
  const uri = training && (await reading(graph, training, () => making.trainingImage(training)));
  const image = uri ? { uri, digest: await digestOf(graph, session, uri) } : undefined;
  addExecution(graph, { arn, described, parameters: parameters ?? {}, jobs, image });

  const place = {
    bucket: outputs.artifactsBucket,
    key: `${prefixes.runs}${arn.slice(arn.lastIndexOf("/") + 1)}/dataset/${manifestName}`,
  };
  const manifestUri = `s3://${place.bucket}/${place.key}`;
  const body = await reading(graph, manifestUri, () => new ObjectStore(session).get(place));
  if (!body) return graph.gap(`${manifestUri} is not there: the images of this execution's data set cannot be named`);
  const read = readJson(body.toString("utf8"), datasetManifest);
  if (read.kind !== "value") return graph.gap(`${manifestUri} is no manifest of a data set`);
  const from = parameters?.["DatasetUri"];
  if (!from) return;
  const flights = parseS3Uri(from.endsWith("/") ? from : `${from}/`);
  const listed = versions.get(from) ?? listVersions(graph, session, flights.bucket, flights.key);
  versions.set(from, listed);
  const prepare = jobs["PrepareData"];
  addManifest(graph, {
    manifest: read.value,
    uri: manifestUri,
    flights: { bucket: flights.bucket, prefix: flights.key },
    versions: await listed,
    read: prepare === undefined ? undefined : await reading(graph, prepare, () => making.processingTimes(prepare)),
  });
}

function listVersions(graph: LineageGraph, session: AwsSession, bucket: string, prefix: string) {
  return reading(graph, `the versions of s3://${bucket}/${prefix}`, () => objectVersions(session, bucket, prefix));
}
