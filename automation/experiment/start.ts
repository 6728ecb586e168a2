import { ObjectStore, parseS3Uri } from "../../aws/s3";
import { callerIdentity } from "../../aws/sts";
import { type DesiredRelease, type ReleasedModel } from "../../contract/desired-release";
import { documentSchema } from "../../contract/documents";
import type { StackOutputs } from "../../contract/outputs";
import { challengerVariant } from "../../contract/variants";
import { acceptedApprovals } from "../../lifecycle/gate";
import { cardPolicy } from "../../lifecycle/model-card";
import { judgeGolden } from "../../lifecycle/golden-verdict";
import { experimentIdOf, listExperiments, openExperiment, recordExperiment } from "../../records/experiment";
import { releaseId } from "../../records/release";
import { InfrastructurePending, ReleaseRejected, UserError } from "../errors";
import { putBaseline, readBaseline } from "../release/baseline";
import { type Candidate, judgeCandidate, modelIn } from "../release/candidate";
import { askGolden } from "../release/golden/ask";
import type { GoldenImage } from "../release/golden/images";
import { goldenImages, goldenSource } from "../release/golden/set";
import { ledgerOf } from "../release/history";
import { thresholdOf } from "../release/promote";
import { type ReleaseReporter, reportStage } from "../release/rollout/context";
import { type ConvergeContext, converge } from "../release/rollout/converge";
import type { Environment } from "../stack/environment";
import { championInstances, courseOf, desiredReleaseOf, lockFor, resumeEngine } from "./end";
import { type AskedExperiment, type PlannedExperiment, planAsked } from "./plan";

/** An experiment that has begun. */
export interface StartedExperiment {
  readonly id: string;
  readonly environment: string;
  readonly endpointConfigName: string;
  readonly plan: PlannedExperiment["plan"];
}

/** All that is needed to begin. */
interface Beginning {
  readonly id: string;
  /** Endpoint configuration of this very experiment, where it has begun before. */
  readonly runsOn: string | undefined;
  readonly asked: AskedExperiment;
  readonly planned: PlannedExperiment;
  readonly champion: DesiredRelease;
  readonly challenger: ReleasedModel;
  readonly candidate: Candidate;
  readonly golden: readonly GoldenImage[];
}

/**
 * Begins an experiment: plans it and refuses what is hopeless, asks the gate, writes the design into the ledger, brings
 * the challenger up without traffic and tests it. The function that looks at experiments does the rest. Killed at any
 * point, the same call finishes the job; of one that has begun it only says so.
 * @throws UserError with all that speaks against it, before anything is changed; what an update throws, once the
 * endpoint is as it was.
 */
export async function startExperiment(
  registry: Environment,
  target: Environment,
  packageArn: string,
  asked: AskedExperiment,
  images: number,
  report: ReleaseReporter,
): Promise<StartedExperiment> {
  report.stage(target.name, "checking design and model package");
  const outputs = await target.outputs();
  const beginning = await checked(registry, target, outputs, packageArn, asked, images);
  const begun = { id: beginning.id, environment: target.name, plan: beginning.planned.plan };
  await target.ready();
  const lock = await lockFor(target, outputs, report);
  const context: ConvergeContext = { target, outputs, report, golden: beginning.golden };
  try {
    target.invalidateState();
    await resumeEngine(context, lock);
    return { ...begun, endpointConfigName: beginning.runsOn ?? (await begin(registry, context, beginning)) };
  } finally {
    await lock.release();
  }
}

/** @throws UserError with everything that speaks against the experiment; InfrastructurePending. */
async function checked(
  registry: Environment,
  target: Environment,
  outputs: StackOutputs,
  packageArn: string,
  asked: AskedExperiment,
  images: number,
): Promise<Beginning> {
  const { name } = target;
  const planned = await planAsked(target, outputs, asked);
  const [champion, experiments, candidate] = await Promise.all([
    desiredReleaseOf(target, outputs).read(),
    listExperiments(ledgerOf(target, outputs), name),
    judgeCandidate(registry, packageArn, {
      minMap50: thresholdOf({ [name]: target.settings }),
      approvals: acceptedApprovals([name], false),
      card: cardPolicy({ [name]: target.settings }),
      decision: "demanded",
    }),
  ]);
  const challenger = modelIn(outputs, candidate);
  const { plan, design } = planned;
  const problems = [
    ...(Number(target.settings["experimentEveryMinutes"]) > 0
      ? []
      : [`${name} makes no experiments: peregrine:experimentEveryMinutes is 0`]),
    ...(champion ? [] : [`${name} serves nothing that a challenger could be compared with`]),
    ...(plan.verdict === "hopeless"
      ? plan.reasons.map((reason) => `${reason}${plan.proposals.length > 0 ? ` (${plan.proposals.join("; ")})` : ""}`)
      : []),
    ...(candidate.decision.verdict === "refuse" ? candidate.decision.reasons : []),
    ...(champion && releaseId(champion) === releaseId(challenger)
      ? [`${packageArn} is what ${name} serves already`]
      : []),
  ];
  const ended = experiments.filter((one) => one.ended !== undefined).length;
  const json = JSON.parse(
    JSON.stringify({ design, mode: asked.mode, samplePercent: asked.samplePercent ?? null }),
  ) as never;
  const id = champion ? experimentIdOf(name, { champion, challenger }, json, ended) : "";
  const open = openExperiment(experiments);
  if (open && open.id !== id)
    problems.push(`${name} has an experiment already: ${open.id} of ${open.designed.challenger.modelPackageArn}`);
  const ending = open?.id === id ? await courseOf(target, outputs, id).ending() : undefined;
  if (ending)
    problems.push(`this experiment is ${ending.outcome}, and waits for its challenger to be taken away: ${id}`);
  if (problems.length > 0)
    throw new UserError(
      `No experiment was begun in ${name}:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`,
      `See what is there: npx peregrine experiment status --stack ${name}; and plan anew: npx peregrine experiment plan FILE --stack ${name}`,
    );
  // What an interrupted start has begun is part of the plan by now.
  const pending = open ? [] : await target.pendingInfrastructure();
  if (pending.length > 0)
    throw new InfrastructurePending(
      `This commit or its settings change more in ${name} than the experiment; nothing was changed yet:\n${pending.map((line) => `  - ${line}`).join("\n")}`,
      `Have somebody who may change infrastructure deploy it first: pulumi up --stack ${name} --policy-pack policies; then start again.`,
    );
  const golden = await goldenImages(target.session, goldenSource(target, outputs.datasetBucket), images);
  const runsOn = open?.started?.endpointConfigName;
  return { id, runsOn, asked, planned, champion: champion!, challenger, candidate, golden };
}

/** @returns the endpoint configuration that the experiment runs on. */
async function begin(registry: Environment, context: ConvergeContext, beginning: Beginning): Promise<string> {
  const { target, outputs } = context;
  const { id, asked, planned, champion, challenger, candidate } = beginning;
  const ledger = ledgerOf(target, outputs);
  const { arn } = await callerIdentity(target.session);
  const common = { schema: documentSchema.experiment, environment: target.name, id } as const;
  const now = async () => (await callerIdentity(target.session)).at.toISOString();
  const { experiment: _running, endedExperiment: _ended, ...before } = champion;
  reportStage(context, `writing the design of ${id} into the ledger`);
  await recordExperiment(
    ledger,
    {
      ...common,
      at: await now(),
      event: "designed",
      mode: asked.mode,
      ...(asked.samplePercent === undefined ? {} : { samplePercent: asked.samplePercent }),
      champion: contentOf(before),
      challenger: contentOf(challenger),
      design: JSON.parse(JSON.stringify(planned.design)) as never,
      plan: JSON.parse(JSON.stringify({ ...planned.plan, traffic: planned.traffic, prices: planned.prices })) as never,
    },
    arn,
  );
  const store = new ObjectStore(target.session);
  reportStage(context, "copying the model archive");
  await store.put(parseS3Uri(challenger.modelDataUrl), candidate.archive, "application/gzip");
  const baseline = await readBaseline(new ObjectStore(registry.session), candidate.facts.baseline);
  if (baseline) await putBaseline(store, outputs.artifactsBucket, baseline);
  const next: DesiredRelease = {
    ...before,
    experiment: {
      id,
      mode: asked.mode,
      challenger: { ...challenger, ...(before.instanceType ? { instanceType: before.instanceType } : {}) },
      ...(asked.samplePercent === undefined ? {} : { samplePercent: asked.samplePercent }),
      ...(await sizeOf(context, champion)),
    },
  };
  const desired = desiredReleaseOf(target, outputs);
  try {
    reportStage(context, "bringing the challenger up, without traffic");
    await desired.write(next);
    const { endpointName, endpointConfigName } = await converge(context, next);
    if (asked.mode === "live") await testChallenger(context, endpointName);
    await recordExperiment(ledger, { ...common, at: await now(), event: "started", endpointConfigName }, arn);
    return endpointConfigName;
  } catch (error) {
    reportStage(context, "taking the challenger away again");
    const back: DesiredRelease = { ...before, endedExperiment: id };
    await desired.write(back);
    await converge(context, back);
    const reason = error instanceof Error ? error.message : String(error);
    await recordExperiment(
      ledger,
      { ...common, at: await now(), event: "ended", outcome: "failed", reasons: [reason] },
      arn,
    );
    throw error;
  }
}

/** What a killed start has noted already counts: by then the champion's fleet may be another. */
async function sizeOf(
  { target, outputs }: ConvergeContext,
  { experiment }: DesiredRelease,
): Promise<{ championInstances?: number }> {
  const instances = experiment?.championInstances ?? (await championInstances(target, outputs));
  return instances === undefined ? {} : { championInstances: instances };
}

/** @throws ReleaseRejected when the challenger answers images of known content wrongly. */
async function testChallenger({ target, golden, ...context }: ConvergeContext, endpointName: string): Promise<void> {
  reportStage({ target, ...context }, "testing the challenger with real images");
  const { reasons, verdict } = judgeGolden(
    golden,
    await askGolden(target.session, endpointName, golden, challengerVariant),
    undefined,
  );
  if (verdict !== "pass")
    throw new ReleaseRejected(
      `The challenger fails its tests:\n${reasons.map((reason) => `  - ${reason}`).join("\n")}`,
      `Look at the container's log: /aws/sagemaker/Endpoints/${endpointName}`,
    );
}

function contentOf({ modelPackageArn, modelSha256, imageUri }: ReleasedModel) {
  return { modelPackageArn, modelSha256, imageUri };
}
