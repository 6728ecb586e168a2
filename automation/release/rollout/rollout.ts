import { championVariant } from "../../../contract/variants";
import { ObjectStore } from "../../../aws/s3";
import { SageMaker } from "../../../aws/sagemaker";
import { ParameterStore } from "../../../aws/ssm";
import { callerIdentity } from "../../../aws/sts";
import { type GoldenRun, judgeGolden } from "../../../lifecycle/golden-verdict";
import { liveRelease, releaseId } from "../../../records/release";
import { runCheck } from "../../doctor/checks";
import { imageCheck } from "../../doctor/data";
import { refuse } from "../../doctor/preflight";
import { DesiredReleaseDamaged, InfrastructurePending, ReleaseRejected, RestoreFailed } from "../../errors";
import { askGolden } from "../golden/ask";
import { goldenImages, goldenSource } from "../golden/set";
import { ledgerOf, releasesOf } from "../history";
import { EnvironmentLock, type Operation } from "../lock";
import { DesiredReleaseStore, keptBehind, sameRelease } from "../desired-release";
import { type DesiredRelease, releasedArchive } from "../../../contract/desired-release";
import { rollBack } from "./roll-back";
import { instanceTypeOf, type ReleaseReporter, type RolloutContext, reportStage, type Wanted } from "./context";
import { refuseUnproven } from "../guard/stopped";
import { type Converged, converge, raisedAlarms, tidyUp, type Watches } from "./converge";
import { record, notify, notifyUnproven } from "./record";
import { endpointSteady } from "../verify-live";
import type { Environment } from "../../stack/environment";

export type { ReleaseReporter, Wanted };

export interface RolloutResult extends Converged {
  readonly environment: string;
  readonly releaseId: string;
  readonly release: DesiredRelease;
  readonly golden: Omit<GoldenRun, "answers">;
  /** True when the release was live already and has only been tested again. */
  readonly unchanged: boolean;
}

/** What is known of a release that was brought live and tested. */
type LiveRelease = Converged & Pick<RolloutResult, "golden">;

/**
 * Brings a release live in one environment and verifies that it is: under the environment's lock, with scaling standing
 * still, the live configuration compared, real images sent, alarms looked at. Whatever fails: the previous release is
 * desired, live and verified again before this throws, recorded and told to people. Killed at any point, the same call
 * finishes the job.
 * @throws ReleaseRejected, HealthCheckFailed, PolicyBlocked, ProviderFailed, ProgramFailed, StackLocked,
 * EnvironmentLocked; NotReady, InfrastructurePending, LedgerBroken before anything is touched; RestoreFailed when the
 * previous release could not be put back.
 */
export async function rollOut(
  target: Environment,
  wanted: Wanted,
  images: number,
  report: ReleaseReporter,
): Promise<RolloutResult> {
  const outputs = await target.outputs();
  const { model } = wanted;
  // Asked side by side; what is wrong is told in this order.
  const asked = {
    image: runCheck("image", () => imageCheck(target.session, model.imageUri, "the release")),
    // Without images to test with there is nothing to take back.
    golden: goldenImages(target.session, goldenSource(target, outputs.datasetBucket), images),
    caller: callerIdentity(target.session),
    // What cannot be recorded may not happen either.
    ledger: ledgerOf(target, outputs).entries(),
  };
  for (const answer of Object.values<Promise<unknown>>(asked)) void answer.catch(() => undefined);
  await target.ready();
  refuse(target.name, [await asked.image]);
  const golden = await asked.golden;
  const caller = await asked.caller;
  const startedAt = caller.at.toISOString();
  const operation: Operation = {
    kind: wanted.kind,
    release: { ...model, promotedAt: startedAt, promotedBy: caller.arn, kept: [] },
    phase: "preparing",
    reasons: [],
    startedAt,
  };
  await asked.ledger;
  const lock = await EnvironmentLock.take(
    new ObjectStore(target.session),
    outputs.artifactsBucket,
    target.name,
    caller.arn,
    operation,
    (what) => report.stage(target.name, what),
  );
  // Whoever held the lock before may have changed the stack.
  target.invalidateState();
  const rollout = new Rollout({ target, outputs, wanted, golden, by: caller.arn, lock, report });
  try {
    return await rollout.run();
  } catch (error) {
    // What is unfinished keeps its lock: the next command has to go on there.
    if (error instanceof RestoreFailed || rollout.leavesUnfinished) lock.abandon();
    else await lock.release();
    throw error;
  }
}

class Rollout {
  private readonly sagemaker: SageMaker;
  private readonly desired: DesiredReleaseStore;
  private resumed = false;

  constructor(private readonly context: RolloutContext) {
    const { target, outputs } = context;
    this.sagemaker = new SageMaker(target.session);
    this.desired = new DesiredReleaseStore(new ParameterStore(target.session), target.name, outputs.releaseParameter);
  }

  /** True when a killed command had begun something and this one failed before it could go on with it. */
  get leavesUnfinished(): boolean {
    const { interrupted } = this.context.lock;
    return interrupted !== undefined && interrupted.phase !== "preparing" && !this.resumed;
  }

  /**
   * Instance type that the release is to serve on: the setting's, but whoever goes back goes back to the type of then.
   */
  private instanceTypeFor(previous: DesiredRelease | undefined): string {
    const { wanted, target } = this.context;
    const then = wanted.kind === "rollback" ? previous?.kept.find((one) => sameRelease(one, wanted.model)) : undefined;
    return instanceTypeOf(target, then);
  }

  async run(): Promise<RolloutResult> {
    const { lock, wanted, target } = this.context;
    if (lock.interrupted) await this.resume(lock.interrupted);
    if (lock.operation.phase === "back")
      return this.back(
        new ReleaseRejected(
          `The release had failed before the command was killed: ${lock.operation.reasons.join("; ")}`,
          `See its record: npx peregrine release list --stack ${target.name}`,
        ),
      );
    if (lock.operation.phase === "preparing") await this.prepare();
    const { previous } = lock.operation;
    reportStage(this.context, "copying the model archive");
    await wanted.copyArchive();
    const before = await this.testsOfLive();
    const unchanged =
      previous !== undefined &&
      sameRelease(previous, wanted.model) &&
      !lock.interrupted &&
      instanceTypeOf(target, previous) === this.instanceTypeFor(previous);
    const release = unchanged ? previous : await this.releaseFor(previous);
    let live: LiveRelease;
    this.resumed = true;
    try {
      // Whoever goes back has a reason that no comparison with the release that is left can overrule.
      const compareWith = unchanged || wanted.kind === "rollback" ? undefined : previous;
      live = await this.deploy(release, { before, compareWith });
    } catch (error) {
      if (unchanged) throw await this.liveFails(error);
      return await this.back(error);
    }
    // From here on the release is live and verified: what fails now takes nothing back.
    // A release that went live and could not be recorded is recorded by the next command that finds it live.
    if (!unchanged || liveRelease(await releasesOf(target))?.releaseId !== releaseId(wanted.model))
      await record(this.context, wanted.model, {
        outcome: "live",
        reasons: [],
        policyPack: "passed",
        endpointConfigName: live.endpointConfigName,
        rollout: live.rollout,
      });
    if (live.rollout?.verdict === "inconclusive") await notifyUnproven(this.context, live.rollout);
    await tidyUp(this.context);
    await lock.release();
    return { ...live, environment: target.name, releaseId: releaseId(wanted.model), release, unchanged };
  }

  private back(cause: unknown): Promise<never> {
    this.resumed = true;
    return rollBack(this.context, this.desired, cause);
  }

  /** Notes what a failure goes back to, once it is sure that the plan holds the release and nothing else. */
  private async prepare(): Promise<void> {
    const { lock, wanted } = this.context;
    const { previous, damaged } = await this.desiredNow();
    // A killed command's plan is half done, and without a desired release that can be read there is no plan.
    if (!wanted.withInfrastructure && !lock.interrupted && !damaged) await this.refuseInfrastructure();
    await lock.note({ previous, phase: "forward" });
  }

  /** @throws InfrastructurePending when an update would change more than the release. */
  private async refuseInfrastructure(): Promise<void> {
    const { target } = this.context;
    reportStage(this.context, "looking for changes beside the release");
    const pending = await target.pendingInfrastructure();
    if (pending.length === 0) return;
    throw new InfrastructurePending(
      `This commit or its settings change more in ${target.name} than the release; nothing was changed yet:\n${pending.map((line) => `  - ${line}`).join("\n")}`,
      `Have somebody who may change infrastructure deploy it first: pulumi up --stack ${target.name} --policy-pack policies; then promote again. Or do both at once, as such a person: --with-infrastructure`,
    );
  }

  /** What is desired now; where damaged, what went live last by the ledger: the rollback must not depend on it. */
  private async desiredNow(): Promise<{ previous: DesiredRelease | undefined; damaged: boolean }> {
    const { target, outputs } = this.context;
    try {
      return { previous: await this.desired.read(), damaged: false };
    } catch (error) {
      if (!(error instanceof DesiredReleaseDamaged)) throw error;
      const live = liveRelease(await releasesOf(target));
      if (!live) throw error;
      reportStage(this.context, `the desired release is damaged; by the ledger it was ${live.releaseId}`);
      const { modelPackageArn, modelSha256, imageUri, endedAt, entry } = live;
      const previous = {
        modelPackageArn,
        modelDataUrl: releasedArchive(outputs.artifactsBucket, modelSha256),
        modelSha256,
        imageUri,
        promotedAt: endedAt,
        promotedBy: entry.by,
        kept: [],
      };
      return { previous, damaged: true };
    }
  }

  /** The release was live before this command and fails now: there is nothing that this command could put back. */
  private async liveFails(cause: unknown): Promise<unknown> {
    // A locked stack or a plan that is refused says nothing about what is live.
    if (!(cause instanceof ReleaseRejected)) return cause;
    await notify(this.context, cause.message, "nothing to take back");
    return new ReleaseRejected(
      cause.message,
      `This release was live already. Go back to the one before: npx peregrine rollback --stack ${this.context.target.name}`,
      { cause },
    );
  }

  /** Goes on where a killed command stopped: its engine first, then its aim, if it was another. */
  private async resume(interrupted: Operation): Promise<void> {
    const { target, outputs, wanted } = this.context;
    const onWait = (what: string) => reportStage(this.context, what);
    onWait(`picking up a ${interrupted.kind} that was interrupted`);
    await endpointSteady(this.sagemaker, outputs.endpointName, onWait);
    await target.recover(onWait, "release");
    const other =
      interrupted.release && !sameRelease(interrupted.release, wanted.model) && interrupted.phase !== "preparing"
        ? interrupted.release
        : undefined;
    if (other)
      await record(this.context, other, {
        outcome: "failed",
        reasons: ["the command was killed, and another one followed"],
        policyPack: interrupted.policyPack ?? "not-run",
        startedAt: interrupted.startedAt,
      });
  }

  private async releaseFor(previous: DesiredRelease | undefined): Promise<DesiredRelease> {
    const { release } = this.context.lock.operation;
    const live = await this.sagemaker.describeEndpoint(this.context.outputs.endpointName);
    const instances = live?.ProductionVariants?.find(
      ({ VariantName }) => VariantName === championVariant,
    )?.DesiredInstanceCount;
    return {
      ...release!,
      ...(instances ? { instances } : {}),
      instanceType: this.instanceTypeFor(previous),
      kept: keptBehind(release!, previous, this.context.wanted.kind),
    };
  }

  private async deploy(release: DesiredRelease, watches: Watches): Promise<LiveRelease> {
    const { target, golden: images } = this.context;
    reportStage(this.context, "updating the environment");
    await this.desired.write(release);
    const converged = await converge(this.context, release, watches);
    const { endpointName } = converged;
    refuseUnproven(converged.rollout, target);
    reportStage(this.context, "testing the endpoint with real images");
    const golden = await askGolden(target.session, endpointName, images);
    const problems = [
      ...judgeGolden(images, golden, watches.before).reasons,
      ...(await raisedAlarms(this.context, endpointName)),
    ];
    if (problems.length > 0)
      throw new ReleaseRejected(
        `The endpoint ${endpointName} fails its tests:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`,
        `Look at the container's log: /aws/sagemaker/Endpoints/${endpointName}`,
      );
    const { answers: _answers, ...shown } = golden;
    return { ...converged, golden: shown };
  }

  /** What the release before answers to the same images; nothing where none is live, or nobody knows which one. */
  private async testsOfLive(): Promise<GoldenRun | undefined> {
    const { lock, target, outputs, golden } = this.context;
    if (lock.interrupted) return undefined;
    const live = await this.sagemaker.describeEndpoint(outputs.endpointName);
    return live?.EndpointStatus === "InService" ? askGolden(target.session, outputs.endpointName, golden) : undefined;
  }
}
