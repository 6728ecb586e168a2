import type { LineageGraph, LineageNode, Walked } from "../lineage/graph";
import type { RecordedRelease } from "../release";
import type { ArchivedFile } from "./attestations";

/** A document of the repository, as it is at the commit that the dossier is made from. */
export interface RepositoryDocument {
  readonly path: string;
  readonly sha256: string;
}

/** What the ledger and the log were when the dossier was made: the same state gives the same dossier, byte for byte. */
export interface LedgerState {
  /** Sequence and hash of the ledger's last entry. */
  readonly ledger: { readonly sequence: number; readonly hash: string };
  /** Size and root (base64) of the log; undefined where it has no checkpoint yet. */
  readonly log: { readonly size: number; readonly root: string } | undefined;
}

/** Everything that a dossier says something about; nothing else goes into one. */
export interface DossierFacts {
  readonly release: RecordedRelease;
  /** All of the environment's, oldest first. */
  readonly releases: readonly RecordedRelease[];
  readonly walked: Walked;
  readonly graph: Pick<LineageGraph, "problems" | "gaps">;
  readonly state: LedgerState;
  /** By path. */
  readonly documents: ReadonlyMap<string, RepositoryDocument>;
  /** Files of the model archive; empty where it could not be read. */
  readonly files: readonly ArchivedFile[];
  /** Settings of the environment, as text. */
  readonly settings: Readonly<Record<string, string>>;
  /** S3 URI of the ledger. */
  readonly ledgerUri: string;
}

/** A statement with where it was read; without evidence nothing is stated. */
export interface Statement {
  readonly text: string;
  readonly evidence: readonly string[];
}

/** The only node of a kind among those that made the release; undefined where none is known. */
export function nodeOf({ walked }: Pick<DossierFacts, "walked">, kind: LineageNode["kind"]): LineageNode | undefined {
  return walked.nodes.find((node) => node.kind === kind);
}

/** Where what is known of a node was read. */
export function evidenceOf({ walked }: Pick<DossierFacts, "walked">, { id }: LineageNode): string[] {
  const found = walked.edges.filter(({ from, to }) => from === id || to === id).map(({ evidence }) => evidence);
  // A data set has as many ties as images; the manifest is named once.
  return [...new Set(found.map((one) => one.replace(/: sources\[.*$/s, ": sources")))].slice(0, 3);
}

/** Facts of a node by the beginning of their names, which is left out. */
export function factsBy(node: LineageNode | undefined, start: string): [string, string][] {
  return Object.entries(node?.facts ?? {}).flatMap(([name, value]) =>
    name.startsWith(start) ? [[name.slice(start.length), value] as [string, string]] : [],
  );
}
