import type { RecordedRelease } from "../release";
import { ledgerKey } from "../../contract/places";
import type { LineageGraph } from "./graph";
import { archiveId, containerId, facts } from "./from-registry";

const releaseNode = (environment: string, sequence: number): string => `release:${environment}/${sequence}`;
const endpointNode = (name: string): string => `endpoint:${name}`;
const predictionNode = (endpoint: string, inferenceId: string): string => `prediction:${endpoint}/${inferenceId}`;

/** All attempts of an environment to release, oldest first, and the endpoint that serves them. */
export function addReleases(
  graph: LineageGraph,
  { environment, endpoint, bucket }: { environment: string; endpoint: string; bucket: string },
  releases: readonly RecordedRelease[],
): void {
  for (const one of releases) {
    const { sequence, by } = one.entry;
    const id = releaseNode(environment, sequence);
    const read = `s3://${bucket}/${ledgerKey}: entry ${sequence}`;
    graph.node(
      {
        id,
        kind: "release",
        title: `${one.kind} ${one.releaseId} in ${environment}: ${one.outcome}`,
        facts: facts({
          releaseId: one.releaseId,
          environment,
          outcome: one.outcome,
          kind: one.kind,
          began: one.startedAt,
          ended: one.endedAt,
          by,
          "decided by": one.decision?.person,
          "decided why": one.decision?.why,
          mAP50: one.evaluation?.map50,
          "policy pack": `${one.policyPack.version}: ${one.policyPack.result}`,
          why: one.reasons.join("; "),
          configuration: one.endpointConfigName,
        }),
      },
      one.releaseId,
      `${environment}/${one.releaseId}`,
      `${environment}/${sequence}`,
    );
    graph.edge(one.modelPackageArn, id, "is released by it", `${read}, modelPackageArn`);
    graph.edge(archiveId(one.modelSha256), id, "is what was released", `${read}, modelSha256`);
    if (one.imageDigest) graph.edge(containerId(one.imageDigest), id, "runs it", `${read}, imageDigest`);
    if (one.gitCommit) {
      graph.node({ id: one.gitCommit, kind: "commit", title: `commit ${one.gitCommit.slice(0, 12)}`, facts: {} });
      graph.edge(one.gitCommit, id, "is the program that was rolled out", `${read}, gitCommit`);
    }
    if (one.outcome !== "live") continue;
    graph.node({ id: endpointNode(endpoint), kind: "endpoint", title: endpoint, facts: { environment } }, endpoint);
    graph.edge(id, endpointNode(endpoint), "went live on it", `${read}, outcome`);
  }
}

/** An answer that an endpoint gave, with the image that it was given to and what people said of it. */
export interface PredictionSource {
  readonly endpoint: string;
  readonly inferenceId: string;
  readonly at: string;
  readonly variant: string;
  readonly modelSha256: string;
  readonly detections: number;
  /** `s3://bucket/key, line n`; the captured line. */
  readonly line: string;
  /** Undefined where the request was not captured. */
  readonly imageSha256: string | undefined;
  readonly labels: readonly {
    readonly by: string;
    readonly at: string;
    readonly said: string;
    readonly place: string;
  }[];
}

/**
 * A captured answer: made by the archive whose model it names, under the release that was live then. Both are found
 * independently, so that one tells of the other.
 */
export function addPrediction(
  graph: LineageGraph,
  source: PredictionSource,
  environment: string,
  releases: readonly RecordedRelease[],
): void {
  const { endpoint, inferenceId, at, modelSha256, line } = source;
  const id = predictionNode(endpoint, inferenceId);
  graph.node(
    {
      id,
      kind: "prediction",
      title: `answer ${inferenceId} of ${endpoint}`,
      facts: facts({ at, variant: source.variant, detections: source.detections, "model sha256": modelSha256, line }),
    },
    inferenceId,
  );
  if (source.imageSha256) {
    graph.node(
      {
        id: `sent:${endpoint}/${inferenceId}`,
        kind: "image",
        title: `image sent as ${inferenceId}`,
        facts: { sha256: source.imageSha256, line },
      },
      source.imageSha256,
    );
    graph.edge(`sent:${endpoint}/${inferenceId}`, id, "was looked at", `${line}, endpointInput`);
  }
  const archives = graph.named(modelSha256).filter(({ kind }) => kind === "archive");
  for (const archive of archives)
    graph.edge(archive.id, id, "answered", `${line}, endpointOutput: model.sha256, which its model.json names`);
  if (archives.length === 0)
    graph.gap(`no archive that could be read holds the model ${modelSha256}, which answered ${inferenceId}`);
  const live = releases.findLast(({ outcome, endedAt }) => outcome === "live" && endedAt <= at);
  // An update shifts traffic before it is recorded as live: the model tells which of both it was.
  const candidates = [
    ...(live ? [live] : []),
    ...releases.filter(({ startedAt, endedAt }) => startedAt <= at && at <= endedAt),
  ];
  const released = candidates.find(({ modelSha256: sha256 }) =>
    archives.some(({ facts: known }) => known["sha256"] === sha256),
  );
  if (released)
    graph.edge(
      releaseNode(environment, released.entry.sequence),
      id,
      "was live",
      `entry ${released.entry.sequence} of ${environment}'s ledger, live at ${at}, with the archive that answered`,
    );
  else if (archives.length > 0)
    graph.problem(`${inferenceId} was answered at ${at} by an archive that no release of ${environment} had live then`);
  for (const [index, label] of source.labels.entries()) {
    const node = `label:${endpoint}/${inferenceId}#${index}`;
    graph.node(
      {
        id: node,
        kind: "label",
        title: `${label.said}, says ${label.by}`,
        facts: facts({ at: label.at, by: label.by, place: label.place }),
      },
      label.place,
    );
    graph.edge(id, node, "was labelled", label.place);
  }
}
