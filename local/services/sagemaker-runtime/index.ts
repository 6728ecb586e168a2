import type { Call, Requirement } from "../../call";
import type { Cloud } from "../../cloud";
import type { Members } from "../../members";
import type { Service } from "../../service";
import {
  INVOCATION_TIMEOUT_MS,
  InstanceUnreachable,
  InvocationTimeout,
  type ContainerAnswer,
  type Instance,
} from "../sagemaker/hosting/fleets/instance";
import type { Route } from "../sagemaker/hosting/rollouts/router";
import { AwsError } from "../../errors";
import { hostingOf, type Hosting } from "../sagemaker/hosting/offer";
import { endpointLogGroup } from "../sagemaker/hosting/serving";
import { DataCapture } from "./capture";
import { exchange, LostWhileHandling } from "./exchange";
import { InvocationMetrics } from "./metrics";

/** `OriginalMessage` of a ModelError is cut off here. */
const MESSAGE_LIMIT = 1024;

/** What came of a request: the container's answer, or what stands in its place (status 0 when it gave none). */
interface Outcome extends ContainerAnswer {
  /** SageMaker's own refusal, when no container was asked. */
  readonly refusal?: AwsError;
  /** How long SageMaker waited, where that is not the time measured here. */
  readonly modelMicros?: number;
}

/** Amazon SageMaker Runtime: InvokeEndpoint. */
export function createSageMakerRuntime(cloud: Cloud): Service {
  let parts: { hosting: Hosting; capture: DataCapture; metrics: InvocationMetrics } | undefined;
  const runtime = () => {
    if (!parts) {
      const hosting = hostingOf(cloud);
      parts = { hosting, capture: new DataCapture(hosting.context), metrics: new InvocationMetrics(cloud) };
    }
    return parts;
  };
  return {
    id: "sagemaker-runtime",
    iamPrefix: "sagemaker",
    operations: {
      InvokeEndpoint: (input, call) => invoke(cloud, runtime(), input, call),
    },
    permissions: { InvokeEndpoint: (input): Requirement[] => [invokeRequirement(cloud, input)] },
    stop: async () => {
      parts?.metrics.flush();
      await parts?.capture.flush();
    },
  };
}

function invokeRequirement(cloud: Cloud, input: Members): Requirement {
  const context: Requirement["context"] = input.TargetModel
    ? { "sagemaker:TargetModel": String(input.TargetModel) }
    : undefined;
  return {
    action: "sagemaker:InvokeEndpoint",
    resource: cloud.arn("sagemaker", `endpoint/${input.EndpointName}`),
    context,
  };
}

async function invoke(
  cloud: Cloud,
  { hosting, capture, metrics }: { hosting: Hosting; capture: DataCapture; metrics: InvocationMetrics },
  input: Members,
  call: Call,
): Promise<Members> {
  const began = process.hrtime.bigint();
  const name = input.EndpointName as string;
  const router = await hosting.deployments.router(name);
  if (!router) throw validationError(`Endpoint ${name} of account ${cloud.accountId} not found.`);
  if (input.TargetModel)
    throw validationError(`Endpoint ${name} is not a multi-model endpoint and does not support target model header.`);
  if (input.InferenceComponentName) throw validationError(`Endpoint ${name} does not use inference components.`);
  const route = router.route(input.TargetVariant);
  if (!route)
    throw validationError(
      `Variant ${input.TargetVariant} of endpoint ${name} of account ${cloud.accountId} not found.`,
    );

  // Taken before the answer: an update may end meanwhile, and this request still counts to the old configuration.
  const deployed = hosting.records.deployed(name, route.configName);
  const body = toBuffer(input.Body);
  const sent = process.hrtime.bigint();
  const answer = await send(cloud, name, route, input, body);
  const answered = process.hrtime.bigint();

  if (deployed?.capture && answer.status > 0 && !answer.refusal) {
    capture.offer({
      endpoint: name,
      variant: route.variant,
      roleArn: deployed.variants[0]!.container.roleArn,
      vpc: deployed.variants[0]!.container.vpc,
      config: deployed.capture,
      input: { contentType: input.ContentType ?? "application/octet-stream", body },
      output: { contentType: header(answer, "content-type") ?? "application/octet-stream", body: answer.body },
      inferenceId: input.InferenceId,
      atMs: call.now.getTime(),
    });
  }
  metrics.record({
    endpoint: name,
    variant: route.variant,
    configName: route.configName,
    instances: route.fleet.size,
    status: answer.status,
    modelMicros: answer.modelMicros ?? Number(answered - sent) / 1000,
    overheadMicros: Number(sent - began + (process.hrtime.bigint() - answered)) / 1000,
  });
  if (answer.refusal) throw answer.refusal;
  if (answer.status === 0 || answer.status >= 400) throw modelError(cloud, name, answer);
  return {
    Body: answer.body,
    ContentType: header(answer, "content-type"),
    InvokedProductionVariant: route.variant,
    CustomAttributes: header(answer, "x-amzn-sagemaker-custom-attributes"),
  };
}

/** Sends to an instance in service; one that has just gone is passed over once. */
async function send(cloud: Cloud, endpoint: string, route: Route, input: Members, body: Buffer): Promise<Outcome> {
  const place = { endpoint, variant: route.variant, config: route.configName };
  let tried: Instance | undefined;
  for (;;) {
    const instance = route.fleet.pick(tried);
    if (!instance) {
      const refusal = new AwsError(
        "ServiceUnavailable",
        `No instance of variant ${route.variant} is in service. Please try again.`,
        503,
      );
      return { ...failure(refusal.message), status: 503, refusal };
    }
    try {
      return await exchange(cloud, place, instance, { path: "/invocations", headers: containerHeaders(input), body });
    } catch (error) {
      if (error instanceof InvocationTimeout) {
        const message =
          "Your invocation timed out while waiting for a response from container primary. Review the latency metrics for each container in Amazon CloudWatch, resolve the issue, and try again.";
        return { ...failure(message), modelMicros: INVOCATION_TIMEOUT_MS * 1000 };
      }
      const lost = error instanceof LostWhileHandling;
      if (!lost && !(error instanceof InstanceUnreachable)) throw error;
      if (lost || tried) return failure(`The connection to the container was lost: ${error.message}`);
      tried = instance;
    }
  }
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

/** What SageMaker answers for a container that answered an error, or nothing. */
function modelError(cloud: Cloud, endpoint: string, answer: ContainerAnswer): AwsError {
  const kind = answer.status >= 400 && answer.status < 500 ? "client" : "server";
  const message = answer.body.toString("utf8").slice(0, MESSAGE_LIMIT);
  const group = endpointLogGroup(endpoint);
  const viewer = `https://${cloud.region}.console.aws.amazon.com/cloudwatch/home?region=${cloud.region}#logEventViewer:group=${group}`;
  return new AwsError(
    "ModelError",
    `Received ${kind} error (${answer.status}) from primary with message "${message}". See ${viewer} in account ${cloud.accountId} for more information.`,
    424,
    {
      OriginalStatusCode: answer.status,
      OriginalMessage: message,
      LogStreamArn: cloud.arn("logs", `log-group:${group}`),
    },
  );
}

function validationError(message: string): AwsError {
  return new AwsError("ValidationError", message);
}

function header(answer: ContainerAnswer, name: string): string | undefined {
  const value = answer.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function toBuffer(body: unknown): Buffer {
  if (Buffer.isBuffer(body)) return body;
  if (body instanceof Uint8Array) return Buffer.from(body);
  return Buffer.from(String(body ?? ""), "utf8");
}
