import { ObjectStore } from "../aws/s3";
import { SageMaker } from "../aws/sagemaker";
import { Scaling } from "../aws/scaling";
import { ParameterStore } from "../aws/ssm";
import { callerIdentity } from "../aws/sts";
import { Ledger } from "../records/ledger";
import { liveRelease, recordRelease, releaseId, type ReleaseRecord } from "../records/release";
import { type Aftermath, alertFailure } from "./alert";
import { DesiredReleaseDamaged, PolicyBlocked, ProgramFailed, ReleaseRejected, RestoreFailed, StackLocked, UserError } from "./errors";
import type { Progress } from "./events";
import { askGolden, type GoldenImage, goldenImages, type GoldenRun, judgeGolden } from "./golden";
import { EnvironmentLock, type Operation } from "./lock";
import { releasesOf } from "./history";
import { prune } from "./prune";
import { type DesiredRelease, DesiredReleaseStore, keptBehind, releasedArchive, type ReleasedModel, sameRelease } from "./release";
import { endpointSteady, raisedAlarms, verifyLive } from "./verify";
import type { Environment, EnvironmentOutputs } from "./workspace";

/** What a release tells while it works. */
export interface ReleaseReporter {
  stage(environment: string, what: string): void;
  progress?(environment: string, progress: Progress): void;
}

/** What shall be live, and what is known of it. */
export interface Wanted {
  readonly kind: "promote" | "rollback";
  readonly model: ReleasedModel;
  /** Goes into the release record as it is. */
  readonly evidence: Pick<ReleaseRecord, "datasetDigest" | "evaluation" | "approver">;
  /** Brings the archive to where `model.modelDataUrl` says; called before anything is changed. */
  bringArchive(): Promise<void>;
}

export interface RolledOut {
  readonly environment: string;
  readonly releaseId: string;
  readonly release: DesiredRelease;
  readonly endpointName: string;
  readonly endpointConfigName: string;
  readonly golden: Omit<GoldenRun, "answers">;
  /** True when the release was live already and has only been tested again. */
  readonly unchanged: boolean;
}

/** The one production variant outside of experiments. */
const champion = "champion";

/**
 * Brings a release live in one environment and proves that it is: under the environment's lock, with scaling standing still,
 * the live configuration compared, real images sent, alarms looked at. Whatever fails: the previous release is desired, live
 * and proved again before this throws, recorded and told to people. Killed at any point, the same call finishes the job.
 * @throws ReleaseRejected, HealthCheckFailed, PolicyBlocked, ProviderFailed, ProgramFailed, StackLocked, EnvironmentLocked;
 * RestoreFailed when the previous release could not be put back; LedgerBroken before anything is touched.
 */
export async function rollOut(target: Environment, wanted: Wanted, images: number, report: ReleaseReporter): Promise<RolledOut> {
  const outputs = await target.outputs();
  // Asked for first: without images to test with there is nothing to take back.
  const golden = await goldenImages(target.session, outputs.datasetBucket, "flights/", images);
  const caller = await callerIdentity(target.session);
  const startedAt = caller.at.toISOString();
  const { model } = wanted;
  const operation: Operation = { kind: wanted.kind, release: { ...model, promotedAt: startedAt, promotedBy: caller.arn, kept: [] }, phase: "preparing", reasons: [], startedAt };
  const store = new ObjectStore(target.session);
  // What cannot be recorded may not happen either.
  await new Ledger(store, outputs.artifactsBucket).entries();
  const lock = await EnvironmentLock.take(store, outputs.artifactsBucket, target.name, caller.arn, operation, (what) => report.stage(target.name, what));
  // Whoever held the lock before may have changed the stack.
  target.lookAgain();
  const rollout = new Rollout(target, outputs, wanted, golden, caller.arn, lock, report);
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
  private readonly scaling: Scaling;
  private readonly desired: DesiredReleaseStore;
  private readonly ledger: Ledger;
  private tookUp = false;

  constructor(
    private readonly target: Environment,
    private readonly outputs: EnvironmentOutputs,
    private readonly wanted: Wanted,
    private readonly golden: readonly GoldenImage[],
    private readonly by: string,
    private readonly lock: EnvironmentLock,
    private readonly report: ReleaseReporter,
  ) {
    this.sagemaker = new SageMaker(target.session);
    this.scaling = new Scaling(target.session);
    this.desired = new DesiredReleaseStore(new ParameterStore(target.session), target.name, outputs.releaseParameter);
    this.ledger = new Ledger(new ObjectStore(target.session), outputs.artifactsBucket);
  }

  /** True when a killed command had begun something and this one failed before it could go on with it. */
  get leavesUnfinished(): boolean {
    const { interrupted } = this.lock;
    return interrupted !== undefined && interrupted.phase !== "preparing" && !this.tookUp;
  }

  async run(): Promise<RolledOut> {
    const { lock, wanted } = this;
    if (lock.interrupted) await this.pickUp(lock.interrupted);
    if (lock.operation.phase === "back") return this.goBack(new ReleaseRejected(`The release had failed before the command was killed: ${lock.operation.reasons.join("; ")}`, `See its record: npx peregrine release list --stack ${this.target.name}`));
    if (lock.operation.phase === "preparing") {
      const previous = await this.desiredNow();
      await lock.note({ previous, phase: "forward" });
    }
    const { previous } = lock.operation;
    this.tell("copying the model archive");
    await wanted.bringArchive();
    const before = await this.testsOfLive();
    const unchanged = previous !== undefined && sameRelease(previous, wanted.model) && !lock.interrupted;
    const release = unchanged ? previous : await this.releaseFor(previous);
    let live: Awaited<ReturnType<Rollout["bringLive"]>>;
    this.tookUp = true;
    try {
      live = await this.bringLive(release, before);
    } catch (error) {
      if (unchanged) throw await this.liveFails(error);
      return await this.goBack(error);
    }
    // From here on the release is live and proved: what fails now takes nothing back.
    // A release that went live and could not be recorded is recorded by the next command that finds it live.
    if (!unchanged || liveRelease(await releasesOf(this.target))?.releaseId !== releaseId(wanted.model)) await this.record(wanted.model, "live", [], live.endpointConfigName);
    await this.tidyUp();
    await lock.release();
    return { ...live, environment: this.target.name, releaseId: releaseId(wanted.model), release, unchanged };
  }

  /** What is desired now; where that is damaged, what went live last by the ledger: the way back must not hang on it. */
  private async desiredNow(): Promise<DesiredRelease | undefined> {
    try {
      return await this.desired.read();
    } catch (error) {
      if (!(error instanceof DesiredReleaseDamaged)) throw error;
      const live = liveRelease(await releasesOf(this.target));
      if (!live) throw error;
      this.tell(`the desired release is damaged; by the ledger it was ${live.releaseId}`);
      const { modelPackageArn, modelSha256, imageUri, endedAt, entry } = live;
      return { modelPackageArn, modelDataUrl: releasedArchive(this.outputs.artifactsBucket, modelSha256), modelSha256, imageUri, promotedAt: endedAt, promotedBy: entry.by, kept: [] };
    }
  }

  /** What stays behind costs nothing and breaks nothing, so no release is judged by it: the next one removes it. */
  private async tidyUp(): Promise<void> {
    this.tell("removing what no release needs any more");
    await prune(this.target, this.outputs).catch((error: Error) =>
      this.tell(`could not remove it (${error.message}); the next release will, or: npx peregrine prune --stack ${this.target.name}`),
    );
  }

  /** A message that cannot be sent must not hide what it was about. */
  private async tellPeople(reason: string, aftermath: Aftermath): Promise<void> {
    const { kind, model } = this.wanted;
    await alertFailure(this.target, this.outputs, { environment: this.target.name, kind, model, reason }, aftermath).catch((error: Error) =>
      this.tell(`nobody could be told (${error.message}): tell those who answer for ${this.target.name}`),
    );
  }

  /** The release was live before this command and fails now: there is nothing that this command could put back. */
  private async liveFails(cause: unknown): Promise<unknown> {
    // A locked stack or a plan that is refused says nothing about what is live.
    if (!(cause instanceof ReleaseRejected)) return cause;
    await this.tellPeople(cause.message, "nothing to take back");
    return new ReleaseRejected(cause.message, `This release was live already. Go back to the one before: npx peregrine rollback --stack ${this.target.name}`, { cause });
  }

  /** Goes on where a killed command stopped: its engine first, then its aim, if it was another. */
  private async pickUp(interrupted: Operation): Promise<void> {
    this.tell(`picking up a ${interrupted.kind} that was interrupted`);
    await endpointSteady(this.sagemaker, this.outputs.endpointName, (what) => this.tell(what));
    await this.target.recover((what) => this.tell(what));
    const other = interrupted.release && !sameRelease(interrupted.release, this.wanted.model) && interrupted.phase !== "preparing" ? interrupted.release : undefined;
    if (other) await this.record(other, "failed", ["the command was killed, and another one followed"], undefined, interrupted.startedAt);
  }

  private async releaseFor(previous: DesiredRelease | undefined): Promise<DesiredRelease> {
    const { release } = this.lock.operation;
    const live = await this.sagemaker.describeEndpoint(this.outputs.endpointName!);
    const instances = live?.ProductionVariants?.find(({ VariantName }) => VariantName === champion)?.DesiredInstanceCount;
    return { ...release!, ...(instances ? { instances } : {}), kept: keptBehind(release!, previous) };
  }

  private async bringLive(release: DesiredRelease, before: GoldenRun | undefined): Promise<Pick<RolledOut, "endpointName" | "endpointConfigName" | "golden">> {
    this.tell("updating the environment");
    await this.desired.write(release);
    const { endpointName, endpointConfigName } = await this.converge();
    this.tell("testing the endpoint with real images");
    const golden = await askGolden(this.target.session, endpointName, this.golden);
    const problems = [...judgeGolden(this.golden, golden, before), ...(await raisedAlarms(this.target, endpointName))];
    if (problems.length > 0)
      throw new ReleaseRejected(`The endpoint ${endpointName} fails its tests:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`, `Look at the container's log: /aws/sagemaker/Endpoints/${endpointName}`);
    const { answers: _answers, ...shown } = golden;
    return { endpointName, endpointConfigName, golden: shown };
  }

  /** Makes the environment what is desired, with scaling standing still, and proves it. */
  private async converge(): Promise<{ endpointName: string; endpointConfigName: string }> {
    const { target, sagemaker, scaling } = this;
    const name = this.outputs.endpointName!;
    const live = await endpointSteady(sagemaker, name, (what) => this.tell(what));
    // The state believes in an update that SageMaker took back: without a look at what is, nothing would be changed.
    if (live && live.EndpointConfigName !== (await target.outputs()).endpointConfigName) await target.refreshEndpoint();
    const { at } = await callerIdentity(target.session);
    await scaling.suspend(name, champion, true);
    try {
      await target.up((progress) => this.report.progress?.(target.name, progress));
      return { endpointName: name, endpointConfigName: await verifyLive(target, await target.outputs(), at) };
    } finally {
      await scaling.suspend(name, champion, false);
    }
  }

  /** What the release before answers to the same images; nothing where none is live, or where nobody knows which one is. */
  private async testsOfLive(): Promise<GoldenRun | undefined> {
    if (this.lock.interrupted) return undefined;
    const live = await this.sagemaker.describeEndpoint(this.outputs.endpointName!);
    return live?.EndpointStatus === "InService" ? askGolden(this.target.session, this.outputs.endpointName!, this.golden) : undefined;
  }

  /** Puts the previous release back, proves it, records, tells people, and throws what went wrong. */
  private async goBack(cause: unknown): Promise<never> {
    const { lock, target } = this;
    const reason = cause instanceof Error ? cause.message : String(cause);
    const { previous } = lock.operation;
    this.tookUp = true;
    // Nothing was touched: what is live needs no update.
    const untouched = cause instanceof PolicyBlocked || cause instanceof ProgramFailed || cause instanceof StackLocked;
    try {
      await lock.note({ phase: "back", reasons: [reason] });
      this.tell("putting the previous release back");
      await this.desired.restore(previous);
      if (!untouched && previous) await this.converge();
      else if (!untouched) await target.up((progress) => this.report.progress?.(target.name, progress));
    } catch (error) {
      const text = `${reason}\nAnd the previous release could not be put back: ${(error as Error).message}`;
      await this.tellPeople(text, "not taken back");
      throw new RestoreFailed(text, `Correct the cause, then run the same command again: it goes on putting back (docs/runbooks/release-failed.md). See where things are: npx peregrine doctor --stack ${target.name}`, { cause: error });
    }
    await this.record(this.wanted.model, outcomeOf(cause), [reason]);
    await this.tellPeople(reason, "taken back");
    await this.tidyUp();
    if (cause instanceof UserError) throw cause;
    throw new ReleaseRejected(reason, "The previous release is live again.", { cause });
  }

  private async record(model: ReleasedModel, outcome: ReleaseRecord["outcome"], reasons: readonly string[], endpointConfigName?: string, startedAt = this.lock.operation.startedAt): Promise<void> {
    const { kind, evidence } = this.wanted;
    const { previous } = this.lock.operation;
    const own = sameRelease(model, this.wanted.model);
    const blocked = reasons.some((reason) => reason.includes("is blocked by policy"));
    const result = blocked ? "blocked" : outcome === "rejected" ? "not-run" : "passed";
    const { at } = await callerIdentity(this.target.session);
    const record: ReleaseRecord = {
      schema: "peregrine.release/1",
      environment: this.target.name,
      releaseId: releaseId(model),
      modelPackageArn: model.modelPackageArn,
      modelSha256: model.modelSha256,
      imageUri: model.imageUri,
      gitCommit: await this.target.commit(),
      ...(own ? evidence : {}),
      policyPack: { version: this.target.policyPackVersion(), result },
      kind,
      outcome,
      reasons: [...reasons],
      endpointConfigName,
      startedAt,
      endedAt: at.toISOString(),
      previousReleaseId: previous && releaseId(previous),
    };
    await recordRelease(this.ledger, record, this.by).catch((error: unknown) => {
      throw new UserError(`The ${kind} of ${record.releaseId} in ${this.target.name} (${outcome}) could not be recorded: ${(error as Error).message}`, `The environment is as it should be; mend the ledger (docs/runbooks/release-failed.md), then run the same command again.`, { cause: error });
    });
  }

  private tell(what: string): void {
    this.report.stage(this.target.name, what);
  }
}

/** `rolled-back`: it came up and was taken back; `failed`: it did not come up. */
function outcomeOf(cause: unknown): ReleaseRecord["outcome"] {
  return cause instanceof ReleaseRejected ? "rolled-back" : "failed";
}
