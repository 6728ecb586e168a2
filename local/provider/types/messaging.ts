import type { Members } from "../../members";
import type { Context, ResourceType } from "../resource-type";
import { attributeText } from "../operations";

const topicAttributes = {
  applicationFailureFeedbackRoleArn: "ApplicationFailureFeedbackRoleArn",
  applicationSuccessFeedbackRoleArn: "ApplicationSuccessFeedbackRoleArn",
  applicationSuccessFeedbackSampleRate: "ApplicationSuccessFeedbackSampleRate",
  archivePolicy: "ArchivePolicy",
  contentBasedDeduplication: "ContentBasedDeduplication",
  deliveryPolicy: "DeliveryPolicy",
  displayName: "DisplayName",
  fifoThroughputScope: "FifoThroughputScope",
  fifoTopic: "FifoTopic",
  firehoseFailureFeedbackRoleArn: "FirehoseFailureFeedbackRoleArn",
  firehoseSuccessFeedbackRoleArn: "FirehoseSuccessFeedbackRoleArn",
  firehoseSuccessFeedbackSampleRate: "FirehoseSuccessFeedbackSampleRate",
  httpFailureFeedbackRoleArn: "HTTPFailureFeedbackRoleArn",
  httpSuccessFeedbackRoleArn: "HTTPSuccessFeedbackRoleArn",
  httpSuccessFeedbackSampleRate: "HTTPSuccessFeedbackSampleRate",
  kmsMasterKeyId: "KmsMasterKeyId",
  lambdaFailureFeedbackRoleArn: "LambdaFailureFeedbackRoleArn",
  lambdaSuccessFeedbackRoleArn: "LambdaSuccessFeedbackRoleArn",
  lambdaSuccessFeedbackSampleRate: "LambdaSuccessFeedbackSampleRate",
  policy: "Policy",
  signatureVersion: "SignatureVersion",
  sqsFailureFeedbackRoleArn: "SQSFailureFeedbackRoleArn",
  sqsSuccessFeedbackRoleArn: "SQSSuccessFeedbackRoleArn",
  sqsSuccessFeedbackSampleRate: "SQSSuccessFeedbackSampleRate",
  tracingConfig: "TracingConfig",
};

const subscriptionAttributes = {
  deliveryPolicy: "DeliveryPolicy",
  filterPolicy: "FilterPolicy",
  filterPolicyScope: "FilterPolicyScope",
  rawMessageDelivery: "RawMessageDelivery",
  redrivePolicy: "RedrivePolicy",
  replayPolicy: "ReplayPolicy",
  subscriptionRoleArn: "SubscriptionRoleArn",
};

const queueAttributes = {
  contentBasedDeduplication: "ContentBasedDeduplication",
  deduplicationScope: "DeduplicationScope",
  delaySeconds: "DelaySeconds",
  fifoQueue: "FifoQueue",
  fifoThroughputLimit: "FifoThroughputLimit",
  kmsDataKeyReusePeriodSeconds: "KmsDataKeyReusePeriodSeconds",
  kmsMasterKeyId: "KmsMasterKeyId",
  maxMessageSize: "MaximumMessageSize",
  messageRetentionSeconds: "MessageRetentionPeriod",
  policy: "Policy",
  receiveWaitTimeSeconds: "ReceiveMessageWaitTimeSeconds",
  redriveAllowPolicy: "RedriveAllowPolicy",
  redrivePolicy: "RedrivePolicy",
  sqsManagedSseEnabled: "SqsManagedSseEnabled",
  visibilityTimeoutSeconds: "VisibilityTimeout",
};

/** Steps of an update where AWS changes one attribute at a time. */
const oneByOne = (
  operation: string,
  attributes: Readonly<Record<string, string>>,
  identity: (context: Context) => Members,
) =>
  Object.entries(attributes).map(([name, attribute]) => ({
    operation,
    only: [],
    when: [name],
    request: (context: Context) => ({
      ...identity(context),
      AttributeName: attribute,
      AttributeValue: context.inputs[name] === undefined ? "" : attributeText(context.inputs[name]),
    }),
  }));

const fifoSuffix = (switchName: string) => (inputs: Members) => (inputs[switchName] === true ? ".fifo" : "");

/** Topics take tags only while they are made by a caller who may tag; limits: SNS and SQS API references. */
export const messaging: readonly ResourceType[] = [
  {
    token: "aws:sns/topic:Topic",
    service: "sns",
    title: "SNS Topic",
    name: { property: "name", limit: 256, suffix: fifoSuffix("fifoTopic") },
    local: ["namePrefix"],
    replace: ["name", "fifoTopic"],
    create: [{ operation: "CreateTopic", attributes: topicAttributes }],
    update: oneByOne("SetTopicAttributes", topicAttributes, ({ id }) => ({ TopicArn: id })),
    read: { operation: "GetTopicAttributes", only: [], request: ({ id }) => ({ TopicArn: id }) },
    delete: [{ operation: "DeleteTopic", only: [], request: ({ id }) => ({ TopicArn: id }) }],
    id: (answer) => String(answer.TopicArn),
    fromId: (id) => ({ name: id.slice(id.lastIndexOf(":") + 1) }),
    outputs: (answer, { id, session }) => ({ arn: answer.TopicArn ?? (id || undefined), owner: session.accountId }),
    tags: { add: "TagResource", remove: "UntagResource", identity: ({ id }) => ({ ResourceArn: id }) },
  },
  {
    token: "aws:sns/topicPolicy:TopicPolicy",
    service: "sns",
    title: "SNS Topic Policy",
    replace: ["arn"],
    create: [
      {
        operation: "SetTopicAttributes",
        only: [],
        request: ({ inputs }) => ({ TopicArn: inputs.arn, AttributeName: "Policy", AttributeValue: inputs.policy }),
      },
    ],
    read: { operation: "GetTopicAttributes", only: [], request: ({ id }) => ({ TopicArn: id }) },
    // As Terraform: the topic goes back to the policy every topic starts with.
    delete: [
      {
        operation: "SetTopicAttributes",
        only: [],
        request: ({ id, session }) => ({
          TopicArn: id,
          AttributeName: "Policy",
          AttributeValue: defaultTopicPolicy(id, session.accountId),
        }),
      },
    ],
    id: (_answer, { inputs }) => String(inputs.arn),
    fromId: (id) => ({ arn: id }),
    outputs: (_answer, { session }) => ({ owner: session.accountId }),
  },
  {
    token: "aws:sns/topicSubscription:TopicSubscription",
    service: "sns",
    title: "SNS Topic Subscription",
    rename: { topic: "TopicArn" },
    local: ["confirmationTimeoutInMinutes", "endpointAutoConfirms"],
    replace: ["topic", "protocol", "endpoint"],
    create: [
      { operation: "Subscribe", attributes: subscriptionAttributes, request: () => ({ ReturnSubscriptionArn: true }) },
    ],
    update: oneByOne("SetSubscriptionAttributes", subscriptionAttributes, ({ id }) => ({ SubscriptionArn: id })),
    read: { operation: "GetSubscriptionAttributes", only: [], request: ({ id }) => ({ SubscriptionArn: id }) },
    delete: [{ operation: "Unsubscribe", only: [], request: ({ id }) => ({ SubscriptionArn: id }) }],
    id: (answer) => String(answer.SubscriptionArn),
    fromId: () => ({}),
    outputs: (answer, { id, session, inputs }) => ({
      arn: answer.SubscriptionArn ?? (id || undefined),
      ownerId: session.accountId,
      // E-mail and web addresses must confirm; everything inside AWS counts at once.
      pendingConfirmation: /^(email|https?)/.test(String(inputs.protocol)),
      confirmationWasAuthenticated: !/^(email|https?)/.test(String(inputs.protocol)),
    }),
  },
  {
    token: "aws:sqs/queue:Queue",
    service: "sqs",
    title: "SQS Queue",
    name: { property: "name", limit: 80, suffix: fifoSuffix("fifoQueue") },
    rename: { name: "QueueName" },
    local: ["namePrefix"],
    replace: ["name", "fifoQueue"],
    create: [{ operation: "CreateQueue", attributes: queueAttributes }],
    update: [
      {
        operation: "SetQueueAttributes",
        only: [],
        attributes: queueAttributes,
        when: Object.keys(queueAttributes),
        request: ({ id }) => ({ QueueUrl: id }),
      },
    ],
    read: {
      operation: "GetQueueAttributes",
      only: [],
      request: ({ id }) => ({ QueueUrl: id, AttributeNames: ["All"] }),
    },
    delete: [{ operation: "DeleteQueue", only: [], request: ({ id }) => ({ QueueUrl: id }) }],
    id: (answer) => String(answer.QueueUrl),
    fromId: (id) => ({ name: id.slice(id.lastIndexOf("/") + 1) }),
    outputs: (answer, { id, inputs, session }) => ({
      url: answer.QueueUrl ?? (id || undefined),
      arn: session.arn("sqs", String(inputs.name)),
    }),
    tags: { add: "TagQueue", remove: "UntagQueue", identity: ({ id }) => ({ QueueUrl: id }) },
  },
  {
    token: "aws:sqs/queuePolicy:QueuePolicy",
    service: "sqs",
    title: "SQS Queue Policy",
    replace: ["queueUrl"],
    create: [{ operation: "SetQueueAttributes", only: ["queueUrl"], attributes: { policy: "Policy" } }],
    read: {
      operation: "GetQueueAttributes",
      only: [],
      request: ({ id }) => ({ QueueUrl: id, AttributeNames: ["Policy"] }),
    },
    delete: [{ operation: "SetQueueAttributes", only: ["queueUrl"], request: () => ({ Attributes: { Policy: "" } }) }],
    id: (_answer, { inputs }) => String(inputs.queueUrl),
    fromId: (id) => ({ queueUrl: id }),
  },
];

function defaultTopicPolicy(topicArn: string, accountId: string): string {
  const actions = [
    "GetTopicAttributes",
    "SetTopicAttributes",
    "AddPermission",
    "RemovePermission",
    "DeleteTopic",
    "Subscribe",
    "ListSubscriptionsByTopic",
    "Publish",
  ];
  return JSON.stringify({
    Version: "2008-10-17",
    Id: "__default_policy_ID",
    Statement: [
      {
        Sid: "__default_statement_ID",
        Effect: "Allow",
        Principal: { AWS: "*" },
        Action: actions.map((action) => `SNS:${action}`),
        Resource: topicArn,
        Condition: { StringEquals: { "AWS:SourceOwner": accountId } },
      },
    ],
  });
}
