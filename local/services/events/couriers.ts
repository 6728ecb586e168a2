import { createHash } from "node:crypto";
import type { Cloud } from "../../cloud";
import type { Members } from "../../members";
import { AwsError } from "../../errors";
import type { Principal } from "../../iam/principal";
import type { Courier, Delivery } from "./delivery/engine";

const HOST = "events.amazonaws.com";

/** EventBridge itself, acting for a rule: resource policies name it and the rule's ARN (`aws:SourceArn`). */
function servicePrincipal(cloud: Cloud, ruleArn: string): Principal {
  return { type: "service", arn: HOST, accountId: cloud.accountId, id: HOST, sourceArn: ruleArn };
}

/** The target kinds that the local cloud delivers to, by the service in their ARN. */
export const DELIVERED_SERVICES = ["lambda", "sns", "sqs", "sagemaker", "logs", "events", "codebuild"] as const;

/**
 * Hands events to targets as AWS does: with the target's role where it has one, else as EventBridge under the target's
 * resource policy. @param forward puts an event on another bus.
 */
export function couriers(cloud: Cloud, forward: (busArn: string, event: string) => void): Courier {
  const caller = (delivery: Delivery): Principal =>
    delivery.target.RoleArn === undefined
      ? servicePrincipal(cloud, delivery.ruleArn)
      : cloud.internals.assume(delivery.target.RoleArn, HOST, createHash("md5").update(delivery.id).digest("hex"));

  const role = (delivery: Delivery): Principal => {
    if (delivery.target.RoleArn === undefined)
      throw new AwsError("AccessDeniedException", `Target ${delivery.target.Arn} needs a RoleArn.`, 403);
    return caller(delivery);
  };

  const call = async (principal: Principal, service: string, operation: string, input: Members): Promise<void> =>
    void (await cloud.as(principal, service, operation, input, HOST));

  /**
   * Another bus takes an event from whoever may put events there: the rule's role, or EventBridge under the bus's own
   * policy.
   */
  const putAs = (principal: Principal, busArn: string, event: string): void => {
    const input = { Entries: [{ EventBusName: busArn }] };
    cloud.authoriser.authorise(
      cloud.services.get("events")!,
      input,
      cloud.asked(principal, "events", "PutEvents", HOST),
    );
    forward(busArn, event);
  };

  return {
    async deliver(delivery) {
      const { Arn: arn, SqsParameters, SageMakerPipelineParameters } = delivery.target;
      const { input } = delivery;
      const [, , service, region, account, ...rest] = arn.split(":");
      const resource = rest.join(":");
      switch (service) {
        case "lambda":
          return call(caller(delivery), "lambda", "Invoke", {
            FunctionName: arn,
            InvocationType: "Event",
            Payload: Buffer.from(input),
          });
        case "sns":
          return call(caller(delivery), "sns", "Publish", { TopicArn: arn, Message: input });
        case "sqs":
          return call(caller(delivery), "sqs", "SendMessage", {
            QueueUrl: queueUrl(region!, account!, resource),
            MessageBody: input,
            ...(SqsParameters?.MessageGroupId ? { MessageGroupId: SqsParameters.MessageGroupId } : {}),
          });
        case "sagemaker":
          return call(role(delivery), "sagemaker", "StartPipelineExecution", {
            PipelineName: resource.replace(/^pipeline\//, ""),
            PipelineParameters: SageMakerPipelineParameters?.PipelineParameterList ?? [],
            ClientRequestToken: onceToken(delivery),
          });
        case "logs":
          return cloud.internals.log(resource.replace(/^log-group:/, "").replace(/:\*$/, ""), delivery.eventId, [
            input,
          ]);
        case "events":
          return putAs(caller(delivery), arn, input);
        case "codebuild":
          return call(role(delivery), "codebuild", "StartBuild", {
            projectName: resource.replace(/^project\//, ""),
            idempotencyToken: onceToken(delivery),
            ...buildOverrides(delivery),
          });
        default:
          throw new AwsError(
            "UnsupportedTarget",
            `The local cloud does not deliver events to ${service}; it delivers to ${DELIVERED_SERVICES.join(", ")}.`,
          );
      }
    },

    async bury(delivery, queueArn, attributes) {
      const [, , , region, account, name] = queueArn.split(":");
      await call(servicePrincipal(cloud, delivery.ruleArn), "sqs", "SendMessage", {
        QueueUrl: queueUrl(region!, account!, name!),
        MessageBody: delivery.input,
        MessageAttributes: attributes,
      });
    },
  };
}

/** The same event delivered twice starts one execution or build. */
function onceToken(delivery: Delivery): string {
  return createHash("sha256").update(`${delivery.eventId} ${delivery.ruleArn} ${delivery.target.Id}`).digest("hex");
}

/** A rule's constant input overrides the build's settings; an event as such does not. */
function buildOverrides(delivery: Delivery): Members {
  return delivery.target.Input === undefined && delivery.target.InputTransformer === undefined
    ? {}
    : (JSON.parse(delivery.input) as Members);
}

function queueUrl(region: string, account: string, name: string): string {
  return `https://sqs.${region}.amazonaws.com/${account}/${name}`;
}
