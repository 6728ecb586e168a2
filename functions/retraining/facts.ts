import type { PipelineExecutionStep, PipelineExecutionSummary } from "@aws-sdk/client-sagemaker";
import type { ObjectStore } from "../../aws/s3";
import type { SageMaker } from "../../aws/sagemaker";
import { readJson } from "../../contract/json";
import { datasetManifestKey } from "../../contract/monitoring";
import { datasetManifest, labelsSince } from "../../lifecycle/new-data/manifest";
import type { RetrainingFacts, RetrainingMoney } from "../../lifecycle/retraining/decision";
import { candidateOutcome, executionOutcome, failuresInARow } from "../../lifecycle/retraining/failures";
import type { ExecutionJob, ExecutionPrices } from "../../pricing/executions";

/** Where facts come from. */
export interface FactSources {
  /** Name of the training pipeline. */
  readonly pipeline: string;
  /** Name of the registry's group. */
  readonly group: string;
  /** The artifacts bucket. */
  readonly bucket: string;
  /** Endpoints that may compare variants. */
  readonly endpoints: readonly string[];
  readonly prices: ExecutionPrices | { readonly problem: string };
  readonly sagemaker: Pick<
    SageMaker,
    "listPipelineExecutions" | "listPipelineSteps" | "listModelPackages" | "describeModelPackage" | "describeEndpoint"
  >;
  readonly store: Pick<ObjectStore, "get">;
}

/** What there is, whatever is proposed. */
export interface World {
  readonly facts: Omit<RetrainingFacts, "proposal" | "earlier">;
  /** ARNs of executions, newest first. */
  readonly executions: readonly string[];
  /** When the last successful training started, ISO 8601: data that came later is new. Undefined before the first. */
  readonly lastSuccess: string | undefined;
  /** mAP50 of the newest approved candidate on its test split. */
  readonly reference: number | undefined;
}

/** Executions that are looked at for failures and prices, at least. */
const leastExecutions = 20;
/** Successful executions whose hours are taken for what the next will take. */
const pastExecutions = 3;
/** Candidates that are looked at for failures. */
const mostCandidates = 20;

/** @param now ISO 8601, UTC. */
export async function gatherFacts(sources: FactSources, now: string): Promise<World> {
  const { sagemaker, pipeline, group } = sources;
  const month = new Date(`${now.slice(0, 7)}-01T00:00:00Z`);
  const [executions, packages] = await Promise.all([
    sagemaker.listPipelineExecutions(pipeline, month, leastExecutions),
    sagemaker.listModelPackages(group),
  ]);
  const candidates = packages.slice(0, mostCandidates);
  const succeeded = executions.filter(({ PipelineExecutionStatus }) => PipelineExecutionStatus === "Succeeded");
  // A candidate that was registered by hand was trained elsewhere, before.
  const lastSuccess = (succeeded[0]?.StartTime ?? packages[0]?.created)?.toISOString();
  const running = executions.filter(({ PipelineExecutionStatus: status }) =>
    ["Executing", "Stopping"].includes(status ?? ""),
  );
  const approved = packages.find(({ approval }) => approval === "Approved");
  const [money, labels, experiments, reference] = await Promise.all([
    moneyOf(sources, executions, month, now),
    labelsOf(sources, lastSuccess),
    experimentsOf(sources),
    approved && map50Of(sources, approved.arn),
  ]);
  return {
    facts: {
      at: now,
      labels,
      ...(lastSuccess === undefined ? {} : { lastSuccess }),
      ...(executions[0] ? { lastStart: executions[0].StartTime!.toISOString() } : {}),
      running: running.map(({ PipelineExecutionArn }) => PipelineExecutionArn!),
      ...(candidates[0]?.approval === "PendingManualApproval" ? { waitingCandidate: candidates[0].arn } : {}),
      experiments,
      money,
      failures: failuresInARow([
        ...executions.map(({ StartTime, PipelineExecutionStatus }) => ({
          at: StartTime!.toISOString(),
          outcome: executionOutcome(PipelineExecutionStatus ?? ""),
        })),
        ...candidates.map(({ created, approval }) => ({
          at: created.toISOString(),
          outcome: candidateOutcome(approval),
        })),
      ]),
    },
    executions: executions.map(({ PipelineExecutionArn }) => PipelineExecutionArn!),
    lastSuccess,
    reference,
  };
}

/** What this month's executions cost, whoever started them, and what one more will. */
async function moneyOf(
  { prices, sagemaker }: FactSources,
  executions: readonly PipelineExecutionSummary[],
  month: Date,
  now: string,
): Promise<RetrainingMoney | { readonly problem: string }> {
  if ("problem" in prices) return prices;
  const jobsOf = async ({ PipelineExecutionArn }: PipelineExecutionSummary): Promise<ExecutionJob[]> =>
    (await sagemaker.listPipelineSteps(PipelineExecutionArn!)).flatMap((step) => jobOf(step, now));
  const thisMonth = executions.filter(({ StartTime }) => StartTime! >= month);
  const past = executions
    .filter(({ PipelineExecutionStatus }) => PipelineExecutionStatus === "Succeeded")
    .slice(0, pastExecutions);
  const jobs = new Map<string, ExecutionJob[]>();
  for (const execution of new Set([...thisMonth, ...past]))
    jobs.set(execution.PipelineExecutionArn!, await jobsOf(execution));
  const of = (some: readonly PipelineExecutionSummary[]) =>
    some.map(({ PipelineExecutionArn }) => jobs.get(PipelineExecutionArn!)!);
  return {
    spentUsd: of(thisMonth).reduce((sum, one) => sum + prices.usd(one), 0),
    expectedUsd: prices.expectedUsd(of(past)),
    atMostUsd: prices.atMostUsd,
  };
}

/** Steps that run instances; one that still runs has cost what it took until now. */
function jobOf({ Metadata, StartTime, EndTime }: PipelineExecutionStep, now: string): ExecutionJob[] {
  const kind = Metadata?.TrainingJob ? "training" : Metadata?.ProcessingJob ? "processing" : undefined;
  if (kind === undefined || !StartTime) return [];
  const end = EndTime?.getTime() ?? Date.parse(now);
  return [{ kind, hours: Math.max(0, end - StartTime.getTime()) / 3_600_000 }];
}

/** @throws Error where the manifest is damaged: then nobody knows what is new. */
async function labelsOf({ store, bucket }: FactSources, since: string | undefined): Promise<RetrainingFacts["labels"]> {
  const body = await store.get({ bucket, key: datasetManifestKey });
  if (!body) return null;
  const read = readJson(body.toString("utf8"), datasetManifest);
  if (read.kind !== "value")
    throw new Error(
      `${datasetManifestKey} is damaged: ${read.kind === "not-json" ? read.why : read.problems.slice(0, 5).join("; ")}`,
    );
  return labelsSince(read.value, since);
}

/** Endpoints with more than one variant, or a shadow of one. */
async function experimentsOf({ sagemaker, endpoints }: FactSources): Promise<string[]> {
  const found = await Promise.all(endpoints.map((name) => sagemaker.describeEndpoint(name)));
  return found.flatMap((endpoint) =>
    endpoint && (endpoint.ProductionVariants?.length ?? 0) + (endpoint.ShadowProductionVariants?.length ?? 0) > 1
      ? [endpoint.EndpointName!]
      : [],
  );
}

/** What the pipeline said of a candidate; undefined where it said nothing. */
async function map50Of({ sagemaker }: FactSources, arn: string): Promise<number | undefined> {
  const { CustomerMetadataProperties = {} } = await sagemaker.describeModelPackage(arn);
  const value = Number(CustomerMetadataProperties["map50"] ?? Number.NaN);
  return Number.isFinite(value) ? value : undefined;
}
