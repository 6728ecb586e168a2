import { setTimeout as delay } from "node:timers/promises";
import { SageMaker } from "../../aws/sagemaker";
import type { AskedExperiment } from "../../automation/experiment/plan";
import { startExperiment } from "../../automation/experiment/start";
import { type ExperimentStatus, experimentStatus } from "../../automation/experiment/status";
import { poll } from "../../automation/poll";
import { rollback } from "../../automation/release/rollback";
import type { Environment } from "../../automation/stack/environment";
import type { EndingDocument } from "../../contract/experiment";
import { buildVariable } from "../../contract/variables";
import { challengerVariant } from "../../contract/variants";
import type { ExperimentDesignInput } from "../../lifecycle/experiment/design";
import { requestedBuild, served, stoppedBuild } from "./delivery";
import { LabelledTraffic } from "./labelled-traffic";
import { monitor } from "./monitoring";
import { type OnProgress, patience, type Rehearsal } from "./rehearsal";
import { goldenImages, reporter } from "./reporter";
import type { Facts } from "./summary";
import { endTraffic } from "./traffic";
import { registerVariant } from "./variant";

/** The end of the ramp, so that most of an experiment's requests are at one split. */
const challengerPercent = 25;
/** Far below what training sets (0.25): on the held-out tiles most of what is answered is wrong then. */
const doubtfulConfidence = 0.05;
/** Somewhat below: on the held-out tiles it raises the new model's F1 from 0.45 to 0.57. */
const attentiveConfidence = 0.2;
/** Of the requests, those that a faulty client sends to the challenger by its name. */
const namedShare = 0.4;
/** Times that labels are delivered and monitored until the controller has its verdict. */
const mostRounds = 8;
/** Cloud minutes between two looks pass in so much real time, twice. */
const twoLooksMs = 5_000;
/** Of traffic after a challenger lost its share; none of it may reach the challenger. */
const afterwardsMs = 1_500;

/** Requests are the unit: without a front door SageMaker splits each by chance. */
const design: Omit<ExperimentDesignInput, "name" | "metric"> = {
  unit: "request",
  challengerPercent,
  question: { kind: "superiority", minimumEffect: 0.05 },
  stopping: { rule: "group-sequential", looks: 5 },
  maximumHours: 24,
  guardrails: [{ signal: "errors" }],
};

/**
 * A model that was approved and is to be compared before anybody is served by it: its release is stopped, and staging
 * begins to compare it with the one that serves.
 */
export async function beginLosing(rehearsal: Rehearsal, onProgress: OnProgress): Promise<Facts> {
  onProgress("registering a model that answers what it hardly believes");
  rehearsal.doubtful = await approvedAlone(rehearsal, "doubtful", doubtfulConfidence, onProgress);
  return { experiment: await begin(rehearsal, "doubtful-model", rehearsal.doubtful, "precision", onProgress) };
}

/** Has the newest model approved with another threshold, and its release stopped. @returns the package's ARN. */
async function approvedAlone(
  rehearsal: Rehearsal,
  name: string,
  confidence: number,
  onProgress: OnProgress,
): Promise<string> {
  const packageArn = await registerVariant(rehearsal, name, confidence);
  await stoppedBuild({ environments: rehearsal.environments, packageArn }, onProgress);
  return packageArn;
}

/** Labels come late, and prove that the challenger is worse: it gets no traffic any more, and the champion all. */
export async function loseByLabels(rehearsal: Rehearsal, onProgress: OnProgress): Promise<Facts> {
  const { staging } = rehearsal.environments;
  const traffic = await LabelledTraffic.start(rehearsal, staging, rehearsal.tiles);
  try {
    const { reasons, labelled } = await verdictByLabels(staging, traffic, "lost", onProgress);
    const exposed = await withoutTraffic(staging, traffic);
    return { lost: reasons.join("; "), labelled, "challenger's share, per cent": exposed, "weight after": 0 };
  } finally {
    await endTraffic(rehearsal, traffic);
  }
}

/** One more experiment in staging, whose client will be faulty. */
export async function beginFaulty(rehearsal: Rehearsal, onProgress: OnProgress): Promise<void> {
  await begin(rehearsal, "faulty-client", rehearsal.doubtful, "precision", onProgress);
}

/** A client names the challenger in its requests: what was measured proves nothing. */
export async function voidByFault(rehearsal: Rehearsal, onProgress: OnProgress): Promise<Facts> {
  const { staging } = rehearsal.environments;
  const faulty = (request: number) => (request % 10 < 10 * namedShare ? challengerVariant : undefined);
  const traffic = await LabelledTraffic.start(rehearsal, staging, rehearsal.tiles, faulty);
  let ending: EndingDocument;
  try {
    onProgress("a client sends to the challenger by its name");
    ending = (await reached(staging, "a verdict", (status) => status.ending !== undefined)).ending!;
    await reached(staging, "the end of the challenger's traffic", ({ percent }) => percent === 0);
  } finally {
    // What names a variant that is gone fails: the client is stopped before the challenger goes.
    await endTraffic(rehearsal, traffic);
  }
  return { void: expected(ending, "void").reasons.join("; "), ...(await takenAway(rehearsal, onProgress)) };
}

/** A release build takes away what did not win: the endpoint serves the champion alone, and the ledger knows why. */
export async function takenAway(rehearsal: Rehearsal, onProgress: OnProgress): Promise<Facts> {
  const { staging } = rehearsal.environments;
  const { id } = (await experimentStatus(staging)).experiment!;
  const seconds = await requestedBuild(
    rehearsal,
    (variable) => variable(buildVariable.endExperiment) === id,
    onProgress,
  );
  return { "ended in the ledger": await ended(staging, id), "taken away after": `${seconds} s` };
}

/**
 * The new model with a lower threshold is approved as well, and its release is stopped: staging is to compare both
 * first.
 */
export async function approveAttentive(rehearsal: Rehearsal, onProgress: OnProgress): Promise<Facts> {
  onProgress("registering the new model with a lower threshold");
  const packageArn = await approvedAlone(rehearsal, "attentive", attentiveConfidence, onProgress);
  rehearsal.attentive = packageArn;
  return { attentive: packageArn.split("/").slice(-2).join("/"), "its threshold": attentiveConfidence };
}

/** While production takes the new model, staging goes back to the first one. */
export async function goBack({ environments }: Rehearsal, onProgress: OnProgress): Promise<Facts> {
  const { dev, staging, prod } = environments;
  // The release's build looks whether staging rests before it begins.
  onProgress("waiting until production's update begins");
  await updating(prod);
  await rollback(staging, dev, undefined, goldenImages, reporter(onProgress));
  return {};
}

/**
 * What answers more is compared with the first model, and labels prove that it is better. Nobody does anything then: its
 * release is asked for.
 */
export async function winByLabels(rehearsal: Rehearsal, onProgress: OnProgress): Promise<Facts> {
  const { staging } = rehearsal.environments;
  // The gate takes what was evaluated against the registry's champion: the new model, now that production has it.
  const experiment = await begin(rehearsal, "lower-threshold", rehearsal.attentive, "f1", onProgress);
  const traffic = await LabelledTraffic.start(rehearsal, staging, rehearsal.tiles);
  try {
    const { reasons, labelled } = await verdictByLabels(staging, traffic, "won", onProgress);
    return { experiment, won: reasons.join("; "), labelled };
  } finally {
    await endTraffic(rehearsal, traffic);
  }
}

/** The release path took the winner through its gate: staging serves it, as the champion, alone. */
export async function promoted(rehearsal: Rehearsal, onProgress: OnProgress): Promise<Facts> {
  const { staging } = rehearsal.environments;
  const packageArn = rehearsal.attentive;
  await requestedBuild(
    rehearsal,
    (variable) => variable(buildVariable.modelPackageArn) === packageArn && variable(buildVariable.requestedBy) !== "",
    onProgress,
  );
  const { id } = (await experimentStatus(staging)).experiment!;
  return { "ended in the ledger": await ended(staging, id), "promoted by itself": await served(staging, packageArn) };
}

async function begin(
  { environments: { dev, staging } }: Rehearsal,
  name: string,
  packageArn: string,
  metric: "precision" | "f1",
  onProgress: OnProgress,
): Promise<string> {
  const asked: AskedExperiment = {
    mode: "live",
    design: { ...design, name, metric: { name: metric, better: "higher" } },
    traffic: {
      requestsPerSecond: LabelledTraffic.rate,
      flightSize: 1,
      correlation: 0,
      deviation: 0.2,
      labelledShare: 1,
    },
    prices: {},
  };
  const { id } = await startExperiment(dev, staging, packageArn, asked, goldenImages, reporter(onProgress));
  return id;
}

/**
 * Waits until the challenger has its share, then has answers labelled and monitoring read the labels until the
 * controller has its verdict.
 */
async function verdictByLabels(
  staging: Environment,
  traffic: LabelledTraffic,
  outcome: EndingDocument["outcome"],
  onProgress: OnProgress,
): Promise<{ readonly reasons: readonly string[]; readonly labelled: number }> {
  onProgress("the challenger's share grows");
  await reached(
    staging,
    "the challenger's share",
    ({ percent, ending }) => ending !== undefined || percent === challengerPercent,
  );
  await traffic.rest();
  let labelled = 0;
  for (let round = 1; round <= mostRounds; round += 1) {
    traffic.goOn();
    await delay(twoLooksMs);
    await traffic.rest();
    onProgress(`people label what came so far (${labelled} answers before)`);
    labelled += await traffic.label();
    await monitor(staging, onProgress);
    const status = await poll(
      () => experimentStatus(staging),
      ({ ending }) => ending !== undefined,
      {
        timeoutMs: 2 * twoLooksMs,
        backoff: patience.backoff,
      },
    );
    if (status.ending) return { reasons: expected(status.ending, outcome).reasons, labelled };
  }
  const { verdict } = await experimentStatus(staging);
  throw new Error(`no verdict after ${labelled} labels: ${verdict?.reasons.join("; ")}`);
}

/** The challenger has no weight, and no request reaches it. @returns the share of all requests that it answered. */
async function withoutTraffic(staging: Environment, traffic: LabelledTraffic): Promise<number> {
  await reached(staging, "the end of the challenger's traffic", ({ percent }) => percent === 0);
  const [answered, sent] = [traffic.answeredBy(challengerVariant), traffic.count];
  traffic.goOn();
  await delay(afterwardsMs);
  await traffic.rest();
  const more = traffic.answeredBy(challengerVariant) - answered;
  if (more > 0) throw new Error(`the challenger answered ${more} requests after it had lost its traffic`);
  return Number(((100 * answered) / sent).toFixed(1));
}

function expected(ending: EndingDocument, outcome: EndingDocument["outcome"]): EndingDocument {
  if (ending.outcome !== outcome)
    throw new Error(`the experiment ended as ${ending.outcome}, not ${outcome}: ${ending.reasons.join("; ")}`);
  return ending;
}

/** The ledger has its end, and the endpoint one variant. @returns how it ended. */
async function ended(staging: Environment, id: string): Promise<EndingDocument["outcome"]> {
  const { experiment } = await reached(staging, "its end in the ledger", (one) => one.experiment?.ended !== undefined);
  if (experiment!.id !== id) throw new Error(`the newest experiment is ${experiment!.id}, not ${id}`);
  const { endpointName } = await staging.outputs();
  const live = await new SageMaker(staging.session).describeEndpoint(endpointName);
  const variants = (live?.ProductionVariants ?? []).map(({ VariantName }) => VariantName);
  if (variants.includes(challengerVariant)) throw new Error(`${endpointName} still has a challenger after ${id}`);
  return experiment!.ended!.outcome;
}

async function reached(
  staging: Environment,
  what: string,
  isThere: (status: ExperimentStatus) => boolean,
): Promise<ExperimentStatus> {
  const status = await poll(() => experimentStatus(staging), isThere, patience);
  if (!isThere(status))
    throw new Error(`staging's experiment did not come to ${what}: ${JSON.stringify(status.verdict)}`);
  return status;
}

/** Waits until an endpoint's update has begun. */
async function updating(environment: Environment): Promise<void> {
  const sagemaker = new SageMaker(environment.session);
  const { endpointName } = await environment.outputs();
  const isUpdating = (status: string | undefined) => status === "Updating";
  const status = await poll(
    async () => (await sagemaker.describeEndpoint(endpointName))?.EndpointStatus,
    isUpdating,
    patience,
  );
  if (!isUpdating(status)) throw new Error(`${endpointName} is ${status}: its update did not begin`);
}
