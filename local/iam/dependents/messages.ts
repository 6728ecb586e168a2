import type { Call, Requirement } from "../../call";
import type { Members } from "../../members";
import { AwsError } from "../../errors";
import type { Principal } from "../principal";
import type { DependentFacts } from "./facts";
import { useKey } from "./keys";
import type { DependentRule, DependentTable } from "./table";

/**
 * What it takes to send to an encrypted topic or queue: a data key, and reading it back (SNS and SQS developer guides,
 * "Key management").
 */
const send = ["GenerateDataKey", "Decrypt"];

/**
 * EventBridge tells KMS neither account nor rule (EventBridge user guide, "Encrypting dead-letter queues" and SNS
 * topics with keys).
 */
function asKmsHearsOf(principal: Principal): Principal {
  return principal.arn === "events.amazonaws.com" ? { ...principal, sourceArn: undefined, unnamed: true } : principal;
}

function messages(
  facts: DependentFacts,
  call: Call,
  service: "sns" | "sqs",
  arn: string,
  actions: readonly string[],
): Requirement[] {
  const principal = asKmsHearsOf(call.principal);
  return useKey(facts, call, {
    key: facts.keyOf(arn)?.key,
    via: service,
    actions,
    encryptionContext: { [service === "sns" ? "aws:sns:topicArn" : "aws:sqs:arn"]: arn },
    ...(principal === call.principal ? {} : { principal }),
  });
}

const queueArn = (facts: DependentFacts, input: Members): string =>
  facts.arn("sqs", String(input.QueueUrl).split("/").pop() ?? "");
const topic: DependentRule = {
  asks: "`kms:GenerateDataKey`, `kms:Decrypt` on the topic's key, of the caller or of the service that publishes; then, for each queue, `sqs:SendMessage` and its key of `sns.amazonaws.com`, for the topic",
  before: (input, call, facts) => messages(facts, call, "sns", String(input.TopicArn ?? input.TargetArn), send),
};
const queue = (actions: readonly string[]): DependentRule => ({
  asks: `${actions.map((action) => `\`kms:${action}\``).join(", ")} on the queue's key, of the caller or of the service that sends`,
  before: (input, call, facts) => messages(facts, call, "sqs", queueArn(facts, input), actions),
});

/** What SNS needs to hand a message on to an encrypted queue. */
export function keyOfQueue(facts: DependentFacts, call: Call, arn: string): Requirement[] {
  return messages(facts, call, "sqs", arn, send);
}

/**
 * CloudWatch Logs uses the key as itself, for one group: the key's policy has to name the service (CloudWatch Logs user
 * guide, "Encrypt log data"). Which of the actions of AWS's example it tries when the key is set is not written down:
 * all are asked for.
 */
const logKey = (input: Members, call: Call, facts: DependentFacts): Requirement[] => {
  const arn = logGroup(input, facts);
  const host = `logs.${facts.region}.amazonaws.com`;
  const principal: Principal = { type: "service", arn: host, accountId: facts.accountId, id: host, sourceArn: arn };
  return useKey(facts, call, {
    key: input.kmsKeyId,
    via: "logs",
    actions: ["Encrypt", "Decrypt", "GenerateDataKey", "DescribeKey"],
    encryptionContext: { "aws:logs:arn": arn },
    principal,
  });
};
const logGroup = (input: Members, facts: DependentFacts): string =>
  facts.arn(
    "logs",
    `log-group:${String(
      input.logGroupName ??
        String(input.resourceIdentifier)
          .replace(/^.*:log-group:/, "")
          .replace(/:\*$/, ""),
    )}`,
  );
const logs: DependentRule = {
  asks: "`kms:Encrypt`, `kms:Decrypt`, `kms:GenerateDataKey`, `kms:DescribeKey` of `logs.<region>.amazonaws.com` on the group's key, for that group (believed: all of them)",
  before: logKey,
  refusal: (_requirement, _message, input, facts) =>
    new AwsError(
      "AccessDeniedException",
      `The specified KMS key does not exist or is not allowed to be used with Arn '${logGroup(input, facts)}'`,
      400,
    ),
};

export const messageDependents: DependentTable = {
  "sns:Publish": topic,
  "sns:PublishBatch": topic,
  "sqs:SendMessage": queue(send),
  "sqs:SendMessageBatch": queue(send),
  "sqs:ReceiveMessage": queue(["Decrypt"]),
  "logs:CreateLogGroup": logs,
  "logs:AssociateKmsKey": logs,
};
