import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import {
  CreateEventSourceMappingCommand,
  CreateFunctionCommand,
  DeleteEventSourceMappingCommand,
  GetEventSourceMappingCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  ListTagsCommand,
  UpdateEventSourceMappingCommand,
} from "@aws-sdk/client-lambda";
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import AdmZip from "adm-zip";
import type { LocalCloud } from "../../../../local/server";
import { eventually } from "../../../support/eventually";
import { sdkConfig, startTestCloud } from "../../support";

/** Sends what it got to queue `got`, and fails what says "bad". */
const echo = `
const { SQSClient, SendMessageCommand } = require("@aws-sdk/client-sqs");
exports.handler = async ({ Records }) => {
  const bodies = Records.map(({ body }) => body);
  if (bodies.includes("crash")) throw new Error("crash");
  for (const { body, eventSource, eventSourceARN, attributes } of Records)
    await new SQSClient({}).send(new SendMessageCommand({ QueueUrl: process.env.GOT, MessageBody: JSON.stringify({ body, eventSource, eventSourceARN, count: attributes.ApproximateReceiveCount, batch: bodies.length }) }));
  return { batchItemFailures: Records.filter(({ body }) => body === "bad").map(({ messageId }) => ({ itemIdentifier: messageId })) };
};`;

describe("event source mappings of queues", function () {
  let local: LocalCloud;
  let lambda: LambdaClient;
  let sqs: SQSClient;
  let iam: IAMClient;
  let got: string;
  const arnOf = (name: string) => `arn:aws:sqs:${local.cloud.region}:${local.cloud.accountId}:${name}`;

  const role = async (name: string, actions: readonly string[]): Promise<string> => {
    const trust = {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
    };
    const { Role } = await iam.send(
      new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: JSON.stringify(trust) }),
    );
    if (actions.length > 0)
      await iam.send(
        new PutRolePolicyCommand({
          RoleName: name,
          PolicyName: "duties",
          PolicyDocument: JSON.stringify({
            Version: "2012-10-17",
            Statement: [{ Effect: "Allow", Action: actions, Resource: "*" }],
          }),
        }),
      );
    return Role!.Arn!;
  };
  const queue = async (name: string, attributes: Record<string, string> = {}): Promise<string> =>
    (
      await sqs.send(
        new CreateQueueCommand({ QueueName: name, Attributes: { VisibilityTimeout: "30", ...attributes } }),
      )
    ).QueueUrl!;
  const func = (name: string, roleArn: string) => {
    const zip = new AdmZip();
    zip.addFile("index.js", Buffer.from(echo));
    return lambda.send(
      new CreateFunctionCommand({
        FunctionName: name,
        Role: roleArn,
        Runtime: "nodejs22.x",
        Handler: "index.handler",
        Timeout: 10,
        Code: { ZipFile: zip.toBuffer() },
        Environment: { Variables: { GOT: got, NODE_PATH: `${process.cwd()}/node_modules` } },
      }),
    );
  };
  const map = (queueName: string, more: object = {}) =>
    lambda.send(
      new CreateEventSourceMappingCommand({
        EventSourceArn: arnOf(queueName),
        FunctionName: "echo",
        BatchSize: 10,
        ...more,
      }),
    );
  const seen = async (): Promise<
    { body: string; eventSource: string; eventSourceARN: string; count: string; batch: number }[]
  > => {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: got, MaxNumberOfMessages: 10, VisibilityTimeout: 0 }),
    );
    return Messages.map(({ Body }) => JSON.parse(Body!));
  };
  const waiting = async (url: string): Promise<number> => {
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl: url,
        AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
      }),
    );
    return (
      Number(Attributes!["ApproximateNumberOfMessages"]) + Number(Attributes!["ApproximateNumberOfMessagesNotVisible"])
    );
  };

  before(async () => {
    local = await startTestCloud({ speed: 60 });
    [lambda, sqs, iam] = [
      new LambdaClient(sdkConfig(local)),
      new SQSClient(sdkConfig(local)),
      new IAMClient(sdkConfig(local)),
    ];
    got = await queue("got");
    await func(
      "echo",
      await role("reader", ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:SendMessage"]),
    );
    await func("blind", await role("nobody", []));
  });
  after(async () => {
    await local?.stop();
  });

  it("hand a queue's messages to the function in Lambda's shape, and delete what it handled", async () => {
    const url = await queue("plain");
    const { UUID, State } = await map("plain", { Tags: { team: "a" } });
    assert.equal(State, "Enabled");
    await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: "hello" }));
    const first = await eventually(async () => {
      const found = (await seen()).find(({ body }) => body === "hello");
      assert.ok(found);
      return found;
    });
    assert.deepEqual(first, {
      body: "hello",
      eventSource: "aws:sqs",
      eventSourceARN: arnOf("plain"),
      count: "1",
      batch: 1,
    });
    await eventually(async () => assert.equal(await waiting(url), 0));
    const shown = await lambda.send(new GetEventSourceMappingCommand({ UUID }));
    assert.deepEqual([shown.LastProcessingResult, shown.BatchSize], ["OK", 10]);
    assert.deepEqual((await lambda.send(new ListTagsCommand({ Resource: shown.EventSourceMappingArn }))).Tags, {
      team: "a",
    });
  });

  it("leave only those messages that the function says it could not handle; after maxReceiveCount they are dead letters", async () => {
    const dead = await queue("dead");
    const url = await queue("partial", {
      VisibilityTimeout: "60",
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arnOf("dead"), maxReceiveCount: 2 }),
    });
    await sqs.send(
      new SendMessageBatchCommand({
        QueueUrl: url,
        Entries: ["good", "bad"].map((MessageBody, index) => ({ Id: String(index), MessageBody })),
      }),
    );
    await map("partial", { FunctionResponseTypes: ["ReportBatchItemFailures"] });
    await eventually(async () => assert.equal(await waiting(dead), 1));
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: dead }));
    assert.equal(Messages![0]!.Body, "bad");
    assert.equal(await waiting(url), 0);
    const { EventSourceMappings } = await lambda.send(
      new ListEventSourceMappingsCommand({ EventSourceArn: arnOf("partial") }),
    );
    assert.equal(EventSourceMappings![0]!.LastProcessingResult, "PROBLEM: Function call failed");
  });

  it("gather what comes within the batching window, also what comes by a batch, into one call", async () => {
    const url = await queue("slow");
    await map("slow", { MaximumBatchingWindowInSeconds: 120 });
    await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: "one" }));
    await delay(300);
    await sqs.send(
      new SendMessageBatchCommand({
        QueueUrl: url,
        Entries: ["two", "three"].map((MessageBody) => ({ Id: MessageBody, MessageBody })),
      }),
    );
    await eventually(async () => {
      const found = (await seen()).filter(({ body }) => ["one", "two", "three"].includes(body));
      assert.deepEqual(
        found.map(({ batch }) => batch),
        [3, 3, 3],
      );
    });
  });

  it("leave the whole batch when the function fails", async () => {
    const url = await queue("failing", { VisibilityTimeout: "3600" });
    await sqs.send(
      new SendMessageBatchCommand({
        QueueUrl: url,
        Entries: ["crash", "beside"].map((MessageBody, index) => ({ Id: String(index), MessageBody })),
      }),
    );
    const { UUID } = await map("failing");
    await eventually(async () =>
      assert.equal(
        (await lambda.send(new GetEventSourceMappingCommand({ UUID }))).LastProcessingResult,
        "PROBLEM: Function call failed",
      ),
    );
    assert.equal(await waiting(url), 2);
    await lambda.send(new DeleteEventSourceMappingCommand({ UUID }));
  });

  it("stand still while they are disabled, and when they are deleted", async () => {
    const url = await queue("still");
    const { UUID } = await map("still", { Enabled: false });
    await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: "later" }));
    await delay(500);
    assert.equal(await waiting(url), 1);
    await lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: true }));
    await eventually(async () => assert.equal(await waiting(url), 0));
    await lambda.send(new DeleteEventSourceMappingCommand({ UUID }));
    await assert.rejects(lambda.send(new GetEventSourceMappingCommand({ UUID })), {
      name: "ResourceNotFoundException",
    });
    await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: "never" }));
    await delay(500);
    assert.equal(await waiting(url), 1);
  });

  it("are refused where Lambda refuses them", async () => {
    await queue("short", { VisibilityTimeout: "5" });
    const refused: [object, RegExp][] = [
      [
        { EventSourceArn: arnOf("short") },
        /Queue visibility timeout: 5 seconds is less than Function timeout: 10 seconds/,
      ],
      [{ FunctionName: "blind" }, /execution role does not have permissions to call/],
      [{ BatchSize: 100 }, /Maximum batch window in seconds must be greater than 0/],
      [
        { EventSourceArn: arnOf("none") },
        /SQS Error Code: \S+\. SQS Error Message: The specified queue does not exist/,
      ],
      [
        { EventSourceArn: `arn:aws:dynamodb:${local.cloud.region}:${local.cloud.accountId}:table/t/stream/s` },
        /maps SQS queues only/,
      ],
      [{ FilterCriteria: { Filters: [{ Pattern: "{}" }] } }, /does not take FilterCriteria/],
    ];
    for (const [more, words] of refused)
      await assert.rejects(
        map("got", more),
        (error: Error) => error.name === "InvalidParameterValueException" && words.test(error.message),
      );
    await assert.rejects(map("plain"), { name: "ResourceConflictException" });
    await assert.rejects(map("got", { FunctionName: "missing" }), { name: "ResourceNotFoundException" });
  });
});
