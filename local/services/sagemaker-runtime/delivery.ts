import type { Cloud } from "../../cloud";
import type { Members } from "../../members";
import {
  INVOCATION_TIMEOUT_MS,
  InstanceUnreachable,
  InvocationTimeout,
  type ContainerAnswer,
} from "../sagemaker/hosting/fleets/instance";
import type { Hosting } from "../sagemaker/hosting/offer";
import type { Route } from "../sagemaker/hosting/rollouts/router";
import { DataCapture } from "./capture";
import { exchange } from "./exchange";
import { InvocationMetrics } from "./metrics";

/** A request that arrived for an endpoint. */
export interface Arrived {
  readonly endpoint: string;
  /** InvokeEndpoint's. */
  readonly input: Members;
  readonly body: Buffer;
  readonly atMs: number;
  /** `process.hrtime.bigint()` when it came. */
  readonly began: bigint;
}

/** What came of a request: the container's answer, or what stands in its place (status 0 when it gave none). */
export interface Outcome extends ContainerAnswer {
  /** How long SageMaker waited, where that is not the time measured here. */
  readonly modelMicros?: number;
}

/** Brings requests to variants: sends, captures and measures each of them. */
export class Delivery {
  private readonly capture: DataCapture;
  private readonly metrics: InvocationMetrics;

  constructor(
    private readonly cloud: Cloud,
    private readonly hosting: Hosting,
  ) {
    this.capture = new DataCapture(hosting.context);
    this.metrics = new InvocationMetrics(cloud);
  }

  async deliver(route: Route, request: Arrived): Promise<Outcome> {
    const { endpoint, input, body, began, atMs } = request;
    // Taken before the answer: an update may end meanwhile, and this request still counts to the old configuration.
    const deployed = this.hosting.records.deployed(endpoint, route.configName);
    const sent = process.hrtime.bigint();
    const answer = await send(this.cloud, route, request);
    const answered = process.hrtime.bigint();

    if (deployed?.capture && answer.status > 0) {
      this.capture.offer({
        endpoint,
        variant: route.variant,
        roleArn: deployed.variants[0]!.container.roleArn,
        vpc: deployed.variants[0]!.container.vpc,
        config: deployed.capture,
        input: { contentType: input.ContentType ?? "application/octet-stream", body },
        output: { contentType: header(answer, "content-type") ?? "application/octet-stream", body: answer.body },
        inferenceId: input.InferenceId,
        atMs,
      });
    }
    this.metrics.record({
      endpoint,
      variant: route.variant,
      configName: route.configName,
      instances: route.fleet.size,
      status: answer.status,
      modelMicros: answer.modelMicros ?? Number(answered - sent) / 1000,
      overheadMicros: Number(sent - began + (process.hrtime.bigint() - answered)) / 1000,
    });
    return answer;
  }

  /** Sends a copy to a shadow variant: whoever sent the request neither waits for it nor hears of it. */
  copy(route: Route, request: Arrived): void {
    this.deliver(route, request).catch((error: unknown) =>
      this.cloud.failures.note(`shadow of endpoint ${request.endpoint}`, error),
    );
  }

  /** Writes what is held. */
  async stop(): Promise<void> {
    this.metrics.flush();
    await this.capture.flush();
  }
}

/**
 * Sends to an instance in service. While a container is down or restarts SageMaker answers for it; it sends nothing to
 * another instance instead (believed), and SDKs do not try a ModelError again.
 */
async function send(cloud: Cloud, route: Route, { endpoint, input, body }: Arrived): Promise<Outcome> {
  const instance = route.fleet.pick();
  if (!instance) return failure(noResponse(endpoint));
  const place = { endpoint, variant: route.variant, config: route.configName };
  try {
    return await exchange(cloud, place, instance, { path: "/invocations", headers: containerHeaders(input), body });
  } catch (error) {
    if (error instanceof InstanceUnreachable) return failure(noResponse(endpoint));
    if (!(error instanceof InvocationTimeout)) throw error;
    const message =
      "Your invocation timed out while waiting for a response from container primary. Review the latency metrics for each container in Amazon CloudWatch, resolve the issue, and try again.";
    return { ...failure(message), modelMicros: INVOCATION_TIMEOUT_MS * 1000 };
  }
}

/** AWS's words for a container that ended or has not come back yet (aws/amazon-sagemaker-examples #2815). */
function noResponse(endpoint: string): string {
  return (
    `Amazon SageMaker could not get a response from the ${endpoint} endpoint. This can occur when CPU or memory utilization is high. ` +
    "To check your utilization, see Amazon CloudWatch. To fix this problem, use an instance type with more CPU capacity or memory."
  );
}

function failure(message: string): ContainerAnswer {
  return { status: 0, headers: {}, body: Buffer.from(message) };
}

function containerHeaders(input: Members): Record<string, string> {
  const headers: Record<string, string> = {
    "Content-Type": input.ContentType ?? "application/octet-stream",
    Accept: input.Accept ?? "*/*",
  };
  if (input.CustomAttributes) headers["X-Amzn-SageMaker-Custom-Attributes"] = input.CustomAttributes;
  if (input.InferenceId) headers["X-Amzn-SageMaker-Inference-Id"] = input.InferenceId;
  return headers;
}

export function header(answer: ContainerAnswer, name: string): string | undefined {
  const value = answer.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
