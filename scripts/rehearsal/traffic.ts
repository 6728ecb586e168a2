import { SageMakerRuntime } from "../../aws/sagemaker-runtime";
import type { AwsSession } from "../../aws/session";
import type { GoldenImage } from "../../automation/golden";

export interface TrafficResult {
  readonly sent: number;
  readonly failed: number;
  /** First failures, as messages. */
  readonly failures: readonly string[];
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly byVariant: Readonly<Record<string, number>>;
}

/**
 * Open-loop traffic: requests leave at a fixed rate whether or not earlier ones were answered, as a fleet of drones would
 * send them. No retries: every failure counts.
 */
export class Traffic {
  private readonly runtime: SageMakerRuntime;
  private readonly latencies: number[] = [];
  private readonly failures: string[] = [];
  private readonly byVariant: Record<string, number> = {};
  private readonly open = new Set<Promise<void>>();
  private sent = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(session: AwsSession, private readonly endpoint: string, private readonly images: readonly GoldenImage[]) {
    this.runtime = new SageMakerRuntime(session, 1);
  }

  start(requestsPerSecond: number): void {
    this.timer = setInterval(() => {
      const request = this.send(this.images[this.sent % this.images.length]!, `rehearsal-${this.sent}`);
      this.sent += 1;
      this.open.add(request);
      void request.finally(() => this.open.delete(request));
    }, 1000 / requestsPerSecond);
  }

  /** Stops sending, waits for the open answers and tells how it went. */
  async stop(): Promise<TrafficResult> {
    clearInterval(this.timer);
    await Promise.all(this.open);
    const sorted = [...this.latencies].sort((a, b) => a - b);
    const quantile = (q: number) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? NaN;
    return { sent: this.sent, failed: this.failures.length, failures: this.failures.slice(0, 5), p50Ms: quantile(0.5), p99Ms: quantile(0.99), byVariant: this.byVariant };
  }

  private async send(image: GoldenImage, inferenceId: string): Promise<void> {
    const started = performance.now();
    try {
      const { variant } = await this.runtime.invoke(this.endpoint, image.body, image.contentType, { inferenceId });
      this.byVariant[variant] = (this.byVariant[variant] ?? 0) + 1;
      this.latencies.push(performance.now() - started);
    } catch (error) {
      this.failures.push(`${(error as Error).name}: ${(error as Error).message}`);
    }
  }
}
