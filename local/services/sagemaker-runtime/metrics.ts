import type { Cloud } from "../../cloud";
import type { MetricSample } from "../../service";

/** What one invocation tells CloudWatch. */
export interface Invocation {
  readonly endpoint: string;
  readonly variant: string;
  readonly configName: string;
  readonly instances: number;
  /** Status that the container answered; 0 when it did not answer. */
  readonly status: number;
  readonly modelMicros: number;
  readonly overheadMicros: number;
}

/** Samples of several invocations go to CloudWatch together. */
const FLUSH_MS = 100;

/**
 * Invocation metrics of `AWS/SageMaker`: per variant, and per variant and endpoint configuration, so that an alarm can
 * watch the new fleet of an update alone. Latencies are in microseconds, as on AWS.
 */
export class InvocationMetrics {
  private samples: MetricSample[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly cloud: Cloud) {}

  record(invocation: Invocation): void {
    const variant = { EndpointName: invocation.endpoint, VariantName: invocation.variant };
    this.add(invocation, variant);
    this.add(invocation, { ...variant, EndpointConfigName: invocation.configName });
    this.sample("InvocationsPerInstance", 1 / Math.max(1, invocation.instances), "None", variant);
    this.timer ??= setTimeout(() => this.flush(), FLUSH_MS).unref();
  }

  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const samples = this.samples;
    this.samples = [];
    if (samples.length > 0) this.cloud.internals.measure(samples);
  }

  private add({ status, modelMicros, overheadMicros }: Invocation, dimensions: Record<string, string>): void {
    const failed = status === 0 || status >= 500;
    this.sample("Invocations", 1, "None", dimensions);
    this.sample("Invocation4XXErrors", status >= 400 && status < 500 ? 1 : 0, "None", dimensions);
    this.sample("Invocation5XXErrors", failed ? 1 : 0, "None", dimensions);
    this.sample("InvocationModelErrors", failed || status >= 400 ? 1 : 0, "None", dimensions);
    this.sample("ModelLatency", modelMicros, "Microseconds", dimensions);
    this.sample("OverheadLatency", overheadMicros, "Microseconds", dimensions);
  }

  private sample(name: string, value: number, unit: string, dimensions: Record<string, string>): void {
    this.samples.push({ namespace: "AWS/SageMaker", name, value, unit, dimensions });
  }
}
