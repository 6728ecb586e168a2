import { createHash } from "node:crypto";
import { type DossierFacts, factsBy, nodeOf } from "./facts";

/** The bill of materials of a model (CycloneDX 1.6, ML-BOM): model, data set, libraries, container, base weights. */
export function mlBom(facts: DossierFacts): object {
  const { release } = facts;
  const [archive, pack, dataset, container] = (["archive", "package", "dataset", "container"] as const).map((kind) =>
    nodeOf(facts, kind),
  );
  const libraries = factsBy(archive, "library ").map(([name, version]) => ({
    type: "library",
    "bom-ref": `library:${name}@${version}`,
    name,
    version,
    purl: `pkg:pypi/${encodeURIComponent(name)}@${encodeURIComponent(version)}`,
  }));
  const weights = archive?.facts["base weights sha256"];
  const parts = [
    ...libraries,
    ...(weights
      ? [
          {
            type: "machine-learning-model",
            "bom-ref": `weights:${weights}`,
            name: "base weights",
            hashes: hashes(weights),
          },
        ]
      : []),
    ...(container
      ? [
          {
            type: "container",
            "bom-ref": container.id,
            name: release.imageUri.replace(/@.*$/, ""),
            hashes: hashes(container.id.replace(/^container:sha256:/, "")),
          },
        ]
      : []),
    ...(dataset
      ? [
          {
            type: "data",
            "bom-ref": dataset.id,
            name: "training data set",
            hashes: hashes(dataset.id.replace(/^dataset:/, "")),
            data: [
              {
                type: "dataset",
                name: dataset.title,
                contents: {
                  ...(dataset.facts["manifest"] ? { url: dataset.facts["manifest"] } : {}),
                  properties: factsBy(dataset, "split ").map(([name, value]) => ({ name: `split ${name}`, value })),
                },
              },
            ],
          },
        ]
      : []),
  ];
  const scores = Object.entries(pack?.facts ?? {}).filter(([name]) => /^(mAP|latency)/.test(name));
  const model = {
    type: "machine-learning-model",
    "bom-ref": release.releaseId,
    name: "detector",
    version: release.releaseId,
    hashes: hashes(release.modelSha256),
    ...(pack?.facts["licence"] ? { licenses: [{ license: { name: pack.facts["licence"] } }] } : {}),
    modelCard: {
      modelParameters: {
        approach: { type: "supervised" },
        task: "object detection",
        ...(archive?.facts["architecture"] ? { modelArchitecture: archive.facts["architecture"] } : {}),
        ...(dataset ? { datasets: [{ ref: dataset.id }] } : {}),
        inputs: [{ format: "image/jpeg" }, { format: "image/png" }],
        outputs: [{ format: "application/json" }],
      },
      quantitativeAnalysis: {
        performanceMetrics: scores.map(([name, value]) => {
          const slice = /^mAP50 (.+)$/.exec(name)?.[1];
          return { type: slice ? "mAP50" : name, value, ...(slice ? { slice } : {}) };
        }),
      },
    },
    properties: [
      { name: "peregrine:model-package", value: release.modelPackageArn },
      ...factsBy(archive, "parameter ").map(([name, value]) => ({ name: `peregrine:parameter:${name}`, value })),
    ],
  };
  return {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    serialNumber: `urn:uuid:${uuidOf(`${release.environment}/${release.entry.hash}`)}`,
    version: 1,
    metadata: { timestamp: release.endedAt, component: model },
    components: parts,
    dependencies: [{ ref: release.releaseId, dependsOn: parts.map((one) => one["bom-ref"]) }],
  };
}

const hashes = (content: string) => [{ alg: "SHA-256", content }];

/** A UUID that says the same of the same name (RFC 9562, version 8: of a digest of one's own choice). */
function uuidOf(name: string): string {
  const bytes = createHash("sha256").update(name).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
