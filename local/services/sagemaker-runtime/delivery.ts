import type { Cloud } from "../../cloud";
import { ServerlessFleet } from "../sagemaker/hosting/fleets/serverless";
import type { Hosting } from "../sagemaker/hosting/offer";
import type { Route } from "../sagemaker/hosting/rollouts/router";
import { DataCapture } from "./capture";
import { InvocationMetrics } from "./metrics";
import { header, send, type Arrived, type Outcome } from "./sending";

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

  /** @throws AwsError where no container is asked; that this is in no metric is believed. */
  async deliver(route: Route, request: Arrived): Promise<Outcome> {
    const { endpoint, input, body, began, atMs } = request;
    const { variant, configName, fleet } = route;
    // Taken before the answer: an update may end meanwhile, and this request still counts to the old configuration.
    const deployed = this.hosting.records.deployed(endpoint, configName);
    const answer = await send(this.cloud, route, request);

    if (deployed?.capture && answer.status > 0) {
      this.capture.offer({
        endpoint,
        variant,
        roleArn: deployed.variants[0]!.container.roleArn,
        vpc: deployed.variants[0]!.container.vpc,
        config: deployed.capture,
        input: { contentType: input.ContentType ?? "application/octet-stream", body },
        output: { contentType: header(answer, "content-type") ?? "application/octet-stream", body: answer.body },
        inferenceId: input.InferenceId,
        atMs,
      });
    }
    const latencies = {
      modelMs: answer.modelMs ?? answer.waitedMs,
      overheadMs: performance.now() - began - answer.waitedMs,
    };
    const invocation = { endpoint, variant, configName, status: answer.status, ...latencies };
    if (fleet instanceof ServerlessFleet) this.metrics.recordServerless(invocation, fleet.limits, answer.lent);
    else this.metrics.record(invocation, fleet.size);
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
