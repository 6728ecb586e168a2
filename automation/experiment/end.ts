import { ObjectStore } from "../../aws/s3";
import { SageMaker } from "../../aws/sagemaker";
import { ParameterStore } from "../../aws/ssm";
import { callerIdentity } from "../../aws/sts";
import type { DesiredRelease } from "../../contract/desired-release";
import type { EndingDocument } from "../../contract/experiment";
import type { StackOutputs } from "../../contract/outputs";
import { challengerVariant, championVariant } from "../../contract/variants";
import { percentOf } from "../../lifecycle/experiment/step";
import { type Experiment, listExperiments, openExperiment, recordExperiment } from "../../records/experiment";
import { ExperimentCourse } from "../../records/experiment-course";
import { documentSchema } from "../../contract/documents";
import { ReleaseRejected, UserError } from "../errors";
import { DesiredReleaseStore } from "../release/desired-release";
import { takeOverLedger } from "../audit/log";
import { ledgerOf } from "../release/history";
import { EnvironmentLock } from "../release/lock";
import { type ReleaseReporter, reportStage } from "../release/rollout/context";
import { type ConvergeContext, converge, tidyUp } from "../release/rollout/converge";
import { endpointSteady } from "../release/verify-live";
import type { Environment } from "../stack/environment";

/** How an experiment ends that nobody has ended yet. */
export interface Ending extends Pick<EndingDocument, "outcome"> {
  readonly reasons: readonly string[];
}

/** An experiment that was ended. */
export interface EndedExperiment extends Ending {
  readonly id: string;
}

/** The desired release of an environment. */
export function desiredReleaseOf({ name, session }: Environment, outputs: StackOutputs): DesiredReleaseStore {
  return new DesiredReleaseStore(new ParameterStore(session), name, outputs.releaseParameter);
}

/** The experiment of an environment that has not ended, by its ledger. */
async function experimentIn(target: Environment, outputs: StackOutputs): Promise<Experiment | undefined> {
  return openExperiment(await listExperiments(ledgerOf(target, outputs), target.name));
}

/** What was seen of an experiment. */
export function courseOf({ session }: Pick<Environment, "session">, outputs: StackOutputs, id: string) {
  return new ExperimentCourse(new ObjectStore(session), outputs.artifactsBucket, id);
}

/**
 * Whether a release may begin beside an experiment: while one runs, another model would make its comparison worthless.
 * One that has its verdict is ended first.
 * @returns the id of the experiment that is to be ended; undefined where there is none.
 * @throws ReleaseRejected while an experiment runs.
 */
export async function admitRelease(target: Environment, packageArn: string): Promise<string | undefined> {
  const outputs = await target.outputs();
  const experiment = await experimentIn(target, outputs);
  if (!experiment) return undefined;
  const { id, designed } = experiment;
  if (await courseOf(target, outputs, id).ending()) return id;
  throw new ReleaseRejected(
    `${target.name} compares ${designed.challenger.modelPackageArn} with its champion (experiment ${id}, since ${designed.at}); a release of ${packageArn} would end that without a verdict. Nothing was changed.`,
    `Wait for its verdict: npx peregrine experiment status --stack ${target.name}; or end it: npx peregrine experiment stop --stack ${target.name}`,
  );
}

/**
 * Ends the experiment of an environment: no traffic for the challenger at once, unless it won; then it is taken away,
 * and the ledger says how it ended. Killed at any point, the same call finishes the job.
 * @param which the experiment, where only one is meant; and how it ends where its verdict is not known yet.
 * @returns undefined where no such experiment runs.
 * @throws what an update throws: the experiment has ended all the same, and the call can be made again.
 */
export async function endExperiment(
  target: Environment,
  which: { readonly id?: string; readonly otherwise?: Ending },
  report: ReleaseReporter,
): Promise<EndedExperiment | undefined> {
  const outputs = await target.outputs();
  const experiment = await experimentIn(target, outputs);
  if (!experiment) await finishInterrupted(target, outputs, report);
  if (!experiment || (which.id !== undefined && which.id !== experiment.id)) return undefined;
  const { id } = experiment;
  const course = courseOf(target, outputs, id);
  const ending: Ending | undefined = (await course.ending()) ?? which.otherwise;
  if (!ending)
    throw new UserError(
      `The experiment ${id} in ${target.name} has no verdict yet.`,
      `Wait for it, or stop it: npx peregrine experiment stop --stack ${target.name}`,
    );
  await target.ready();
  const lock = await lockFor(target, outputs, report);
  const context: ConvergeContext = { target, outputs, report, golden: [] };
  try {
    target.invalidateState();
    await resumeEngine(context, lock);
    await takeTraffic(context, ending);
    await takeAway(context, id);
    const { at, arn } = await callerIdentity(target.session);
    const { sha256 } = await course.read();
    await recordExperiment(
      ledgerOf(target, outputs),
      {
        schema: documentSchema.experiment,
        environment: target.name,
        id,
        at: at.toISOString(),
        event: "ended",
        outcome: ending.outcome,
        reasons: [...ending.reasons],
        ...(sha256 === undefined ? {} : { courseSha256: sha256 }),
      },
      arn,
    );
    await takeOverLedger(target, outputs, (sentence) => report.stage(target.name, sentence));
    await tidyUp(context);
  } finally {
    await lock.release();
  }
  return { id, outcome: ending.outcome, reasons: ending.reasons };
}

/** A command that was killed after the experiment's end was written down leaves its lock, and what nobody needs any more. */
async function finishInterrupted(target: Environment, outputs: StackOutputs, report: ReleaseReporter): Promise<void> {
  const held = await EnvironmentLock.peek(new ObjectStore(target.session), outputs.artifactsBucket);
  if (held?.operation.kind !== "experiment") return;
  const lock = await lockFor(target, outputs, report);
  const context: ConvergeContext = { target, outputs, report, golden: [] };
  try {
    target.invalidateState();
    await resumeEngine(context, lock);
    await tidyUp(context);
  } finally {
    await lock.release();
  }
}

/** The environment's lock, for the beginning or the end of an experiment: whoever takes it over has nothing to undo. */
export async function lockFor(
  target: Environment,
  outputs: StackOutputs,
  report: ReleaseReporter,
): Promise<EnvironmentLock> {
  const { arn, at } = await callerIdentity(target.session);
  return EnvironmentLock.take(
    new ObjectStore(target.session),
    outputs.artifactsBucket,
    target.name,
    arn,
    { kind: "experiment", phase: "preparing", reasons: [], startedAt: at.toISOString() },
    (what) => report.stage(target.name, what),
  );
}

/**
 * Goes on where a killed command stopped: its engine first.
 * @throws UserError where that command was a release: only a release can finish or undo it.
 */
export async function resumeEngine(
  context: ConvergeContext,
  { interrupted }: Pick<EnvironmentLock, "interrupted">,
): Promise<void> {
  if (!interrupted) return;
  const { target, outputs } = context;
  const onWait = (what: string) => reportStage(context, what);
  onWait(`picking up a ${interrupted.kind} that was interrupted`);
  await endpointSteady(new SageMaker(target.session), outputs.endpointName, onWait);
  await target.recover(onWait, "release");
}

/** Nobody is answered by a challenger that did not win, before anything slower begins. */
async function takeTraffic(context: ConvergeContext, { outcome }: Ending): Promise<void> {
  const { target, outputs } = context;
  const sagemaker = new SageMaker(target.session);
  const onWait = (what: string) => reportStage(context, what);
  const live = await endpointSteady(sagemaker, outputs.endpointName, onWait);
  const weights = Object.fromEntries(
    (live?.ProductionVariants ?? []).map(({ VariantName = "", DesiredWeight = 0 }) => [VariantName, DesiredWeight]),
  );
  if (outcome === "won" || !(challengerVariant in weights) || percentOf(weights) === 0) return;
  reportStage(context, "taking the traffic from the challenger");
  await sagemaker.setWeights(outputs.endpointName, { [championVariant]: 100, [challengerVariant]: 0 });
  await endpointSteady(sagemaker, outputs.endpointName, onWait);
}

/** What is desired from now on has no challenger. It is never put back: the experiment is over. */
async function takeAway(context: ConvergeContext, id: string): Promise<void> {
  const { target, outputs } = context;
  const store = desiredReleaseOf(target, outputs);
  const desired = await store.read();
  if (!desired || (desired.experiment?.id !== id && desired.endedExperiment !== id)) return;
  const { experiment: _over, ...release } = desired;
  const next: DesiredRelease = desired.experiment
    ? { ...release, instances: (await championInstances(target, outputs)) ?? release.instances, endedExperiment: id }
    : desired;
  reportStage(context, "taking the challenger away");
  await store.write(next);
  await converge(context, next);
}

/** Instances of the champion as it is now: a fleet that is made anew must not be smaller. */
export async function championInstances(target: Environment, outputs: StackOutputs): Promise<number | undefined> {
  const live = await new SageMaker(target.session).describeEndpoint(outputs.endpointName);
  return live?.ProductionVariants?.find(({ VariantName }) => VariantName === championVariant)?.DesiredInstanceCount;
}
