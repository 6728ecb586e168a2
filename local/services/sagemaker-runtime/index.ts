import type { Call, Requirement } from "../../call";
import type { Cloud } from "../../cloud";
import { AwsError } from "../../errors";
import type { Members } from "../../members";
import type { Service } from "../../service";
import type { ContainerAnswer } from "../sagemaker/hosting/fleets/instance";
import { hostingOf, type Hosting } from "../sagemaker/hosting/offer";
import { endpointLogGroup } from "../sagemaker/hosting/serving";
import { Delivery } from "./delivery";
import { header, type Arrived } from "./sending";

/** `OriginalMessage` of a ModelError is cut off here. */
const MESSAGE_LIMIT = 1024;

/** Amazon SageMaker Runtime: InvokeEndpoint. */
export function createSageMakerRuntime(cloud: Cloud): Service {
  let parts: { hosting: Hosting; delivery: Delivery } | undefined;
  const runtime = () => {
    if (!parts) {
      const hosting = hostingOf(cloud);
      parts = { hosting, delivery: new Delivery(cloud, hosting) };
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
    stop: () => parts?.delivery.stop(),
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
  { hosting, delivery }: { hosting: Hosting; delivery: Delivery },
  input: Members,
  call: Call,
): Promise<Members> {
  const began = performance.now();
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
  const request: Arrived = { endpoint: name, input, body: toBuffer(input.Body), atMs: call.now.getTime(), began };
  if (route.copy) delivery.copy(route.copy, request);
  const answer = await delivery.deliver(route, request);
  if (answer.status === 0 || answer.status >= 400) throw modelError(cloud, name, answer);
  return {
    Body: answer.body,
    ContentType: header(answer, "content-type"),
    InvokedProductionVariant: route.variant,
    CustomAttributes: header(answer, "x-amzn-sagemaker-custom-attributes"),
  };
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

function toBuffer(body: unknown): Buffer {
  if (Buffer.isBuffer(body)) return body;
  if (body instanceof Uint8Array) return Buffer.from(body);
  return Buffer.from(String(body ?? ""), "utf8");
}
