import type { TrialOutputs } from "../../contract/pipeline-messages";
import { SageMaker } from "../../aws/sagemaker";
import { consequencesOf } from "../../lifecycle/release-failure";
import { failureKind } from "./failure-kind";
import { promote, type PromotionSettings } from "./promote";
import type { ReleaseReporter, RolloutResult } from "./rollout/rollout";
import type { Environment } from "../stack/environment";

/** Longest reason of a decision in the registry: characters (UpdateModelPackage, `ApprovalDescription`). */
const maxDescription = 1024;

/**
 * Tries a candidate in staging before anybody decides about it, and ends the pipeline's step by its token: with how it
 * did there, or with why not. Refused by the gate or by its tests the package is rejected as well, so that it is not
 * approved by accident; where staging itself is to blame (a locked stack, a policy, AWS) nothing is said about the
 * model, and it stays undecided.
 * @returns what was rolled out.
 * @throws what `promote` throws, after the step was failed.
 */
export async function tryInStaging(
  registry: Environment,
  staging: Environment,
  packageArn: string,
  token: string,
  settings: Omit<PromotionSettings, "trial" | "withInfrastructure">,
  report: ReleaseReporter,
): Promise<RolloutResult> {
  const sagemaker = new SageMaker(registry.session);
  const noteWaiting = (waits: boolean): void => {
    if (!waits) report.stage(registry.name, "the pipeline does not wait for the outcome any more");
  };
  let done: RolloutResult;
  try {
    done = (await promote(registry, [staging], packageArn, { ...settings, trial: true }, report))[0]!;
  } catch (error) {
    const reason = oneLine((error as Error).message);
    if (consequencesOf(failureKind(error)).blamesModel)
      await reject(sagemaker, packageArn, reason, report, registry.name);
    noteWaiting(await sagemaker.failStep(token, `${staging.name}: ${reason}`));
    throw error;
  }
  noteWaiting(await sagemaker.succeedStep(token, trialOutputs(done)));
  return done;
}

/** How a candidate did, for those who decide about it. */
export function trialOutputs({ releaseId, endpointName, golden }: RolloutResult): TrialOutputs {
  const labels = golden.f1 === undefined ? "" : `, F1 ${golden.f1.toFixed(2)} against the labels`;
  return {
    outcome: "live",
    releaseId,
    summary: `release ${releaseId} on ${endpointName}, ${golden.images} golden images, ${golden.detections} detections${labels}, slowest answer ${golden.slowestMs.toFixed(0)} ms`,
  };
}

/** The build's role may say Rejected and nothing else. That it cannot must not keep the pipeline from being told. */
async function reject(
  sagemaker: SageMaker,
  packageArn: string,
  reason: string,
  report: ReleaseReporter,
  environment: string,
): Promise<void> {
  await sagemaker
    .setApproval(packageArn, "Rejected", `Refused in staging: ${reason}`.slice(0, maxDescription))
    .catch((error: Error) =>
      report.stage(environment, `could not reject the package (${error.message}): do not approve it`),
    );
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
