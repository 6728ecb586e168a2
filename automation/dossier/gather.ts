import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { ObjectStore, parseS3Uri } from "../../aws/s3";
import type { ArchivedFile } from "../../records/dossier/attestations";
import type { DossierFacts, LedgerState, RepositoryDocument } from "../../records/dossier/facts";
import { LineageGraph } from "../../records/lineage/graph";
import { checkpointPath } from "../../records/log/verify";
import { readCheckpoint } from "../../records/log/note";
import { ledgerKey, releasedArchiveKey } from "../../contract/places";
import { logOf } from "../audit/log";
import { UserError } from "../errors";
import { gatherLineage } from "../lineage/gather";
import { readModelArchive } from "../lineage/model-archive";
import { type LineagePlace, reading, sha256Of } from "../lineage/reading";
import { named } from "../release/history";
import { listReleases } from "../../records/release";
import { ledgerOf } from "../release/history";

/** What dossiers are made of. */
export interface DossierSource {
  /** Undefined where it is gone: then the dossier says that what was in it is missing. */
  readonly registry: LineagePlace | undefined;
  readonly target: LineagePlace;
  readonly settings: Readonly<Record<string, unknown>>;
  /** The repository, whose documents are named with their digests. */
  readonly projectDir: string;
}

/** What the dossiers of an environment's releases have in common: it is read once for all of them. */
export function gatherGraph({ registry, target }: DossierSource): Promise<LineageGraph> {
  return gatherLineage({ registry, targets: [target] });
}

/**
 * Reads everything that a dossier says something about. What cannot be read is a gap of the dossier.
 * @param release as somebody names it.
 * @throws UserError when there is no such release.
 */
export async function dossierFacts(
  { target, settings, projectDir }: DossierSource,
  graph: LineageGraph,
  release: string,
): Promise<DossierFacts> {
  const releases = await listReleases(ledgerOf(target, target.outputs), target.name);
  const found = named(releases, release, target.name);
  // The next dossier of the same graph has nothing of what is wrong with this one alone.
  const problems = [...graph.problems];
  const gaps = [...graph.gaps];
  const own: Findings = { problem: (text) => void problems.push(text), gap: (text) => void gaps.push(text) };
  const node = graph.find(`${target.name}/${found.entry.sequence}`)[0];
  if (!node) throw new UserError(`The release ${found.releaseId} is in no graph.`, "Ask again.");
  const last = releases.at(-1)!.entry;
  return {
    release: found,
    releases,
    walked: graph.walk([node.id], "up"),
    graph: { problems, gaps },
    state: { ledger: { sequence: last.sequence, hash: last.hash }, log: await logState(own, target) },
    documents: await documentsOf(projectDir),
    files: await filesOf(own, target, found.modelSha256),
    settings: Object.fromEntries(
      Object.entries(settings).map(([name, value]) => [
        name,
        typeof value === "string" ? value : JSON.stringify(value),
      ]),
    ),
    ledgerUri: `s3://${target.outputs.artifactsBucket}/${ledgerKey}`,
  };
}

type Findings = Pick<LineageGraph, "problem" | "gap">;

async function logState(graph: Findings, target: LineagePlace): Promise<LedgerState["log"]> {
  return reading(graph, `the log of ${target.name}`, async () => {
    const log = await logOf(target, target.outputs);
    const note = await log.read(checkpointPath);
    if (!note) return undefined;
    const { size, root } = readCheckpoint(note.toString("utf8"), log.key);
    return { size, root: root.toString("base64") };
  });
}

/** Files of the archive that was released; those of the environment's own copy. */
async function filesOf(graph: Findings, { session, outputs }: LineagePlace, sha256: string): Promise<ArchivedFile[]> {
  const uri = `s3://${outputs.artifactsBucket}/${releasedArchiveKey(sha256)}`;
  const read = await reading(graph, uri, async () => {
    const body = await new ObjectStore(session).get(parseS3Uri(uri));
    if (!body) throw new Error("it does not exist");
    return readModelArchive(body);
  });
  if (read && read.sha256 !== sha256) graph.problem(`${uri} is not what was released: its SHA-256 is ${read.sha256}`);
  return read ? read.files.map(({ path, sha256: digest }) => ({ path, sha256: digest })) : [];
}

/** Pages of the repository by path: what governs a model is described there, and nowhere else. */
async function documentsOf(projectDir: string): Promise<Map<string, RepositoryDocument>> {
  const found = new Map<string, RepositoryDocument>();
  const below = (await readdir(join(projectDir, "docs"), { recursive: true })).map((name) => `docs/${name}`);
  for (const path of ["README.md", "ml/README.md", ...below].filter((name) => name.endsWith(".md")).sort())
    found.set(path, { path, sha256: sha256Of(await readFile(join(projectDir, path))) });
  return found;
}
