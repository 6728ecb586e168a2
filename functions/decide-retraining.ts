import { createHash } from "node:crypto";
import { z } from "zod";
import { EventBus } from "../aws/eventbridge";
import { ObjectStore } from "../aws/s3";
import { SageMaker } from "../aws/sagemaker";
import { functionSession } from "../aws/session";
import { platformSource } from "../contract/events";
import { metadataText } from "../contract/metadata-value";
import { type RetrainingProposal, watchEvent } from "../contract/monitoring";
import { readVariables } from "../contract/variables";
import { decideRetraining, type RetrainingDecision, type RetrainingPolicy } from "../lifecycle/retraining/decision";
import { worthOf } from "../lifecycle/retraining/need";
import { decisionNotice } from "../lifecycle/retraining/notice";
import { readProposal } from "../lifecycle/retraining/proposal";
import { executionPrices } from "../pricing/executions";
import { priceTable, Prices } from "../pricing/table";
import { RetrainingRecords, type RetrainingRecord } from "../records/retraining";
import type { BatchAnswer } from "./deploy-candidate";
import { type FactSources, gatherFacts, type World } from "./retraining/facts";

/** What Lambda hands on of a queue. Times are SQS's own. */
const eventShape = z.object({
  Records: z.array(
    z.object({
      messageId: z.string(),
      body: z.string(),
      attributes: z.object({
        SenderId: z.string(),
        SentTimestamp: z.coerce.number(),
        ApproximateFirstReceiveTimestamp: z.coerce.number(),
      }),
    }),
  ),
});
type Message = z.infer<typeof eventShape>["Records"][number];

/** What the handler depends on. */
export interface Dependencies extends FactSources {
  readonly policy: RetrainingPolicy;
  readonly records: RetrainingRecords;
  readonly starts: Pick<SageMaker, "startPipeline">;
  readonly bus: Pick<EventBus, "put">;
  readonly log: (line: string) => void;
}

/**
 * Decides about each proposal of a retraining, records the decision whatever it is, and starts the training pipeline
 * where it says so: once, though events come twice and several may be decided at a time.
 * @returns the messages that were not handled; the queue hands them out again, and gives them up to the dead letters.
 */
export async function decideAll(event: unknown, dependencies: Dependencies): Promise<BatchAnswer> {
  const failures: { itemIdentifier: string }[] = [];
  for (const message of eventShape.parse(event).Records)
    try {
      dependencies.log(`${message.messageId}: ${await decide(message, dependencies)}`);
    } catch (error) {
      failures.push({ itemIdentifier: message.messageId });
      dependencies.log(`message ${message.messageId} of ${message.attributes.SenderId}: ${(error as Error).message}`);
    }
  return { batchItemFailures: failures };
}

/** @returns what was decided, for the log. */
async function decide({ body, attributes }: Message, dependencies: Dependencies): Promise<string> {
  const { records, policy } = dependencies;
  const iso = (ms: number) => new Date(ms).toISOString();
  const sender = { id: attributes.SenderId, sentAt: iso(attributes.SentTimestamp) };
  const now = iso(attributes.ApproximateFirstReceiveTimestamp);
  const world = await gatherFacts(dependencies, now);
  const { at, by, proposal } = readProposal(body, sender, world.reference);
  const decided = await records.decidedBefore(proposal.key, now);
  if (decided) return `${proposal.key} was decided before: ${decided}`;
  const id = RetrainingRecords.idOf(at, proposal.key);
  const earlier = await records.since(world.lastSuccess ?? iso(0), mostEarlier);
  const facts = {
    ...world.facts,
    proposal,
    earlier: earlier.map((one) => ({
      at: one.at,
      shortfall: one.proposal.shortfall,
      trigger: one.proposal.trigger,
      classes: one.proposal.classes,
    })),
  };
  const decision = decideRetraining(facts, policy);
  const started =
    (await startedBefore(id, decision, world, dependencies)) ??
    (await start(id, decision, proposal, world, dependencies));
  const { executionArn } = started;
  const { verdict, reasons, ask } = started.decision;
  const record: RetrainingRecord = {
    version: 1,
    id,
    at,
    decidedAt: now,
    by,
    proposal,
    verdict,
    reasons: [...reasons],
    ...(ask === undefined ? {} : { ask }),
    facts: plain(facts),
    policy: plain(policy),
    ...(executionArn === undefined ? {} : { executionArn }),
  };
  if (!(await records.write(record))) return `${id} was decided meanwhile`;
  await tell(record, started.decision, earlier.at(-1), dependencies);
  return `${id}: ${verdict}, since ${reasons.join("; ")}`;
}

/** So many earlier proposals are weighed: more than two weeks of hourly drift. */
const mostEarlier = 400;

/** A decision, and the execution that follows from it. */
interface Started {
  readonly decision: RetrainingDecision;
  readonly executionArn?: string;
}

/**
 * A proposal that comes again after its training was started, but before that was recorded, finds its own training:
 * nothing is decided anew.
 */
async function startedBefore(
  id: string,
  decision: RetrainingDecision,
  { executions: [newest, before] }: World,
  { records }: Dependencies,
): Promise<Started | undefined> {
  if (newest === undefined || (await records.claimed(before))?.id !== id) return undefined;
  const { need, reasons } = decision;
  return { decision: { verdict: "retrain", reasons: reasons.slice(0, 1), need }, executionArn: newest };
}

/** Starts what was decided. Who claims the start after an execution second starts the same as who claimed it first. */
async function start(
  id: string,
  decision: RetrainingDecision,
  { trigger, reason }: RetrainingProposal,
  { executions: [newest] }: World,
  { records, starts, pipeline }: Dependencies,
): Promise<Started> {
  if (decision.verdict !== "retrain") return { decision };
  const claim = await records.claim(newest, {
    id,
    // ClientRequestToken: 32 to 128 characters (StartPipelineExecution).
    token: createHash("sha256")
      .update(`${pipeline} after ${newest ?? "none"}`)
      .digest("hex"),
    parameters: { RunReason: metadataText(`retraining ${trigger} ${id}: ${reason}`) },
  });
  const executionArn = await starts.startPipeline(pipeline, claim.parameters, claim.token);
  if (claim.id === id) return { decision, executionArn };
  return {
    decision: {
      ...decision,
      verdict: "wait",
      reasons: [...decision.reasons, `the proposal ${claim.id} starts a training at the same time`],
    },
    executionArn,
  };
}

/** Puts the decision on the bus; people read it where it says something new to them. */
async function tell(
  record: RetrainingRecord,
  decision: RetrainingDecision,
  before: RetrainingRecord | undefined,
  { bus, bucket, records }: Dependencies,
): Promise<void> {
  const { id, verdict, reasons, proposal, executionArn } = record;
  const notice = decisionNotice(decision, proposal, before, `s3://${bucket}/${records.keyOf(id)}`);
  await bus.put(platformSource("model"), watchEvent.retrainingDecided, {
    id,
    verdict,
    reasons,
    trigger: proposal.trigger,
    ...(executionArn === undefined ? {} : { executionArn }),
    ...notice,
  });
}

/** As JSON has it. */
function plain(value: object): RetrainingRecord["facts"] {
  return JSON.parse(JSON.stringify(value)) as RetrainingRecord["facts"];
}

/** The policy that the program sets; what a training is worth becomes what `retrainingNeed` weighs. */
function policyOf(text: string): RetrainingPolicy {
  const { pointDays, ...policy } = JSON.parse(text) as Omit<RetrainingPolicy, "worth"> & { pointDays: number };
  return { ...policy, worth: worthOf(pointDays) };
}

/** Lambda's entry point. */
export async function handler(event: unknown): Promise<BatchAnswer> {
  const { PIPELINE, MODEL_PACKAGE_GROUP, ARTIFACTS_BUCKET, EVENT_BUS, ENDPOINTS, POLICY, HOSTS } = readVariables(
    "decide-retraining",
    process.env,
  );
  const session = functionSession();
  const sagemaker = new SageMaker(session);
  const store = new ObjectStore(session);
  return decideAll(event, {
    pipeline: PIPELINE,
    group: MODEL_PACKAGE_GROUP,
    bucket: ARTIFACTS_BUCKET,
    endpoints: ENDPOINTS.split(",").filter(Boolean),
    policy: policyOf(POLICY),
    prices: executionPrices(new Prices(priceTable, session.region), JSON.parse(HOSTS) as never),
    sagemaker,
    starts: sagemaker,
    store,
    records: new RetrainingRecords(store, ARTIFACTS_BUCKET),
    bus: new EventBus(session, EVENT_BUS),
    log: (line) => void process.stdout.write(`${line}\n`),
  });
}
