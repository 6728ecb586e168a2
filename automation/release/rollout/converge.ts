import { challengerVariant, championVariant } from "../../../contract/variants";
import { Metrics } from "../../../aws/cloudwatch";
import { SageMaker } from "../../../aws/sagemaker";
import { Scaling } from "../../../aws/scaling";
import { callerIdentity } from "../../../aws/sts";
import type { GoldenRun } from "../../../lifecycle/golden-verdict";
import type { RolloutOutcome } from "../../../lifecycle/rollout/outcome";
import { ReleaseRejected } from "../../errors";
import { type GoldenWatch, watchUpdate, type WatchResult } from "../golden/watch";
import type { RolloutGuard } from "../guard/guard";
import { withGuard } from "../guard/stopped";
import { guardSettings, guardUpdate } from "../guard/watch";
import { prune } from "../prune";
import type { DesiredRelease } from "../../../contract/desired-release";
import { instanceTypeOf, type RolloutContext, reportStage } from "./context";
import { endpointSteady, verifyLive } from "../verify-live";

/** What convergence needs of a rollout. */
export type ConvergeContext = Pick<RolloutContext, "target" | "outputs" | "report" | "golden">;

/** Who watches an update while it is under way. */
export interface Watches {
  /** What the live release answered to the golden images; with it the new fleet is asked them. */
  readonly before?: GoldenRun;
  /**
   * What was desired until now. With it, what both configurations serve is compared where both have traffic: the new one
   * is taken back where it is worse.
   */
  readonly compareWith?: DesiredRelease;
}

/** What an environment runs now. */
export interface Converged {
  readonly endpointName: string;
  readonly endpointConfigName: string;
  /** What the comparison came to; undefined where nothing was compared. */
  readonly rollout?: RolloutOutcome;
}

/**
 * Makes the environment what is desired, with scaling standing still, and proves that the endpoint runs it.
 * @param release what is desired.
 * @throws RolloutStopped where the new configuration was taken back since it serves worse than the one before.
 */
export async function converge(
  context: ConvergeContext,
  release: DesiredRelease,
  { before, compareWith }: Watches = {},
): Promise<Converged> {
  const { target, outputs, report, golden } = context;
  const [sagemaker, scaling] = [new SageMaker(target.session), new Scaling(target.session)];
  const name = outputs.endpointName;
  const live = await endpointSteady(sagemaker, name, (what) => reportStage(context, what));
  // The state believes in an update that SageMaker took back: without a look at what is, nothing would be changed.
  if (live && live.EndpointConfigName !== (await target.outputs()).endpointConfigName) await target.refreshEndpoint();
  if (live) await withdrawScaling(context, live.EndpointConfigName, release);
  const { at } = await callerIdentity(target.session);
  for (const variant of [championVariant, challengerVariant]) await scaling.suspend(name, variant, true);
  const watch = live && before && watchUpdate(target, name, championVariant, golden, before);
  const guard = live && compareWith && guardOver(context, release, compareWith);
  try {
    await target.up((progress) => report.progress?.(target.name, progress));
    const endpointConfigName = await verifyLive(target, await target.outputs(), at);
    noteTrouble(context, await watch?.stop());
    return { endpointName: name, endpointConfigName, rollout: await guard?.stop() };
  } catch (error) {
    throw withGuard(withSightings(error, await stopped(context, watch)), await guard?.stop());
  } finally {
    for (const variant of [championVariant, challengerVariant]) await scaling.suspend(name, variant, false);
  }
}

/** Only where both configurations have traffic side by side; an update that an experiment changes has no such steps. */
function guardOver(
  { target, outputs }: ConvergeContext,
  release: DesiredRelease,
  { modelPackageArn, experiment }: DesiredRelease,
): RolloutGuard | undefined {
  const { compares, latencyMs } = guardSettings(target);
  if (!compares || experiment || release.experiment || release.endedExperiment) return undefined;
  return guardUpdate(target, {
    endpoint: outputs.endpointName,
    variant: championVariant,
    latencyMs,
    modelPackageArn: release.modelPackageArn === modelPackageArn ? undefined : release.modelPackageArn,
  });
}

/**
 * SageMaker refuses to change the instance type of a variant that scales, and to take it away, also while its scaling
 * stands still: policy and target go before, and the update makes those again that are wanted (developer guide, "Update
 * endpoints that use auto scaling").
 */
async function withdrawScaling(
  context: ConvergeContext,
  liveConfig: string | undefined,
  release: DesiredRelease,
): Promise<void> {
  const { target, outputs } = context;
  const live = liveConfig === undefined ? [] : await new SageMaker(target.session).variantsOf(liveConfig);
  const wanted = instanceTypeOf(target, release);
  const now = live.find(({ name }) => name === championVariant)?.instanceType;
  const leaves = live.some(({ name }) => name === challengerVariant) && release.experiment?.mode !== "live";
  if (now === wanted && !leaves) return;
  const why = leaves ? "the challenger goes" : `the instance type changes from ${now ?? "an unknown one"} to ${wanted}`;
  reportStage(context, `taking the scaling off, since ${why}`);
  await target.destroyOnly(/^aws:appautoscaling\//);
  // What the state did not know of.
  for (const variant of [championVariant, challengerVariant])
    await new Scaling(target.session).deregister(outputs.endpointName, variant);
}

async function stopped(context: ConvergeContext, watch: GoldenWatch | undefined): Promise<WatchResult | undefined> {
  const seen = await watch?.stop();
  noteTrouble(context, seen);
  return seen;
}

/** The tests after the update stand behind the watch, so an update that was not watched is no failure. */
function noteTrouble(context: ConvergeContext, seen: WatchResult | undefined): void {
  if (seen?.trouble) reportStage(context, `the update was not watched by golden images to its end: ${seen.trouble}`);
}

/** SageMaker's alarm tells that the new fleet answered wrongly; the watch knows what. */
function withSightings(error: unknown, seen: WatchResult | undefined): unknown {
  if (!(error instanceof ReleaseRejected) || !seen || seen.wrong.length === 0) return error;
  const lines = seen.wrong.map((problem) => `  - ${problem}`).join("\n");
  return new ReleaseRejected(
    `${error.message}\nGolden images that were asked during the update:\n${lines}`,
    error.next,
    { cause: error },
  );
}

/**
 * Raised alarms that watch the new fleet alone, as sentences. Those of the endpoint as a whole may still be raised by
 * the release before: they must not stop the rollback that cures it.
 */
export async function raisedAlarms(
  { target }: Pick<RolloutContext, "target">,
  endpointName: string,
): Promise<string[]> {
  const states = await new Metrics(target.session).alarmStates(`${endpointName}-rollout-`);
  return Object.entries(states)
    .filter(([, state]) => state === "ALARM")
    .map(([name]) => `the alarm ${name} is raised`);
}

/** What stays behind costs nothing and breaks nothing, so no release is judged by it: the next one removes it. */
export async function tidyUp(context: ConvergeContext): Promise<void> {
  const { target, outputs } = context;
  reportStage(context, "removing what no release needs any more");
  await prune(target, outputs).catch((error: Error) =>
    reportStage(
      context,
      `could not remove it (${error.message}); the next release will, or: npx peregrine prune --stack ${target.name}`,
    ),
  );
}
