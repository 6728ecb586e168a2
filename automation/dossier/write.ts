import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { canonicalJson } from "../../lifecycle/canonical";
import { dossierDocument, type DossierDocument } from "../../records/dossier/document";
import type { DossierFacts } from "../../records/dossier/facts";
import { mlBom } from "../../records/dossier/ml-bom";
import { modelCard } from "../../records/dossier/model-card";
import { dossierPage } from "../../records/dossier/page";
import { dossierPdf } from "../../records/dossier/pdf";
import { sha256Of } from "../lineage/reading";
import type { Attested } from "./attest";

/** The list of the digests of all others, as `sha256sum --check` reads it. */
export const sumsFile = "SHA256SUMS";

export interface WrittenDossier {
  readonly folder: string;
  readonly document: DossierDocument;
  /** SHA-256 by file name. */
  readonly files: Readonly<Record<string, string>>;
}

/** Writes all documents of a release into a folder; the same facts give the same bytes. */
export async function writeDossier(
  folder: string,
  facts: DossierFacts,
  { provenance, model }: Readonly<Record<"provenance" | "model", Attested>>,
): Promise<WrittenDossier> {
  const found = dossierDocument(facts);
  const document: DossierDocument = {
    ...found,
    sections: [
      ...found.sections,
      {
        heading: "Signatures",
        rows: (
          [
            ["provenance (SLSA v1, in-toto, DSSE)", provenance],
            ["model (OpenSSF model signing)", model],
          ] as const
        ).map(([label, { envelope, missing }]) =>
          envelope
            ? {
                label,
                state: "evidence" as const,
                statements: [
                  {
                    text: "signed, and the signature holds",
                    evidence: envelope.signatures.map(({ keyid }) => `key ${keyid}`),
                  },
                ],
              }
            : { label, state: "missing" as const, statements: [{ text: missing ?? "", evidence: [] }] },
        ),
      },
    ],
  };
  const contents: Record<string, string | Buffer> = {
    "dossier.json": pretty(document),
    "dossier.html": dossierPage(document),
    "dossier.pdf": await dossierPdf(document, new Date(facts.release.endedAt)),
    "model-card.json": pretty(modelCard(facts)),
    "ml-bom.cdx.json": pretty(mlBom(facts)),
    "provenance.intoto.json": pretty(provenance.statement),
    ...(provenance.envelope ? { "provenance.dsse.json": pretty(provenance.envelope) } : {}),
    "model.intoto.json": pretty(model.statement),
    ...(model.bundle ? { "model.sig": pretty(model.bundle) } : {}),
  };
  await mkdir(folder, { recursive: true });
  const files: Record<string, string> = {};
  for (const [name, content] of Object.entries(contents)) {
    await writeFile(join(folder, name), content);
    files[name] = sha256Of(content);
  }
  const list = Object.entries(files).map(([name, digest]) => `${digest}  ${name}\n`);
  await writeFile(join(folder, sumsFile), list.join(""));
  return { folder, document, files: { ...files, [sumsFile]: sha256Of(list.join("")) } };
}

/** Indented, with members in canonical order. */
function pretty(value: unknown): string {
  const plain: unknown = JSON.parse(JSON.stringify(value));
  return `${JSON.stringify(JSON.parse(canonicalJson(plain)), undefined, 2)}\n`;
}
