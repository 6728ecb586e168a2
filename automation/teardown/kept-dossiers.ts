import { join } from "node:path";
import { ObjectStore } from "../../aws/s3";
import { isDenied } from "../../aws/session";
import { EnvironmentNotUp } from "../errors";
import { ledgerOf } from "../release/history";
import { attested } from "../dossier/attest";
import { dossierFacts, type DossierSource, gatherGraph } from "../dossier/gather";
import { sumsFile, writeDossier } from "../dossier/write";
import type { LineagePlace } from "../lineage/reading";
import { listReleases } from "../../records/release";
import type { Environment } from "../stack/environment";

/** Whose releases are documented before a teardown deletes what documents are made of. */
export interface DossierPlan {
  /** Where the packages are registered. */
  readonly registry: Environment;
  /** Environments whose releases are lost, or whose releases' making is. */
  readonly targets: readonly Environment[];
  /** The repository, whose documents are named with their digests. */
  readonly projectDir: string;
}

/**
 * Writes the dossier of each release that ever served, as `peregrine dossier` writes it, signed where the caller may
 * sign: the key goes with the rest.
 * @param into a folder; each dossier has one of its own in it, `<environment>/<release>`.
 * @returns SHA-256 of each one's list of digests, by its folder below `into`.
 */
export async function keepDossiers(
  { registry, targets, projectDir }: DossierPlan,
  into: string,
): Promise<Record<string, string>> {
  const registryPlace = await placeOf(registry);
  const kept: Record<string, string> = {};
  for (const target of targets) {
    const place = await placeOf(target);
    if (!place) continue;
    const releases = await listReleases(ledgerOf(target, place.outputs), target.name);
    const served = new Set(releases.filter(({ outcome }) => outcome === "live").map(({ releaseId }) => releaseId));
    if (served.size === 0) continue;
    const source: DossierSource = { registry: registryPlace, target: place, settings: target.settings, projectDir };
    const graph = await gatherGraph(source);
    for (const release of served) {
      const facts = await dossierFacts(source, graph, release);
      const statements = await attested(place, facts, true).catch((error: unknown) => {
        if (isDenied(error)) return attested(place, facts, false);
        throw error;
      });
      const folder = `${target.name}/${release}`;
      kept[folder] = (await writeDossier(join(into, folder), facts, statements)).files[sumsFile]!;
    }
  }
  return kept;
}

/** Undefined for an environment that is not up, or that a teardown has begun to delete. */
async function placeOf(environment: Environment): Promise<LineagePlace | undefined> {
  const { name, session } = environment;
  if (!(await environment.exists())) return undefined;
  try {
    const outputs = await environment.outputs();
    const there = await new ObjectStore(session).bucketExists(outputs.artifactsBucket);
    return there ? { name, session, outputs } : undefined;
  } catch (error) {
    if (error instanceof EnvironmentNotUp) return undefined;
    throw error;
  }
}
