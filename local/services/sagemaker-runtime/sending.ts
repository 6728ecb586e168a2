import type { Cloud } from "../../cloud";
import { AwsError } from "../../errors";
import type { Members } from "../../members";
import {
  INVOCATION_TIMEOUT_MS,
  InstanceUnreachable,
  InvocationTimeout,
  Unhealthy,
  type ContainerAnswer,
  type Instance,
} from "../sagemaker/hosting/fleets/instance";
import { ConcurrencyExceeded, NotReady, ServerlessFleet, type Lent } from "../sagemaker/hosting/fleets/serverless";
import type { Route } from "../sagemaker/hosting/rollouts/router";
import { exchange } from "./exchange";

/** A request that arrived for an endpoint. */
export interface Arrived {
  readonly endpoint: string;
  /** InvokeEndpoint's. */
  readonly input: Members;
  readonly body: Buffer;
  readonly atMs: number;
  /** `performance.now()` when it came. */
  readonly began: number;
}

/** What came of a request: the container's answer, or what stands in its place (status 0 when it gave none). */
export interface Outcome extends ContainerAnswer {
  /** How long the container was waited for. Real time. */
  readonly waitedMs: number;
  /** How long SageMaker waits for it, where that is longer. */
  readonly modelMs?: number;
  /** What a serverless variant was doing. */
  readonly lent?: Lent;
}

/** "The maximum request and response payload size for serverless invocations is 4 MB" (developer guide). */
const SERVERLESS_PAYLOAD_BYTES = 4 * 1024 ** 2;

/**
 * Sends a request to a container of a variant.
 * @throws AwsError where a serverless variant takes no more.
 */
export async function send(cloud: Cloud, route: Route, request: Arrived): Promise<Outcome> {
  const { fleet } = route;
  if (fleet instanceof ServerlessFleet) return sendServerless(cloud, route, fleet, request);
  const instance = fleet.pick();
  return instance ? sendTo(cloud, route, instance, request) : unanswered(request.endpoint);
}

/** The words of all three refusals are believed. */
async function sendServerless(cloud: Cloud, route: Route, fleet: ServerlessFleet, request: Arrived): Promise<Outcome> {
  if (request.body.length > SERVERLESS_PAYLOAD_BYTES)
    throw new AwsError(
      "ValidationError",
      `The request payload of serverless endpoint ${request.endpoint} must not be larger than 4 MB.`,
    );
  try {
    return await fleet.lend(async (lent) => ({ ...(await sendTo(cloud, route, lent.instance, request)), lent }));
  } catch (error) {
    if (error instanceof ConcurrencyExceeded) throw new AwsError("ThrottlingException", "Rate exceeded");
    if (error instanceof NotReady)
      throw new AwsError(
        "ModelNotReadyException",
        `The resources of serverless endpoint ${request.endpoint} are still being provisioned. Wait and try your request again.`,
        429,
      );
    if (error instanceof Unhealthy) return unanswered(request.endpoint);
    throw error;
  }
}

/**
 * While a container is down or restarts SageMaker answers for it; it sends nothing to another instance instead
 * (believed), and SDKs do not try a ModelError again.
 */
async function sendTo(
  cloud: Cloud,
  route: Route,
  instance: Instance,
  { endpoint, input, body }: Arrived,
): Promise<Outcome> {
  const place = { endpoint, variant: route.variant, config: route.configName };
  const sent = performance.now();
  try {
    const message = { path: "/invocations", headers: containerHeaders(input), body };
    const answer = await exchange(cloud, place, instance, message);
    return { ...answer, waitedMs: performance.now() - sent };
  } catch (error) {
    const waitedMs = performance.now() - sent;
    if (error instanceof InstanceUnreachable) return unanswered(endpoint, waitedMs);
    if (!(error instanceof InvocationTimeout)) throw error;
    const message =
      "Your invocation timed out while waiting for a response from container primary. Review the latency metrics for each container in Amazon CloudWatch, resolve the issue, and try again.";
    return { ...failure(message), waitedMs, modelMs: INVOCATION_TIMEOUT_MS };
  }
}

/** AWS's words for a container that ended or has not come back yet (aws/amazon-sagemaker-examples #2815). */
function unanswered(endpoint: string, waitedMs = 0): Outcome {
  const message =
    `Amazon SageMaker could not get a response from the ${endpoint} endpoint. This can occur when CPU or memory utilization is high. ` +
    "To check your utilization, see Amazon CloudWatch. To fix this problem, use an instance type with more CPU capacity or memory.";
  return { ...failure(message), waitedMs };
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
