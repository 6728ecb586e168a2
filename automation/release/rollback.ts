import { createHash } from "node:crypto";
import { productionEnvironment } from "../../contract/environments";
import { ObjectStore, parseS3Uri } from "../../aws/s3";
import { SageMaker } from "../../aws/sagemaker";
import { ParameterStore } from "../../aws/ssm";
import { type RecordedRelease, lastLiveBefore, liveRelease, releaseId } from "../../records/release";
import { endExperiment } from "../experiment/end";
import { UserError } from "../errors";
import { named, releasesOf } from "./history";
import { setChampion } from "./promote";
import { DesiredReleaseStore } from "./desired-release";
import { releasedArchive } from "../../contract/desired-release";
import { type ReleaseReporter, type RolloutResult, rollOut } from "./rollout/rollout";
import type { Environment } from "../stack/environment";

/**
 * Makes an earlier release live again: the one before the present one, or the one that is named. It was approved and
 * tested when it went live, so no gate is asked, but its archive must still be the bytes that the ledger names, and a
 * package that was rejected since stays out.
 * @param to a release id, the beginning of one, or a model package's ARN.
 * @param registry holds the packages, and the champion that follows production.
 * @throws UserError when there is nothing to go back to; what `rollOut` throws.
 */
export async function rollback(
  target: Environment,
  registry: Environment,
  to: string | undefined,
  images: number,
  report: ReleaseReporter,
): Promise<RolloutResult> {
  const outputs = await target.outputs();
  const store = new ObjectStore(target.session);
  const releases = await releasesOf(target);
  const chosen = to === undefined ? await before(target, releases) : named(releases, to, target.name);
  if (chosen.outcome !== "live")
    throw new UserError(
      `Release ${chosen.releaseId} was never live in ${target.name}: ${chosen.outcome}, ${chosen.reasons[0]}`,
      `See the releases: npx peregrine release list --stack ${target.name}`,
    );
  await refuseRejected(registry, chosen.modelPackageArn, target.name);
  const { modelPackageArn, modelSha256, imageUri, imageDigest, datasetDigest, evaluation, decision } = chosen;
  const model = {
    modelPackageArn,
    modelDataUrl: releasedArchive(outputs.artifactsBucket, modelSha256),
    modelSha256,
    imageUri,
  };
  const archive = await store.get(parseS3Uri(model.modelDataUrl));
  if (!archive)
    throw new UserError(
      `The archive of release ${chosen.releaseId} is gone: ${model.modelDataUrl} does not exist.`,
      `Go back to another release: npx peregrine release list --stack ${target.name}`,
    );
  const found = createHash("sha256").update(archive).digest("hex");
  if (found !== modelSha256)
    throw new UserError(
      `The archive of release ${chosen.releaseId} is not the one that was released: ${model.modelDataUrl} has the SHA-256 ${found}, the ledger says ${modelSha256}. Nothing was changed.`,
      `Tell the auditor, and put the earlier version of the object back. Or go back to another release: npx peregrine release list --stack ${target.name}`,
    );
  // Who goes back does not wait for a verdict.
  await endExperiment(
    target,
    { otherwise: { outcome: "superseded", reasons: [`${target.name} goes back to release ${chosen.releaseId}`] } },
    report,
  );
  const done = await rollOut(
    target,
    {
      kind: "rollback",
      model,
      evidence: { imageDigest, datasetDigest, evaluation, decision },
      withInfrastructure: true,
      copyArchive: () => Promise.resolve(),
    },
    images,
    report,
  );
  if (target.name === productionEnvironment) await setChampion(registry, archive);
  return done;
}

/** What was live before: before what is desired, whatever the records say is live. */
async function before(target: Environment, releases: readonly RecordedRelease[]): Promise<RecordedRelease> {
  const { releaseParameter } = await target.outputs();
  const desired = await new DesiredReleaseStore(
    new ParameterStore(target.session),
    target.name,
    releaseParameter,
  ).read();
  const present = desired ? releaseId(desired) : liveRelease(releases)?.releaseId;
  if (!present)
    throw new UserError(
      `Nothing was released to ${target.name} yet.`,
      "Promote a model package: npx peregrine promote",
    );
  const earlier = lastLiveBefore(releases, present);
  if (!earlier) throw nothingBefore(target.name, present, releases);
  return earlier;
}

/** Why there is nothing to go back to, and where one can go instead. */
function nothingBefore(environment: string, present: string, releases: readonly RecordedRelease[]): UserError {
  const others = [
    ...new Set(
      releases
        .filter(({ outcome, releaseId }) => outcome === "live" && releaseId !== present)
        .map(({ releaseId }) => releaseId),
    ),
  ];
  const text = `${environment} has no release before ${present} to go back to`;
  if (others.length === 0)
    return new UserError(
      `${text}: it is the first one that was ever live here. Nothing was changed.`,
      "Leave it, or release another model package: npx peregrine promote PACKAGE_ARN; without any release: npx peregrine teardown.",
    );
  return new UserError(
    `${text}: rolling back goes from a release to the one that was live before it, never to and fro, and those that were live after ${present} were left by a rollback. Nothing was changed.`,
    `Go forward again to one of them: npx peregrine rollback --stack ${environment} --to ${others.at(-1)}${others.length > 1 ? ` (or ${others.slice(0, -1).join(", ")})` : ""}`,
  );
}

async function refuseRejected(registry: Environment, packageArn: string, environment: string): Promise<void> {
  const { ModelApprovalStatus } = await new SageMaker(registry.session)
    .describeModelPackage(packageArn)
    .catch(() => ({ ModelApprovalStatus: undefined }));
  if (ModelApprovalStatus === "Rejected")
    throw new UserError(
      `${packageArn} was rejected since it was live.`,
      `Go back further: npx peregrine rollback --stack ${environment} --to RELEASE, or approve it again.`,
    );
}
