import assert from "node:assert/strict";
import { createSign, generateKeyPairSync } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import Ajv from "ajv";
import addFormats from "ajv-formats";
import { projectDir } from "../../../automation/project-dir";
import { bundleOf, holds, sealed } from "../../../records/dossier/attestations";
import { technicalFile } from "../../../records/dossier/annex-iv";
import { dossierDocument } from "../../../records/dossier/document";
import type { DossierFacts } from "../../../records/dossier/facts";
import { mlBom } from "../../../records/dossier/ml-bom";
import { cardDisagreements, modelCard } from "../../../records/dossier/model-card";
import { dossierPage } from "../../../records/dossier/page";
import { dossierPdf } from "../../../records/dossier/pdf";
import { modelStatement, provenance } from "../../../records/dossier/provenance";
import { digest, packageArn, released, world } from "../lineage/world";

function facts(changes: Partial<DossierFacts> = {}): DossierFacts {
  const graph = world();
  const release = {
    ...released(2, 20),
    imageUri: `111122223333.dkr.ecr.eu-central-1.amazonaws.com/peregrine@sha256:${digest("image")}`,
  };
  return {
    release,
    releases: [released(1, 10), release],
    walked: graph.walk(["release:prod/2"], "up"),
    graph,
    state: { ledger: { sequence: 2, hash: "ab" }, log: { size: 2, root: "root" } },
    documents: new Map(
      ["README.md", "docs/architecture.md", "docs/governance.md", "ml/README.md"].map((path) => [
        path,
        { path, sha256: digest(path) },
      ]),
    ),
    files: [
      { path: "model.onnx", sha256: digest("onnx2") },
      { path: "model.json", sha256: digest("json") },
    ],
    settings: { servingInstanceType: "ml.c7i.large" },
    ledgerUri: "s3://prod-artifacts/ledger/ledger.jsonl",
    ...changes,
  };
}

function pagesOf(folder: string): string[] {
  const names = readdirSync(join(projectDir, folder), { recursive: true, encoding: "utf8" });
  return names.filter((name) => name.endsWith(".md")).map((name) => `${folder}/${name}`);
}

/** CycloneDX's own schemas, as its library brings them. */
function cycloneDxProblems(bom: object): unknown {
  const folder = join(dirname(require.resolve("@cyclonedx/cyclonedx-library/package.json")), "res", "schema");
  const schema = (name: string) =>
    JSON.parse(readFileSync(join(folder, `${name}.SNAPSHOT.schema.json`), "utf8")) as object;
  const ajv = new Ajv({ strict: false });
  addFormats(ajv);
  ajv.addFormat("iri-reference", true);
  ajv.addFormat("idn-email", true);
  for (const name of ["spdx", "jsf-0.82", "cryptography-defs"]) {
    const part = schema(name);
    ajv.addSchema(part, `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`);
  }
  const validate = ajv.compile(schema("bom-1.6"));
  return validate(bom) ? undefined : validate.errors;
}

describe("a dossier", () => {
  it("states nothing without evidence, and says what is missing", () => {
    const { points, score } = technicalFile(facts());
    for (const { statements } of points) for (const { evidence } of statements) assert.ok(evidence.length > 0);
    const missing = points.filter(({ statements, notApplicable }) => statements.length === 0 && !notApplicable);
    const named = missing.map(({ point, asks }) => `${point} ${asks}`);
    assert.ok(named.includes("1(a) name of the provider"));
    assert.ok(named.includes("8 copy of the EU declaration of conformity"));
    assert.equal(score.of - score.filled, missing.length);
  });

  it("of what the pipeline made and an approver decided about lacks nothing but the declaration of conformity", () => {
    const known = facts();
    const also: Record<string, Record<string, string>> = {
      archive: { "base weights sha256": digest("base"), architecture: "yolo11n" },
      package: { licence: "AGPL-3.0", "mAP50 night": "0.31", evaluation: "s3://artifacts/evaluation.json" },
      execution: { "parameter TrainInstanceType": "ml.g4dn.xlarge", status: "Succeeded" },
    };
    const nodes = known.walked.nodes.map((node) => ({ ...node, facts: { ...node.facts, ...also[node.kind] } }));
    const decision = {
      arn: "arn:approver",
      person: "cleo",
      at: "2026-01-01T00:00:00Z",
      why: "good",
      decisionSha256: "d",
    };
    const pages = ["README.md", "ml/README.md", ...pagesOf("docs")];
    const { points, score } = technicalFile({
      ...known,
      release: { ...known.release, decision },
      walked: { ...known.walked, nodes },
      documents: new Map(pages.map((path) => [path, { path, sha256: digest(path) }])),
      settings: {
        servingInstanceType: "x",
        monitoringMode: "own",
        provider: "Example Ltd",
        intendedUse: "finds boats",
      },
    });
    assert.deepEqual(
      points
        .filter(({ statements, notApplicable }) => statements.length === 0 && !notApplicable)
        .map(({ point }) => point),
      ["8"],
    );
    assert.ok(score.filled / score.of >= 0.95, `${score.filled} of ${score.of}`);
  });

  it("loses the points whose evidence is gone", () => {
    const whole = technicalFile(facts());
    const without = technicalFile(facts({ documents: new Map(), walked: { nodes: [], edges: [] } }));
    assert.ok(without.score.filled < whole.score.filled);
    assert.equal(without.score.of, whole.score.of + 1, "nobody says any more that 1(f) does not apply");
  });

  it("names the entry of the ledger that it is about, and the state that it was made from", () => {
    const { cover, sections } = dossierDocument(facts());
    assert.ok(cover.some((line) => line.includes("Ledger up to entry 2, ab")));
    const release = sections.find(({ heading }) => heading === "The release")!;
    assert.match(release.rows[0]!.statements[0]!.evidence[0]!, /ledger\.jsonl: entry 2/);
  });

  it("is the same PDF byte for byte, of several pages, within seconds", async () => {
    const at = new Date("2026-01-01T00:21:00Z");
    const [one, other] = [
      await dossierPdf(dossierDocument(facts()), at),
      await dossierPdf(dossierDocument(facts()), at),
    ];
    assert.ok(one.equals(other));
    assert.equal(one.subarray(0, 5).toString(), "%PDF-");
  });

  it("shows what comes from outside as text", () => {
    const evil = '<img src=x onerror="alert(1)">';
    const page = dossierPage(
      dossierDocument(facts({ release: { ...facts().release, reasons: [evil], outcome: "failed" } })),
    );
    assert.doesNotMatch(page, /<img/);
    assert.match(page, /&lt;img src=x onerror=&quot;alert\(1\)&quot;&gt;/);
  });

  it("has a bill of materials by CycloneDX's own schema, with model, data, container and libraries", () => {
    const bom = mlBom(facts()) as { components: { type: string }[]; metadata: { component: { type: string } } };
    assert.equal(cycloneDxProblems(bom), undefined);
    assert.deepEqual(bom.components.map(({ type }) => type).sort(), ["container", "data", "library"]);
    assert.notEqual(cycloneDxProblems({ ...bom, specVersion: 16 }), undefined);
  });

  it("has a model card that agrees with its model, and with no other", () => {
    const content = JSON.stringify(modelCard(facts()));
    const model = { modelSha256: digest("archive2"), modelPackageArn: packageArn(2), map50: "0.6000" };
    assert.deepEqual(cardDisagreements(content, model), []);
    assert.match(
      cardDisagreements(content, { ...model, modelSha256: digest("archive1") }).join(),
      /it names the archive/,
    );
    assert.match(cardDisagreements(content, { ...model, map50: "0.7" }).join(), /its mAP50 is 0.6000, and not 0.7/);
    assert.match(cardDisagreements(content, { ...model, modelPackageArn: packageArn(1) }).join(), /it is about/);
    assert.deepEqual(cardDisagreements("{", model), ["it is no JSON"]);
  });

  it("has the card's fields from records, or says that nothing provides them", () => {
    const card = modelCard(facts());
    assert.equal(card.intended_uses.intended_uses, "not provided");
    assert.equal(card.intended_uses.risk_rating, "Unknown");
    assert.deepEqual(card.training_details.training_job_details.user_provided_hyper_parameters, [
      { name: "epochs", value: "20" },
    ]);
  });

  it("has a provenance with every image that the model was trained on, and a signature that holds for it alone", async () => {
    const statement = provenance(facts());
    const predicate = statement.predicate as {
      buildDefinition: { resolvedDependencies: { uri?: string }[]; externalParameters: object };
    };
    assert.deepEqual(statement.subject[0]!.digest, { sha256: digest("archive2") });
    assert.deepEqual(predicate.buildDefinition.externalParameters, { Epochs: "20" });
    assert.ok(
      predicate.buildDefinition.resolvedDependencies.some(
        ({ uri }) => uri === "s3://flights/flights/fog.jpg?versionId=v-fog.jpg",
      ),
    );
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const der = publicKey.export({ format: "der", type: "spki" });
    const envelope = await sealed(statement, "key", (bytes) =>
      Promise.resolve(createSign("sha256").update(bytes).sign(privateKey)),
    );
    assert.ok(holds(envelope, statement, der));
    assert.ok(!holds(envelope, modelStatement(facts()), der));
    const other = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ format: "der", type: "spki" });
    assert.ok(!holds(envelope, statement, other));
  });

  it("signs each file of the model in the form of OpenSSF's model signing", async () => {
    const statement = modelStatement(facts());
    assert.equal(statement.predicateType, "https://model_signing/signature/v1.0");
    const { resources } = statement.predicate as { resources: { name: string }[] };
    assert.deepEqual(
      resources.map(({ name }) => name),
      ["model.json", "model.onnx"],
    );
    const envelope = await sealed(statement, "key", () => Promise.resolve(Buffer.from("s")));
    const der = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ format: "der", type: "spki" });
    const bundle = bundleOf(envelope, der) as { mediaType: string };
    assert.equal(bundle.mediaType, "application/vnd.dev.sigstore.bundle.v0.3+json");
  });
});
