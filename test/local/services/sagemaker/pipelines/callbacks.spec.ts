import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import type { Cloud } from "../../../../../local/cloud";
import type { Members } from "../../../../../local/members";
import { AwsError } from "../../../../../local/errors";
import { pipelinesOf } from "../../../../../local/services/sagemaker/pipelines";
import { fakeService, permissiveCloud, send, until } from "../../permissive-cloud";
import { makeTemporaryFolder } from "../../../../support/temporary-folder";

const RoleArn = "arn:aws:iam::111122223333:role/pipeline";
const queue = "https://sqs.eu-central-1.amazonaws.com/111122223333/trials";

interface Message {
  readonly token: string;
  readonly pipelineExecutionArn: string;
  readonly arguments: Members;
  readonly status: string;
}

/** A cloud whose queue keeps what it is sent. */
function setUp(options: { stateDir?: string; refuse?: boolean } = {}) {
  const { cloud } = permissiveCloud({ stateDir: options.stateDir });
  const sent: { queueUrl: string; message: Message; by: string }[] = [];
  const pipelines = pipelinesOf(cloud);
  fakeService(cloud, "sagemaker", pipelines.operations as never);
  fakeService(cloud, "sqs", {
    SendMessage(input, call) {
      if (options.refuse)
        throw new AwsError("AccessDenied", "User: x is not authorized to perform: sqs:sendmessage", 403);
      sent.push({
        queueUrl: input["QueueUrl"],
        message: JSON.parse(input["MessageBody"]) as Message,
        by: call.principal.arn,
      });
      return { MessageId: String(sent.length) };
    },
  });
  const invoked: Members[] = [];
  fakeService(cloud, "lambda", {
    Invoke: (input) => (
      invoked.push(JSON.parse(String(input["Payload"])) as Members),
      { StatusCode: 200, Payload: Buffer.from("{}") }
    ),
  });
  return { cloud, sent, invoked, pipelines };
}

const trial = {
  Name: "Trial",
  Type: "Callback",
  SqsQueueUrl: queue,
  Arguments: { package: { "Std:Join": { On: "/", Values: ["arn", { Get: "Execution.PipelineName" }] } }, count: 3 },
  OutputParameters: [
    { OutputName: "summary", OutputType: "String" },
    { OutputName: "images", OutputType: "Integer" },
  ],
};
const tell = {
  Name: "Tell",
  Type: "Lambda",
  FunctionArn: "arn:aws:lambda:eu-central-1:111122223333:function:tell",
  Arguments: {
    outcome: { Get: "Steps.Trial.OutputParameters['summary']" },
    images: { Get: "Steps.Trial.OutputParameters['images']" },
  },
};

async function start(cloud: Cloud, steps: unknown[] = [trial, tell]): Promise<string> {
  await send(cloud, "sagemaker", "CreatePipeline", {
    PipelineName: "p",
    ClientRequestToken: "c".repeat(32),
    RoleArn,
    PipelineDefinition: JSON.stringify({ Version: "2020-12-01", Steps: steps }),
  });
  return (
    await send(cloud, "sagemaker", "StartPipelineExecution", { PipelineName: "p", ClientRequestToken: "s".repeat(32) })
  )["PipelineExecutionArn"] as string;
}
const statusOf = async (cloud: Cloud, arn: string): Promise<string> =>
  (await send(cloud, "sagemaker", "DescribePipelineExecution", { PipelineExecutionArn: arn }))[
    "PipelineExecutionStatus"
  ];
const ends = (cloud: Cloud, arn: string, wanted: string) =>
  until(async () => (await statusOf(cloud, arn)) === wanted, `the execution is ${wanted}`);
const stepOf = async (cloud: Cloud, arn: string): Promise<Members> =>
  (await send(cloud, "sagemaker", "ListPipelineExecutionSteps", { PipelineExecutionArn: arn }))[
    "PipelineExecutionSteps"
  ].find((step: Members) => step["StepName"] === "Trial");
const succeed = (cloud: Cloud, token: string, outputs: Members = { summary: "fine", images: "5" }) =>
  send(cloud, "sagemaker", "SendPipelineExecutionStepSuccess", {
    CallbackToken: token,
    OutputParameters: Object.entries(outputs).map(([Name, Value]) => ({ Name, Value })),
  });
const fail = (cloud: Cloud, token: string, FailureReason?: string) =>
  send(cloud, "sagemaker", "SendPipelineExecutionStepFailure", { CallbackToken: token, FailureReason });

describe("callback steps", () => {
  it("send a token and the arguments to the queue as the pipeline's role, and wait", async () => {
    const { cloud, sent } = setUp();
    const arn = await start(cloud);
    await until(() => sent.length === 1, "the message was sent");
    const [{ queueUrl, message, by }] = sent as [(typeof sent)[0]];
    assert.deepEqual(
      [queueUrl, message.pipelineExecutionArn, message.arguments, message.status],
      [queue, arn, { package: "arn/p", count: 3 }, "Executing"],
    );
    assert.match(message.token, /^[a-zA-Z0-9]{10}$/);
    assert.match(by, /assumed-role\/pipeline\//);
    await delay(50);
    assert.equal(await statusOf(cloud, arn), "Executing");
    assert.deepEqual((await stepOf(cloud, arn))["Metadata"], {
      Callback: { CallbackToken: message.token, SqsQueueUrl: queue },
    });
    await fail(cloud, message.token);
  });

  it("succeed by their token, and hand typed outputs to later steps", async () => {
    const { cloud, sent, invoked } = setUp();
    const arn = await start(cloud);
    await until(() => sent.length === 1, "the message was sent");
    assert.deepEqual(await succeed(cloud, sent[0]!.message.token), { PipelineExecutionArn: arn });
    await ends(cloud, arn, "Succeeded");
    assert.deepEqual(invoked, [{ outcome: "fine", images: 5 }]);
    assert.deepEqual((await stepOf(cloud, arn))["Metadata"].Callback.OutputParameters, [
      { Name: "summary", Value: "fine" },
      { Name: "images", Value: "5" },
    ]);
  });

  it("fail with the reason that they were given, and start nothing after them", async () => {
    const { cloud, sent, invoked } = setUp();
    const arn = await start(cloud);
    await until(() => sent.length === 1, "the message was sent");
    await fail(cloud, sent[0]!.message.token, "staging refused it");
    await ends(cloud, arn, "Failed");
    assert.equal((await stepOf(cloud, arn))["FailureReason"], "staging refused it");
    assert.deepEqual(invoked, []);
  });

  it("fail when they are ended without an output that they declare", async () => {
    const { cloud, sent } = setUp();
    const arn = await start(cloud);
    await until(() => sent.length === 1, "the message was sent");
    await succeed(cloud, sent[0]!.message.token, { summary: "fine" });
    await ends(cloud, arn, "Failed");
    assert.match((await stepOf(cloud, arn))["FailureReason"], /without output parameter\(s\) images/);
  });

  it("fail with AWS's words when the pipeline may not write to the queue", async () => {
    const { cloud } = setUp({ refuse: true });
    const arn = await start(cloud);
    await ends(cloud, arn, "Failed");
    assert.match(
      (await stepOf(cloud, arn))["FailureReason"],
      /Failed to invoke sqs:SendMessage\. Error Details: .*not authorized/,
    );
  });

  it("take a token once: the same answer again is the same request, another one is a conflict, an unknown token is none", async () => {
    const { cloud, sent } = setUp();
    const arn = await start(cloud);
    await until(() => sent.length === 1, "the message was sent");
    const { token } = sent[0]!.message;
    const [first, second] = await Promise.allSettled([succeed(cloud, token), fail(cloud, token, "no")]);
    assert.deepEqual(
      [first.status, second.status === "rejected" && (second.reason as AwsError).code],
      ["fulfilled", "ConflictException"],
    );
    assert.deepEqual(await succeed(cloud, token), { PipelineExecutionArn: arn });
    await assert.rejects(fail(cloud, token, "no"), { code: "ConflictException" });
    await assert.rejects(fail(cloud, "0123456789", "no"), { code: "ResourceNotFound" });
    await ends(cloud, arn, "Succeeded");
  });

  it("are told when the execution is stopped, and end it only when they are ended", async () => {
    const { cloud, sent, invoked } = setUp();
    const arn = await start(cloud);
    await until(() => sent.length === 1, "the message was sent");
    const { token } = sent[0]!.message;
    await send(cloud, "sagemaker", "StopPipelineExecution", {
      PipelineExecutionArn: arn,
      ClientRequestToken: "x".repeat(32),
    });
    await until(() => sent.length === 2, "the second message was sent");
    assert.deepEqual(sent[1]!.message, { ...sent[0]!.message, status: "Stopping" });
    assert.deepEqual([await statusOf(cloud, arn), (await stepOf(cloud, arn))["StepStatus"]], ["Stopping", "Stopping"]);
    await succeed(cloud, token);
    await ends(cloud, arn, "Stopped");
    assert.deepEqual(invoked, []);
  });

  it("go on waiting after the local cloud was killed, for the same token and without a second message", async () => {
    const stateDir = makeTemporaryFolder("callbacks");
    const first = setUp({ stateDir });
    const arn = await start(first.cloud);
    await until(() => first.sent.length === 1, "the message was sent");
    first.pipelines.stop();
    first.cloud.journal.flush();
    const second = setUp({ stateDir });
    second.pipelines.start();
    await succeed(second.cloud, first.sent[0]!.message.token);
    await ends(second.cloud, arn, "Succeeded");
    assert.equal(second.sent.length, 0);
    second.pipelines.stop();
  });

  it("get a new token when the execution is retried; the old one is spent", async () => {
    const { cloud, sent } = setUp();
    const arn = await start(cloud);
    await until(() => sent.length === 1, "the message was sent");
    await fail(cloud, sent[0]!.message.token, "capacity");
    await ends(cloud, arn, "Failed");
    await send(cloud, "sagemaker", "RetryPipelineExecution", {
      PipelineExecutionArn: arn,
      ClientRequestToken: "r".repeat(32),
    });
    await until(() => sent.length === 2, "another message was sent");
    assert.notEqual(sent[1]!.message.token, sent[0]!.message.token);
    await assert.rejects(succeed(cloud, sent[0]!.message.token), { code: "ConflictException" });
    await succeed(cloud, sent[1]!.message.token);
    await ends(cloud, arn, "Succeeded");
  });

  it("are refused without a queue", async () => {
    const { cloud } = setUp();
    await assert.rejects(
      start(cloud, [{ ...trial, SqsQueueUrl: undefined }]),
      /step 'Trial': Missing required key 'SqsQueueUrl'/,
    );
  });
});
