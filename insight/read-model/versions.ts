import { liveRelease, type RecordedRelease } from "../../records/release";
import { type EnvironmentFacts, type PackageFacts, type PlatformFacts, valueOf } from "./facts";

/** Where a version stands in an environment, by its newest attempt there. */
export interface VersionStand {
  readonly environment: string;
  readonly state: "live" | "was live" | "rejected" | "rolled-back" | "failed";
  readonly release: RecordedRelease;
}

/** A version of the model, in whichever registry it is. */
export interface ModelVersion {
  readonly arn: string;
  /** Group and number, such as `peregrine-dev-detector/3`. */
  readonly name: string;
  /** Undefined where only a ledger knows it. */
  readonly approval: string | undefined;
  readonly created: string | undefined;
  /** mAP50 on held-out images, as the newest release record has it. */
  readonly map50: number | undefined;
  readonly stands: readonly VersionStand[];
}

/** Group and number of a package, from its ARN. */
export function versionName(arn: string): string {
  return arn.split("/").slice(1).join("/") || arn;
}

/** `v3`: as short as a version can be told. */
export function shortVersion(arn: string): string {
  return `v${arn.split("/").at(-1)}`;
}

/** All versions that registries and ledgers know, newest first. */
export function versionsOf({ environments }: PlatformFacts): ModelVersion[] {
  const found = new Map<string, { package?: PackageFacts; stands: VersionStand[] }>();
  const at = (arn: string) => {
    const known = found.get(arn) ?? { stands: [] };
    found.set(arn, known);
    return known;
  };
  for (const environment of environments) {
    for (const one of valueOf(environment.packages, [])) at(one.arn).package = one;
    for (const stand of standsIn(environment)) at(stand.release.modelPackageArn).stands.push(stand);
  }
  return [...found]
    .map(([arn, { package: registered, stands }]) => ({
      arn,
      name: versionName(arn),
      approval: registered?.approval,
      created: registered?.created,
      map50: stands.findLast(({ release }) => release.evaluation)?.release.evaluation?.map50,
      stands,
    }))
    .sort((one, other) => (bornAt(one) < bornAt(other) ? 1 : -1));
}

/** The newest attempt of each version in an environment, oldest first. */
function standsIn({ name, releases }: EnvironmentFacts): VersionStand[] {
  const all = valueOf(releases, []);
  const live = liveRelease(all);
  const newest = new Map<string, RecordedRelease>();
  for (const one of all) {
    newest.delete(one.modelPackageArn);
    newest.set(one.modelPackageArn, one);
  }
  return [...newest.values()].map((release) => ({
    environment: name,
    state:
      live && release.releaseId === live.releaseId ? "live" : release.outcome === "live" ? "was live" : release.outcome,
    release,
  }));
}

const bornAt = ({ created, stands }: ModelVersion): string => created ?? stands[0]?.release.startedAt ?? "";

/** A step of a version's life. */
export interface LifeStep {
  readonly step: string;
  /** Undefined where it has not happened. */
  readonly at: string | undefined;
  readonly text: string;
}

/** From training to retirement: the life of the release that serves an environment. */
export function lifeOf(environment: EnvironmentFacts, { environments }: PlatformFacts): LifeStep[] {
  const releases = valueOf(environment.releases, []);
  const live = liveRelease(releases);
  if (!live) return [];
  const registered = environments
    .flatMap(({ packages }) => valueOf(packages, []))
    .find(({ arn }) => arn === live.modelPackageArn);
  const trial = environments
    .filter(({ name }) => name !== environment.name)
    .flatMap(({ name, releases: others }) => valueOf(others, []).map((release) => ({ name, release })))
    .find(({ release }) => release.modelPackageArn === live.modelPackageArn);
  const score = live.evaluation;
  return [
    { step: "trained", at: registered?.created, text: registered ? "registered" : "in no registry that was read" },
    {
      step: "evaluated",
      at: score && registered?.created,
      text: score ? `mAP50 ${score.map50.toFixed(3)} on held-out images` : "the release has no evaluation",
    },
    {
      step: "tried",
      at: trial?.release.endedAt,
      text: trial ? `${trial.release.outcome} in ${trial.name}` : "in no other environment",
    },
    {
      step: "approved",
      at: live.decision?.at,
      text: live.decision ? `by ${live.decision.person}` : "nobody had decided",
    },
    {
      step: live.rollout ? "canary" : "rollout",
      at: live.startedAt,
      text: live.rollout ? `verdict: ${live.rollout.verdict}` : "nothing was compared",
    },
    { step: "live", at: live.endedAt, text: live.releaseId },
  ];
}
