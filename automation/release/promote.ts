import { productionEnvironment } from "../../contract/environments";
import { ObjectStore, parseS3Uri } from "../../aws/s3";
import { isUnknown } from "../../lifecycle/comparison";
import { imageOf } from "../../lifecycle/decision-checks";
import { acceptedApprovals, gateDefaults, type GateDecision, type GatePolicy } from "../../lifecycle/gate";
import { cardPolicy } from "../../lifecycle/model-card";
import { releaseThreshold } from "../../lifecycle/release-threshold";
import type { ApprovedRelease } from "../../lifecycle/supersession";
import { releaseId } from "../../records/release";
import { putBaseline, readBaseline } from "./baseline";
import { Decisions } from "./decisions";
import { admitRelease, endExperiment } from "../experiment/end";
import { ReleaseRejected, UserError } from "../errors";
import { championKey } from "../../contract/places";
import { type Candidate, judgeCandidate, modelIn } from "./candidate";
import { recordRefusals, type Refused } from "./refusal";
import { type ReleaseReporter, type RolloutResult, rollOut } from "./rollout/rollout";
import type { Environment } from "../stack/environment";

export interface PromotionSettings {
  /** Lowest mAP50 that may be released, 0..1; the highest of the targets' own (peregrine:minMap50) when left out. */
  readonly minMap50?: number;
  /** At most so many images that no training saw are to each endpoint before and after its update. */
  readonly goldenImages: number;
  /** Tries a candidate that nobody has decided about yet; only staging takes such a one. */
  readonly trial?: boolean;
  /** Deploys changes of the program that nobody has deployed yet along with the release. */
  readonly withInfrastructure?: boolean;
}

/**
 * Releases an approved model package to the given environments, one after the other; the next one starts only when the
 * one before serves the release. If anything is wrong in an environment, its previous release is desired and live again
 * before this throws.
 * @throws ReleaseRejected when the gate refuses; what `rollOut` throws.
 */
export async function promote(
  registry: Environment,
  targets: readonly Environment[],
  packageArn: string,
  settings: PromotionSettings,
  report: ReleaseReporter,
): Promise<RolloutResult[]> {
  report.stage(registry.name, "checking the model package");
  const names = targets.map(({ name }) => name);
  const approvals = acceptedApprovals(names, settings.trial ?? false);
  // What a trial tries nobody has decided about: it is tried so that somebody can.
  const candidate = await judgeCandidate(registry, packageArn, {
    minMap50: settings.minMap50 ?? thresholdOf(settingsOf(targets)),
    approvals,
    card: cardPolicy(settingsOf(targets)),
    decision: approvals.length > 1 ? "not-asked" : "demanded",
  });
  if (candidate.decision.verdict === "refuse") {
    await recordRefusals(targets, refusedOf(candidate), report);
    throw new ReleaseRejected(
      `${packageArn} may not be released:\n${candidate.decision.reasons.map((reason) => `  - ${reason}`).join("\n")}`,
      "Approve a package that meets the bar, or train a better one.",
    );
  }
  const baseline = await readBaseline(new ObjectStore(registry.session), candidate.facts.baseline);
  if (!baseline) report.stage(registry.name, "the package has no baseline: monitoring cannot judge its answers");
  // A later environment that cannot take the release must be known before an earlier one has it.
  const outputs = await Promise.all(targets.map((target) => target.outputs()));
  const experiments = await Promise.all(targets.map((target) => admitRelease(target, packageArn)));
  const done: RolloutResult[] = [];
  for (const [index, target] of targets.entries()) {
    const model = modelIn(outputs[index]!, candidate);
    if (experiments[index]) await endExperiment(target, { id: experiments[index] }, report);
    const copyArchive = async () => {
      const store = new ObjectStore(target.session);
      await store.put(parseS3Uri(model.modelDataUrl), candidate.archive, "application/gzip");
      if (baseline) await putBaseline(store, outputs[index]!.artifactsBucket, baseline);
    };
    done.push(
      await rollOut(
        target,
        {
          kind: "promote",
          model,
          evidence: candidate.evidence,
          withInfrastructure: settings.withInfrastructure ?? false,
          copyArchive,
        },
        settings.goldenImages,
        report,
      ),
    );
  }
  if (targets.some(({ name }) => name === productionEnvironment)) await setChampion(registry, candidate.archive);
  return done;
}

/**
 * The lowest mAP50 that may be released to all of some environments. @param settings of each, by name.
 * @throws UserError when a stack's setting is no share.
 */
export function thresholdOf(settings: Readonly<Record<string, Environment["settings"]>>): number {
  const result = releaseThreshold(
    Object.fromEntries(Object.entries(settings).map(([name, { minMap50 }]) => [name, minMap50])),
  );
  if ("threshold" in result) return result.threshold;
  throw new UserError(
    result.bad
      .map(
        ({ environment, text }) =>
          `peregrine:minMap50 of ${environment} is ${text || "not set"}, not a number from 0 to 1.`,
      )
      .join("\n"),
    `Correct it in ${result.bad.map(({ environment }) => `Pulumi.${environment}.yaml`).join(", ")}.`,
  );
}

function settingsOf(targets: readonly Environment[]): Record<string, Environment["settings"]> {
  return Object.fromEntries(targets.map(({ name, settings }) => [name, settings]));
}

/** What the gate says of a model package, without releasing it. */
export async function gate(
  registry: Environment,
  packageArn: string,
  policy: Pick<GatePolicy, "minMap50" | "card">,
): Promise<GateDecision> {
  const { approvals, decision } = gateDefaults;
  return (await judgeCandidate(registry, packageArn, { ...policy, approvals, decision })).decision;
}

/**
 * The release that the newest decision about a package approves; undefined when none does. Nothing is verified: that is
 * the gate's.
 */
export async function approvedRelease(registry: Environment, packageArn: string): Promise<ApprovedRelease | undefined> {
  const newest = await new Decisions(registry.session, await registry.outputs()).newest(packageArn);
  if (newest === undefined || isUnknown(newest) || newest.decision.verdict !== "Approved") return undefined;
  const { digests, at } = newest.decision;
  const imageUri = imageOf(digests);
  return digests.archiveSha256 && imageUri
    ? {
        releaseId: releaseId({ modelPackageArn: packageArn, modelSha256: digests.archiveSha256, imageUri }),
        decidedAt: at,
      }
    : undefined;
}

function refusedOf({ packageArn, sha256, imageUri, evidence, decision, facts, decided }: Candidate): Refused {
  const { touchedBy, described } = facts;
  const touched =
    decided && touchedBy && decision.checks.some(({ name, ok }) => name === "untouched" && !ok)
      ? { arn: touchedBy.arn, person: touchedBy.sourceIdentity, at: touchedBy.at }
      : undefined;
  return {
    model: { modelPackageArn: packageArn, modelSha256: sha256, imageUri },
    approved: described.ModelApprovalStatus === "Approved",
    decision,
    evidence,
    touchedBy: touched,
  };
}

/** What production serves is what the next candidate is compared with, on the same data, by the registry's pipeline. */
export async function setChampion(registry: Environment, archive: Buffer): Promise<void> {
  const { artifactsBucket } = await registry.outputs();
  await new ObjectStore(registry.session).put(
    { bucket: artifactsBucket, key: championKey },
    archive,
    "application/gzip",
  );
}
