import { setTimeout as delay } from "node:timers/promises";
import { Metrics } from "../../../aws/cloudwatch";
import { SageMaker } from "../../../aws/sagemaker";
import { SageMakerRuntime } from "../../../aws/sagemaker-runtime";
import { goldenMetric } from "../../../contract/golden-metric";
import { type GoldenReply, type GoldenRun, judgeAnswer, judgeGolden, runOf } from "../../../lifecycle/golden-verdict";
import type { Environment } from "../../stack/environment";
import { askOne } from "./ask";
import type { GoldenImage } from "./images";

/** One image so often: enough to meet a canary within seconds, and few beside the endpoint's own traffic. Real time. */
const intervalMs = 500;
/** Kept of what was wrong, for the release's record. */
const maxReasons = 5;

/** What the watch depends on. */
export interface WatchPorts {
  /** The endpoint configuration that an update is bringing live; undefined before and after. */
  updating(): Promise<string | undefined>;
  ask(image: GoldenImage): Promise<GoldenReply>;
  /** Tells the rollout's alarm of an answer of the new fleet. */
  publish(endpointConfig: string, wrong: boolean): Promise<void>;
  pause(): Promise<void>;
}

/** What the watch saw. */
export interface WatchResult {
  readonly asked: number;
  /** Answers that must not be, each kind once. */
  readonly wrong: readonly string[];
  /** Why the alarm could not be told; the update was not watched then. */
  readonly trouble?: string;
}

/**
 * Asks the golden images while SageMaker replaces one fleet by the next, and tells the rollout's alarm of answers that
 * must not be: the alarm takes the update back within seconds, before a wrong model gets all traffic.
 *
 * Both fleets answer by the same name. An answer is the new fleet's when its model is none of those that answered
 * before; where both run the same network, or an answer tells no model, it counts as the new fleet's only if the old
 * one answered everything rightly a moment ago. So the way out of a bad release is never stopped by that release's own
 * answers.
 */
export class GoldenWatch {
  private readonly latest = new Map<string, GoldenReply>();
  private readonly wrong = new Set<string>();
  private readonly oldIsSound: boolean;
  private asked = 0;
  private ended = false;
  private trouble: string | undefined;
  private readonly running: Promise<void>;

  /** @param before what the live release answered to the same images just before. */
  constructor(
    private readonly ports: WatchPorts,
    private readonly images: readonly GoldenImage[],
    private readonly before: GoldenRun,
  ) {
    this.oldIsSound = judgeGolden(images, before, undefined).verdict === "pass";
    this.running = this.run();
  }

  /** Ends the watch, once the update has ended. */
  async stop(): Promise<WatchResult> {
    this.ended = true;
    await this.running;
    return { asked: this.asked, wrong: [...this.wrong], trouble: this.trouble };
  }

  private async run(): Promise<void> {
    try {
      const config = await this.begun();
      for (let turn = 0; config !== undefined && !this.ended; turn += 1) {
        await this.probe(config, this.images[turn % this.images.length]!);
        await this.ports.pause();
      }
    } catch (error) {
      this.trouble = (error as Error).message;
    }
  }

  private async begun(): Promise<string | undefined> {
    while (!this.ended) {
      const config = await this.ports.updating();
      if (config !== undefined) return config;
      await this.ports.pause();
    }
    return undefined;
  }

  private async probe(config: string, image: GoldenImage): Promise<void> {
    const reply = await this.ports.ask(image);
    this.asked += 1;
    // A request that fails counts in SageMaker's own metric, which has an alarm of its own.
    if ("problem" in reply && reply.failed) return;
    const fresh = "answer" in reply && !this.before.models.includes(reply.model);
    if (!fresh && !this.oldIsSound) return;
    const problems = this.problemsOf(image, reply, fresh);
    for (const problem of problems) if (this.wrong.size < maxReasons) this.wrong.add(problem);
    await this.ports.publish(config, problems.length > 0);
  }

  /** @param fresh the reply is the new model's for sure: then its answers to all images count together, too. */
  private problemsOf(image: GoldenImage, reply: GoldenReply, fresh: boolean): readonly string[] {
    if ("problem" in reply) return [reply.problem];
    const { verdict, reasons } = judgeAnswer(image, reply.answer);
    if (verdict === "absurd" || !fresh) return reasons;
    this.latest.set(image.key, reply);
    if (this.latest.size < this.images.length) return [];
    return judgeGolden(this.images, runOf(this.images, [...this.latest.values()], 0), this.before).reasons;
  }
}

/** A watch over an environment's endpoint. @param variant the production variant that the alarm watches. */
export function watchUpdate(
  { session, name: environment }: Environment,
  endpoint: string,
  variant: string,
  images: readonly GoldenImage[],
  before: GoldenRun,
): GoldenWatch {
  const [sagemaker, runtime, metrics] = [
    new SageMaker(session),
    new SageMakerRuntime(session, 1),
    new Metrics(session),
  ];
  const { namespace, name } = goldenMetric(environment);
  return new GoldenWatch(
    {
      updating: async () => (await sagemaker.describeEndpoint(endpoint))?.PendingDeploymentSummary?.EndpointConfigName,
      ask: (image) => askOne(runtime, endpoint, image),
      publish: (EndpointConfigName, wrong) =>
        metrics.publish(
          namespace,
          name,
          { EndpointName: endpoint, VariantName: variant, EndpointConfigName },
          wrong ? 1 : 0,
        ),
      pause: () => delay(intervalMs),
    },
    images,
    before,
  );
}
