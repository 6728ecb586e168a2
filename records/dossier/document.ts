import type { Statement } from "./facts";
import { type DossierFacts, evidenceOf, factsBy, nodeOf } from "./facts";
import { technicalFile, type TechnicalFile } from "./annex-iv";

/** A row of a document: a statement with its evidence, or what is missing. */
export interface Row {
  readonly label: string;
  readonly state: "evidence" | "missing" | "not applicable";
  readonly statements: readonly Statement[];
}

export interface Section {
  readonly heading: string;
  readonly rows: readonly Row[];
}

/** What all forms of a dossier are made of: page, PDF and JSON say the same. */
export interface DossierDocument {
  readonly title: string;
  readonly cover: readonly string[];
  readonly score: TechnicalFile["score"];
  readonly sections: readonly Section[];
  readonly problems: readonly string[];
  readonly gaps: readonly string[];
}

/** The dossier of a release. Nothing in it is typed by hand, and no date but those of records. */
export function dossierDocument(facts: DossierFacts): DossierDocument {
  const { release, state, graph } = facts;
  const file = technicalFile(facts);
  const { filled, of } = file.score;
  return {
    title: `Dossier of ${release.releaseId} in ${release.environment}`,
    cover: [
      `Model package ${release.modelPackageArn}`,
      `Archive SHA-256 ${release.modelSha256}`,
      `Container ${release.imageUri}`,
      `Ledger up to entry ${state.ledger.sequence}, ${state.ledger.hash}`,
      state.log ? `Log of ${state.log.size} entries, root ${state.log.root}` : "Log without a checkpoint",
      `Annex IV: ${filled} of ${of} points from evidence, ${percent(filled, of)}`,
      "This dossier supports an assessment of conformity. It is none, and certifies nothing.",
    ],
    score: file.score,
    sections: [
      { heading: "Technical documentation (Annex IV, Regulation (EU) 2024/1689)", rows: file.points.map(rowOf) },
      dataSheet(facts),
      releaseSection(facts),
    ],
    problems: graph.problems,
    gaps: graph.gaps,
  };
}

const percent = (part: number, of: number): string => `${((100 * part) / of).toFixed(1)} %`;

function rowOf({ point, asks, statements, notApplicable }: TechnicalFile["points"][number]): Row {
  const label = `${point} ${asks}`;
  if (notApplicable) return { label, state: "not applicable", statements: [notApplicable] };
  return { label, state: statements.length > 0 ? "evidence" : "missing", statements };
}

/** What a data protection assessment asks of the data: what it is, where it lies, who sees it, how long it stays. */
function dataSheet(facts: DossierFacts): Section {
  const dataset = nodeOf(facts, "dataset");
  const { settings, release } = facts;
  const told = (names: [string, string][]): Statement[] =>
    dataset && names.length > 0
      ? [{ text: names.map(([name, value]) => `${name} ${value}`).join("; "), evidence: evidenceOf(facts, dataset) }]
      : [];
  const set = (...names: string[]): Statement[] => {
    const known = names.filter((name) => settings[name] !== undefined);
    return known.length === 0
      ? []
      : [
          {
            text: known.map((name) => `${name} ${settings[name]}`).join("; "),
            evidence: [`Pulumi.${release.environment}.yaml, Pulumi.yaml`],
          },
        ];
  };
  const read = (path: string, text: string): Statement[] => {
    const found = facts.documents.get(path);
    return found ? [{ text, evidence: [`${path}, SHA-256 ${found.sha256}`] }] : [];
  };
  const rows: [string, Statement[]][] = [
    ["what the data is", told(factsBy(dataset, "classes").map(([, value]) => ["classes", value]))],
    ["how it is split", told(factsBy(dataset, "split "))],
    ["where it lies", set("datasetBucket", "datasetPrefix")],
    ["how it is prepared", told(factsBy(dataset, "option "))],
    ["whether persons can be recognised in it, and on what legal ground it is used", []],
    ["what is captured in operation", set("capturePercent")],
    ["how long it stays", set("captureRetentionDays", "runRetentionDays", "logRetentionDays")],
    ["who may see it", read("docs/governance.md", "The matrix of roles, actions and environments.")],
    ["who labels it", read("docs/labelling.md", "Who labels, and what of it is kept.")],
  ];
  return {
    heading: "Data sheet (as an assessment of data protection asks)",
    rows: rows.map(([label, statements]) => ({
      label,
      state: statements.length > 0 ? "evidence" : "missing",
      statements,
    })),
  };
}

function releaseSection({ release, ledgerUri }: DossierFacts): Section {
  const evidence = [`${ledgerUri}: entry ${release.entry.sequence} (${release.entry.hash})`];
  const rows: [string, string | undefined][] = [
    [
      "outcome",
      `${release.kind}: ${release.outcome}${release.reasons.length > 0 ? ` (${release.reasons.join("; ")})` : ""}`,
    ],
    ["began and ended", `${release.startedAt} to ${release.endedAt}`],
    ["released by", release.entry.by],
    ["decided by", release.decision && `${release.decision.person}, ${release.decision.arn}: ${release.decision.why}`],
    ["program", release.gitCommit && `commit ${release.gitCommit}`],
    ["rollout", release.rollout && `${release.rollout.verdict}: ${release.rollout.reasons.join("; ")}`],
    ["endpoint configuration", release.endpointConfigName],
  ];
  return {
    heading: "The release",
    rows: rows.map(([label, text]) =>
      text === undefined
        ? { label, state: "missing", statements: [] }
        : { label, state: "evidence", statements: [{ text, evidence }] },
    ),
  };
}
