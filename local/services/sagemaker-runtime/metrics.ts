import type { Cloud } from "../../cloud";
import type { MetricSample } from "../../service";
import type { Lent, ServerlessConfig } from "../sagemaker/hosting/fleets/serverless";

/** What one invocation tells CloudWatch. */
export interface Invocation {
  readonly endpoint: string;
  readonly variant: string;
  readonly configName: string;
  /** Status that the container answered; 0 when it did not answer. */
  readonly status: number;
  readonly modelMs: number;
  readonly overheadMs: number;
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

  /** @param instances of the variant. */
  record(invocation: Invocation, instances: number): void {
    const { status } = invocation;
    for (const dimensions of this.common(invocation))
      this.sample("InvocationModelErrors", status === 0 || status >= 400 ? 1 : 0, "None", dimensions);
    this.sample("InvocationsPerInstance", 1 / Math.max(1, instances), "None", variantOf(invocation));
  }

  /**
   * Of serverless variants only these are published (developer guide, "Alarms and logs for tracking metrics from
   * serverless endpoints").
   * @param lent absent where no container came up.
   */
  recordServerless(
    invocation: Invocation,
    { MaxConcurrency: most, ProvisionedConcurrency: provisioned }: ServerlessConfig,
    lent: Lent | undefined,
  ): void {
    this.common(invocation);
    if (!lent) return;
    const { executing, setupMs } = lent;
    const tell = (name: string, value: number, unit = "None"): void =>
      this.sample(name, value, unit, variantOf(invocation));
    tell("ServerlessConcurrentExecutionsUtilization", executing / most);
    if (setupMs !== undefined) tell("ModelSetupTime", setupMs * 1000, "Microseconds");
    if (!provisioned) return;
    const spilt = executing > provisioned;
    tell("ServerlessProvisionedConcurrencyExecutions", Math.min(executing, provisioned), "Count");
    tell("ServerlessProvisionedConcurrencyUtilization", Math.min(executing, provisioned) / provisioned);
    if (!spilt) tell("ServerlessProvisionedConcurrencyInvocations", 1, "Count");
    else tell("ServerlessProvisionedConcurrencySpilloverInvocations", 1, "Count");
  }

  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const samples = this.samples;
    this.samples = [];
    if (samples.length > 0) this.cloud.internals.measure(samples);
  }

  /** What every variant tells. @returns the dimensions under which it does. */
  private common(invocation: Invocation): Record<string, string>[] {
    const { configName, status, modelMs, overheadMs } = invocation;
    const both = [variantOf(invocation), { ...variantOf(invocation), EndpointConfigName: configName }];
    for (const dimensions of both) {
      this.sample("Invocations", 1, "None", dimensions);
      this.sample("Invocation4XXErrors", status >= 400 && status < 500 ? 1 : 0, "None", dimensions);
      this.sample("Invocation5XXErrors", status === 0 || status >= 500 ? 1 : 0, "None", dimensions);
      this.sample("ModelLatency", modelMs * 1000, "Microseconds", dimensions);
      this.sample("OverheadLatency", overheadMs * 1000, "Microseconds", dimensions);
    }
    this.timer ??= setTimeout(() => this.flush(), FLUSH_MS).unref();
    return both;
  }

  private sample(name: string, value: number, unit: string, dimensions: Record<string, string>): void {
    this.samples.push({ namespace: "AWS/SageMaker", name, value, unit, dimensions });
  }
}

function variantOf({ endpoint, variant }: Invocation): Record<string, string> {
  return { EndpointName: endpoint, VariantName: variant };
}
