import { createHash } from "node:crypto";
import type { ArchivedFile, Statement } from "./attestations";
import { type DossierFacts, factsBy, nodeOf } from "./facts";

/** How a model was made (SLSA provenance v1): the pipeline's execution with its parameters, and what went into it. */
export function provenance(facts: DossierFacts): Statement {
  const { release } = facts;
  const execution = nodeOf(facts, "execution");
  const dataset = nodeOf(facts, "dataset");
  const container = nodeOf(facts, "container");
  const weights = nodeOf(facts, "archive")?.facts["base weights sha256"];
  const digestOf = (name: string) => ({ sha256: name.replace(/^(sha256|container:sha256|dataset|container):/, "") });
  const materials = facts.walked.nodes.filter(
    ({ id, kind, facts: known }) => (kind === "image" || kind === "label") && known["sha256"] && id.startsWith("s3://"),
  );
  return {
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: "model.tar.gz", digest: { sha256: release.modelSha256 } }],
    predicateType: "https://slsa.dev/provenance/v1",
    predicate: {
      buildDefinition: {
        buildType: "urn:peregrine:sagemaker-training-pipeline:v1",
        externalParameters: Object.fromEntries(factsBy(execution, "parameter ")),
        internalParameters: Object.fromEntries(factsBy(execution, "job ")),
        resolvedDependencies: [
          ...(container ? [{ name: "container", digest: digestOf(container.id) }] : []),
          ...(dataset ? [{ name: "dataset", digest: digestOf(dataset.id) }] : []),
          ...(weights ? [{ name: "base weights", digest: { sha256: weights } }] : []),
          ...materials
            .map(({ id, facts: known }) => ({ uri: id, digest: { sha256: known["sha256"]! } }))
            .sort((one, other) => (one.uri < other.uri ? -1 : 1)),
        ],
      },
      runDetails: {
        builder: { id: execution ? execution.id.replace(/\/execution\/.*$/, "") : "unknown" },
        metadata: {
          ...(execution ? { invocationId: execution.id } : {}),
          ...(execution?.facts["started"] ? { startedOn: execution.facts["started"] } : {}),
        },
      },
    },
  };
}

/**
 * What is signed of a model: every file in its archive by digest (OpenSSF model signing v1.0: resources, and as subject
 * the digest over theirs in the order of their names).
 */
export function modelStatement(facts: Pick<DossierFacts, "files" | "release">): Statement {
  const resources = [...facts.files].sort((one, other) => (one.path < other.path ? -1 : 1));
  return {
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: facts.release.releaseId, digest: { sha256: digestOver(resources) } }],
    predicateType: "https://model_signing/signature/v1.0",
    predicate: {
      serialization: { method: "files", hash_type: "sha256", allow_symlinks: false, ignore_paths: [] },
      resources: resources.map(({ path, sha256 }) => ({ name: path, algorithm: "sha256", digest: sha256 })),
    },
  };
}

function digestOver(files: readonly ArchivedFile[]): string {
  const hash = createHash("sha256");
  for (const { sha256 } of files) hash.update(Buffer.from(sha256, "hex"));
  return hash.digest("hex");
}
