import { randomUUID } from "node:crypto";
import { SageMakerRuntime } from "../aws/sagemaker-runtime";
import type { AwsSession } from "../aws/session";
import type { GoldenImage } from "../automation/release/golden/images";

export interface TrafficResult {
  readonly sent: number;
  readonly failed: number;
  /** First failures, as messages. */
  readonly failures: readonly string[];
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly byVariant: Readonly<Record<string, number>>;
}

/** One request with what came of it; times of `performance.now()`. */
export interface Exchange {
  readonly image: GoldenImage;
  /** By which labels name the answer. */
  readonly inferenceId: string;
  readonly sentMs: number;
  readonly answeredMs: number;
  /** The container's answer; absent when the request failed. */
  readonly body?: Buffer;
  readonly error?: string;
}

/** At most so many requests are open; one that would be too many counts as failed. */
const maxOpen = 1000;

/**
 * Open-loop traffic: requests leave at a fixed rate whether or not earlier ones were answered, as a fleet of drones
 * would send them. No retries: every failure counts.
 */
export class Traffic {
  private readonly runtime: SageMakerRuntime;
  private readonly latencies: number[] = [];
  private readonly failures: string[] = [];
  private readonly byVariant: Record<string, number> = {};
  private readonly open = new Set<Promise<void>>();
  private sent = 0;
  /** Part of every inference id: labels name answers by it, and no two runs of traffic share one. */
  private readonly run = randomUUID().slice(0, 8);
  private timer: NodeJS.Timeout | undefined;

  /**
   * @param observe told of every request that has ended.
   * @param variantOf the variant that a request names, by its number; undefined leaves it to the endpoint.
   */
  constructor(
    session: AwsSession,
    private readonly endpoint: string,
    private readonly images: readonly GoldenImage[],
    private readonly observe: (exchange: Exchange) => void = () => {},
    private readonly variantOf: (request: number) => string | undefined = () => undefined,
  ) {
    this.runtime = new SageMakerRuntime(session, 1, maxOpen);
  }

  start(requestsPerSecond: number): void {
    const started = performance.now();
    let due = 0;
    // A timer that is late makes up for it: the rate holds also while this process is busy.
    this.timer = setInterval(() => {
      for (const now = performance.now(); started + (due * 1000) / requestsPerSecond <= now; due += 1) this.sendNext();
    }, 1000 / requestsPerSecond);
  }

  /** Requests sent so far. */
  get count(): number {
    return this.sent;
  }

  /** Requests that a variant has answered so far. */
  answeredBy(variant: string): number {
    return this.byVariant[variant] ?? 0;
  }

  /** Stops sending, waits for the open answers and tells how it went. */
  async stop(): Promise<TrafficResult> {
    clearInterval(this.timer);
    await Promise.all(this.open);
    const sorted = [...this.latencies].sort((a, b) => a - b);
    const quantile = (q: number) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? NaN;
    return {
      sent: this.sent,
      failed: this.failures.length,
      failures: this.failures.slice(0, 5),
      p50Ms: quantile(0.5),
      p99Ms: quantile(0.99),
      byVariant: this.byVariant,
    };
  }

  private sendNext(): void {
    const image = this.images[this.sent % this.images.length]!;
    const request = this.send(image, `${flightOf(image)}/${this.run}-${this.sent}`, this.variantOf(this.sent));
    this.sent += 1;
    this.open.add(request);
    void request.finally(() => this.open.delete(request));
  }

  private async send(image: GoldenImage, inferenceId: string, named: string | undefined): Promise<void> {
    const sentMs = performance.now();
    try {
      if (this.open.size >= maxOpen) throw new Error(`${maxOpen} requests wait for their answers already`);
      const { variant, body } = await this.runtime.invoke(this.endpoint, image.body, image.contentType, {
        inferenceId,
        ...(named === undefined ? {} : { variant: named }),
      });
      const answeredMs = performance.now();
      this.byVariant[variant] = (this.byVariant[variant] ?? 0) + 1;
      this.latencies.push(answeredMs - sentMs);
      this.observe({ image, inferenceId, sentMs, answeredMs, body });
    } catch (error) {
      const text = `${(error as Error).name}: ${(error as Error).message}`;
      this.failures.push(text);
      this.observe({ image, inferenceId, sentMs, answeredMs: performance.now(), error: text });
    }
  }
}

/** The flight that a tile was cut from (`_stem` in `ml/peregrine_ml/prepare.py`); monitoring finds it in inference ids. */
function flightOf({ key }: GoldenImage): string {
  return key.slice(key.lastIndexOf("/") + 1).replace(/(__\d+_\d+)?\.\w+$/, "");
}
