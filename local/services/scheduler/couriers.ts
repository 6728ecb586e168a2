import { createHash } from "node:crypto";
import type { Cloud } from "../../cloud";
import type { Members } from "../../members";
import type { Courier, Delivery } from "../events/delivery/engine";
import { AwsError, validationException } from "../../errors";
import type { Principal } from "../../iam/principal";
import { type ScheduleStore, type ScheduleTarget, scheduleKey } from "./store";

const HOST = "scheduler.amazonaws.com";
/** Operations that only read have no place in a schedule (Scheduler user guide, "Using universal targets"). */
const readOnly =
  /^(get|describe|list|poll|receive|search|scan|query|select|read|lookup|discover|validate|batchGet|batchDescribe|batchRead|transactGet|adminGet|adminList|testMigration|retrieve|testConnection|translateDocument|isAuthorized|invokeModel)/;
/** SDK names of services whose folder in botocore is called otherwise. */
const folders: Readonly<Record<string, string>> = {
  eventbridge: "events",
  cloudwatchlogs: "logs",
  sagemakerruntime: "sagemaker-runtime",
  applicationautoscaling: "application-autoscaling",
};

interface Request {
  readonly service: string;
  readonly operation: string;
  readonly input: Members;
}

/** Carries out schedules: every call is made with the target's role, as Scheduler does. */
export function scheduleCouriers(cloud: Cloud, store: ScheduleStore): Courier {
  const role = ({ target, busName, id }: Delivery): Principal =>
    cloud.internals.assume(target.RoleArn!, HOST, createHash("md5").update(id).digest("hex"), store.groupArn(busName));
  return {
    async deliver(delivery) {
      const known = store.schedules.get(scheduleKey(delivery.busName, delivery.ruleName));
      const { service, operation, input } = requestOf(
        delivery.target as ScheduleTarget,
        delivery.input,
        delivery.eventId,
      );
      await cloud.as(role(delivery), service, operation, input, HOST);
      // The last time of a schedule that asked for it takes the schedule away.
      if (known?.afterCompletion === "DELETE" && known.expression.startsWith("at("))
        store.schedules.delete(scheduleKey(known.group, known.name));
    },
    async bury(delivery, queueArn, attributes) {
      await cloud.as(
        role(delivery),
        "sqs",
        "SendMessage",
        { QueueUrl: queueUrl(queueArn), MessageBody: delivery.input, MessageAttributes: attributes },
        HOST,
      );
    },
  };
}

/** What is wrong with a target: @throws ValidationException in Scheduler's words where they are known. */
export function checkTarget(target: ScheduleTarget): void {
  if (!target.RoleArn) throw validationException("RoleArn is required.");
  requestOf(target, target.Input ?? "{}", "check");
}

/** The AWS operation that a target stands for. @param once the same for every attempt of one invocation. */
function requestOf(target: ScheduleTarget, input: string, once: string): Request {
  const universal = /^arn:aws[a-z-]*:scheduler:::aws-sdk:([a-z0-9-]+):([a-zA-Z0-9]+)$/.exec(target.Arn);
  if (universal) return universalRequest(universal[1]!, universal[2]!, input);
  const [, , service, , , ...rest] = target.Arn.split(":");
  const resource = rest.join(":");
  switch (service) {
    case "lambda":
      return {
        service,
        operation: "Invoke",
        input: { FunctionName: target.Arn, InvocationType: "Event", Payload: Buffer.from(input) },
      };
    case "sns":
      return { service, operation: "Publish", input: { TopicArn: target.Arn, Message: input } };
    case "sqs":
      return {
        service,
        operation: "SendMessage",
        input: {
          QueueUrl: queueUrl(target.Arn),
          MessageBody: input,
          ...(target.SqsParameters?.MessageGroupId ? { MessageGroupId: target.SqsParameters.MessageGroupId } : {}),
        },
      };
    case "events": {
      const { DetailType, Source } = target.EventBridgeParameters ?? {};
      if (!DetailType || !Source)
        throw validationException("EventBridgeParameters are required for an EventBridge event bus.");
      return {
        service,
        operation: "PutEvents",
        input: { Entries: [{ EventBusName: target.Arn, DetailType, Source, Detail: input }] },
      };
    }
    case "sagemaker":
      return {
        service,
        operation: "StartPipelineExecution",
        input: {
          PipelineName: resource.replace(/^pipeline\//, ""),
          PipelineParameters: target.SageMakerPipelineParameters?.PipelineParameterList ?? [],
          ClientRequestToken: token(once),
        },
      };
    case "codebuild":
      return {
        service,
        operation: "StartBuild",
        input: { projectName: resource.replace(/^project\//, ""), idempotencyToken: token(once) },
      };
    default:
      throw validationException(
        `Provided Arn is not in correct format or not a target that the local cloud delivers to: ${target.Arn}`,
      );
  }
}

function universalRequest(service: string, action: string, input: string): Request {
  if (readOnly.test(action))
    throw validationException(`${action} is a read-only operation, which EventBridge Scheduler does not support.`);
  let members: Members;
  try {
    members = JSON.parse(input) as Members;
  } catch {
    throw validationException("Input is not valid JSON.");
  }
  return {
    service: folders[service] ?? service,
    operation: action[0]!.toUpperCase() + action.slice(1),
    input: members,
  };
}

function token(once: string): string {
  return createHash("sha256").update(once).digest("hex");
}

function queueUrl(arn: string): string {
  const [, , , region, account, name] = arn.split(":");
  if (!name) throw new AwsError("ValidationException", `${arn} is not the ARN of a queue.`);
  return `https://sqs.${region}.amazonaws.com/${account}/${name}`;
}
