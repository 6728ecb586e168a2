import { z } from "zod";
import { Metrics } from "../aws/cloudwatch";
import { EventBus } from "../aws/eventbridge";
import { Logs } from "../aws/logs";
import { ObjectStore } from "../aws/s3";
import { SageMaker } from "../aws/sagemaker";
import { functionSession, hasCode } from "../aws/session";
import { Queues } from "../aws/sqs";
import { platformSource } from "../contract/events";
import { type EndingDocument, scoresDocument, type ScoresDocument, scoresKey } from "../contract/experiment";
import { readJson } from "../contract/json";
import { watchEvent } from "../contract/monitoring";
import { requestQueue } from "../contract/release-request";
import { readVariables } from "../contract/variables";
import { challengerVariant } from "../contract/variants";
import { designOf, type ExperimentDesign } from "../lifecycle/experiment/design";
import { endingNotice, requestAfter } from "../lifecycle/experiment/ending";
import { type LiveVariants, nextStep, type Step } from "../lifecycle/experiment/step";
import { type ExperimentVerdict, judgeExperiment } from "../lifecycle/experiment/verdict";
import { type Experiment, listExperiments, openExperiment } from "../records/experiment";
import { ExperimentCourse, type KeptCourse } from "../records/experiment-course";
import { Ledger } from "../records/ledger";
import { count, type Live } from "./experiment/count";

/** What the schedule sends: when it meant to, by its own clock. */
const eventShape = z.object({ time: z.iso.datetime() });

/** What the handler depends on. */
export interface Dependencies {
  readonly environment: string;
  readonly endpoint: string;
  readonly bucket: string;
  /** A request that takes longer is slow. */
  readonly latencyMs: number;
  readonly ledger: Pick<Ledger, "entries">;
  readonly store: Pick<ObjectStore, "get" | "getWithTag" | "putIf">;
  readonly endpoints: Pick<SageMaker, "describeEndpoint" | "setWeights">;
  readonly metrics: Pick<Metrics, "points">;
  readonly logs: Pick<Logs, "linesBetween">;
  readonly queues: Pick<Queues, "send">;
  readonly bus: Pick<EventBus, "put">;
  readonly log: (line: string) => void;
}

/** More steps follow from nothing that one look can see. */
const mostSteps = 8;

/**
 * Looks at the environment's experiment, decides and acts, one step after the other. Every step follows from what is
 * recorded and live, and can be done again: whoever kills it in between only delays what comes next.
 * @returns what it stopped at, for the log.
 */
export async function lookAtExperiment(event: unknown, dependencies: Dependencies): Promise<string> {
  const now = eventShape.parse(event).time;
  const { environment, ledger, log } = dependencies;
  const experiment = openExperiment(await listExperiments(ledger, environment));
  if (!experiment?.started) return experiment ? `${experiment.id} is being started` : "no experiment";
  const controller = new Controller(experiment, experiment.started, now, dependencies);
  for (let step = 0; step < mostSteps; step++) {
    const done = await controller.step();
    log(`${experiment.id}: ${done.text}`);
    if (done.over) return done.text;
  }
  return "goes on at the next look";
}

class Controller {
  private readonly design: ExperimentDesign;
  private readonly course: ExperimentCourse;
  private looked = false;

  constructor(
    private readonly experiment: Experiment,
    private readonly started: NonNullable<Experiment["started"]>,
    private readonly now: string,
    private readonly dependencies: Dependencies,
  ) {
    this.design = designOf(experiment.designed.design);
    this.course = new ExperimentCourse(dependencies.store, dependencies.bucket, experiment.id);
  }

  /** Does the next step. @returns what it was, and whether nothing follows for now. */
  async step(): Promise<{ readonly text: string; readonly over: boolean }> {
    const { course, design, experiment, now, started } = this;
    const [live, kept, ending, asked] = await Promise.all([
      this.live(),
      course.read(),
      course.ending(),
      course.asked(),
    ]);
    const looks = kept.looks.map(({ look }) => look);
    const judged = judgeExperiment(design, { startedAt: started.at, looks });
    const { mode } = experiment.designed;
    const step = nextStep({
      now,
      mode,
      design,
      configName: started.endpointConfigName,
      live,
      looks,
      judged,
      ending,
      asked,
      looked: this.looked,
    });
    return this.act(step, { live, kept, ending, judged });
  }

  private async act(
    step: Step,
    {
      live,
      kept,
      ending,
      judged,
    }: { live?: Live; kept: KeptCourse; ending?: EndingDocument; judged: ExperimentVerdict },
  ): Promise<{ readonly text: string; readonly over: boolean }> {
    const { endpoint, endpoints } = this.dependencies;
    switch (step.kind) {
      case "wait":
        return { text: step.why, over: true };
      case "shift":
        await endpoints.setWeights(endpoint, { champion: 100 - step.percent, challenger: step.percent });
        // The endpoint takes a moment; an ending goes on, since what follows needs no traffic.
        return { text: `the challenger gets ${step.percent} % of the traffic`, over: !ending };
      case "look":
        this.looked = true;
        return { text: await this.look(live!, kept), over: false };
      case "end":
        await this.course.end(this.endingOf(step, judged));
        return { text: `${step.outcome}: ${step.reasons.join("; ")}`, over: false };
      case "ask":
        return { text: await this.ask(ending!), over: true };
      default:
        return step satisfies never;
    }
  }

  private async look(live: Live, kept: KeptCourse): Promise<string> {
    const { design, experiment, now, started } = this;
    const { metrics, logs, endpoint, latencyMs } = this.dependencies;
    const counted = await count(
      { design, designed: experiment.designed, startedAt: started.at, now, live, before: kept.looks.at(-1) },
      { endpoint, latencyMs, metrics, logs, scores: await this.scores() },
    );
    if (!counted) return "nothing new to count";
    const added = await this.course.add(kept, counted);
    return added ? "looked" : "another controller looked at the same time";
  }

  /** What labelled answers scored; undefined before monitoring has run. @throws Error where it is damaged. */
  private async scores(): Promise<ScoresDocument | undefined> {
    const { bucket, endpoint, store } = this.dependencies;
    const key = scoresKey(endpoint);
    const body = await store.get({ bucket, key });
    if (!body) return undefined;
    const read = readJson(body.toString("utf8"), scoresDocument);
    if (read.kind === "value") return read.value;
    throw new Error(`${key} is damaged: ${read.kind === "not-json" ? read.why : read.problems.slice(0, 5).join("; ")}`);
  }

  private endingOf(
    { outcome, reasons }: Extract<Step, { kind: "end" }>,
    { difference, informationShare, looks, verdict }: ExperimentVerdict,
  ): EndingDocument {
    return {
      version: 1,
      id: this.experiment.id,
      outcome,
      reasons: [...reasons],
      at: this.now,
      looks,
      ...(verdict === outcome && difference ? { difference, informationShare } : {}),
    };
  }

  /** Asks the release path first: who is told twice is better off than who waits for a build that nobody asked for. */
  private async ask(ending: EndingDocument): Promise<string> {
    const { bus, environment, endpoint, queues } = this.dependencies;
    const { designed } = this.experiment;
    const request = await queues
      .send(requestQueue(environment), JSON.stringify(requestAfter(ending, designed)))
      .catch((error: unknown) => {
        // Where no registry releases to the environment by itself, people do.
        if (hasCode(error, "QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue")) return undefined;
        throw error;
      });
    await bus.put(
      platformSource("model"),
      watchEvent.experimentEnded,
      endingNotice(ending, {
        environment,
        endpoint,
        takesRequests: request !== undefined,
        evidence: this.course.uri,
        challenger: designed.challenger,
      }),
    );
    await this.course.noteAsked(this.now, request);
    return `${ending.outcome}, ${request === undefined ? "and nobody takes requests here" : `request ${request}`}`;
  }

  private async live(): Promise<Live | undefined> {
    const found = await this.dependencies.endpoints.describeEndpoint(this.dependencies.endpoint);
    if (!found) return undefined;
    const variants = found.ProductionVariants ?? [];
    const live: LiveVariants = {
      status: found.EndpointStatus ?? "",
      configName: found.EndpointConfigName ?? "",
      weights: Object.fromEntries(
        variants.map(({ VariantName = "", DesiredWeight, CurrentWeight }) => [
          VariantName,
          DesiredWeight ?? CurrentWeight ?? 0,
        ]),
      ),
      challenger: [...variants, ...(found.ShadowProductionVariants ?? [])].some(
        ({ VariantName }) => VariantName === challengerVariant,
      ),
    };
    return { ...live, modifiedAt: found.LastModifiedTime?.toISOString() ?? this.started.at };
  }
}

/** Lambda's entry point. */
export async function handler(event: unknown): Promise<string> {
  const { ENVIRONMENT, ENDPOINT, ARTIFACTS_BUCKET, EVENT_BUS, LATENCY_MS } = readVariables(
    "look-at-experiment",
    process.env,
  );
  const session = functionSession();
  const store = new ObjectStore(session);
  return lookAtExperiment(event, {
    environment: ENVIRONMENT,
    endpoint: ENDPOINT,
    bucket: ARTIFACTS_BUCKET,
    latencyMs: Number(LATENCY_MS),
    ledger: new Ledger(store, ARTIFACTS_BUCKET),
    store,
    endpoints: new SageMaker(session),
    metrics: new Metrics(session),
    logs: new Logs(session),
    queues: new Queues(session),
    bus: new EventBus(session, EVENT_BUS),
    log: (line) => void process.stdout.write(`${line}\n`),
  });
}
