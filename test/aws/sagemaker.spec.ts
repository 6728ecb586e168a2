import assert from "node:assert/strict";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import {
  CreatePipelineCommand,
  ListPipelineExecutionStepsCommand,
  SageMakerClient,
  StartPipelineExecutionCommand,
  StopPipelineExecutionCommand,
} from "@aws-sdk/client-sagemaker";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { SageMaker } from "../../aws/sagemaker";
import type { LocalCloud } from "../../local/server";
import { enter, sdkConfig, startTestCloud } from "../local/support";
import { makeTemporaryFolder } from "../support/temporary-folder";
import { eventually } from "../support/eventually";

describe("ending a pipeline's callback step", function () {
  const folder = makeTemporaryFolder();
  let local: LocalCloud;
  let leave: () => void;
  let client: SageMakerClient;
  let sqs: SQSClient;
  let queue: string;
  let roleArn: string;
  let port: SageMaker;

  before(async () => {
    local = await startTestCloud();
    leave = enter(local, folder);
    [client, sqs] = [new SageMakerClient(sdkConfig(local)), new SQSClient(sdkConfig(local))];
    port = new SageMaker({ profile: "ab", region: local.cloud.region });
    queue = (await sqs.send(new CreateQueueCommand({ QueueName: "trials" }))).QueueUrl!;
    const iam = new IAMClient(sdkConfig(local));
    const trust = {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { Service: "sagemaker.amazonaws.com" }, Action: "sts:AssumeRole" }],
    };
    const { Role } = await iam.send(
      new CreateRoleCommand({ RoleName: "pipeline", AssumeRolePolicyDocument: JSON.stringify(trust) }),
    );
    await iam.send(
      new PutRolePolicyCommand({
        RoleName: "pipeline",
        PolicyName: "send",
        PolicyDocument: JSON.stringify({
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Action: "sqs:SendMessage", Resource: "*" }],
        }),
      }),
    );
    roleArn = Role!.Arn!;
    const step = {
      Name: "Trial",
      Type: "Callback",
      SqsQueueUrl: queue,
      Arguments: { package: "arn" },
      OutputParameters: [{ OutputName: "summary", OutputType: "String" }],
    };
    await client.send(
      new CreatePipelineCommand({
        PipelineName: "p",
        RoleArn: Role!.Arn,
        PipelineDefinition: JSON.stringify({ Version: "2020-12-01", Steps: [step] }),
      }),
    );
  });
  after(async () => {
    leave?.();
    await local?.stop();
  });

  /** Starts an execution that waits. @returns its token, and how its step is. */
  async function waiting(): Promise<{
    token: string;
    step: () => Promise<{
      StepStatus?: string;
      FailureReason?: string;
      Metadata?: { Callback?: { OutputParameters?: { Value?: string }[] } };
    }>;
  }> {
    const { PipelineExecutionArn } = await client.send(new StartPipelineExecutionCommand({ PipelineName: "p" }));
    const { token } = await eventually(async () => {
      const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: queue }));
      return JSON.parse(Messages![0]!.Body!) as { token: string };
    });
    return {
      token,
      step: async () =>
        (await client.send(new ListPipelineExecutionStepsCommand({ PipelineExecutionArn })))
          .PipelineExecutionSteps![0]!,
    };
  }

  it("fails it with a reason that SageMaker takes, however long the cause is", async () => {
    const { token, step } = await waiting();
    assert.equal(await port.failStep(token, "x".repeat(1000)), true);
    const { FailureReason } = await eventually(async () => {
      const now = await step();
      assert.equal(now.StepStatus, "Failed");
      return now;
    });
    assert.equal(FailureReason, `${"x".repeat(253)}...`);
  });

  it("succeeds it with outputs that SageMaker takes", async () => {
    const { token, step } = await waiting();
    assert.equal(await port.succeedStep(token, { summary: "y".repeat(3000) }), true);
    const { Metadata } = await eventually(async () => {
      const now = await step();
      assert.equal(now.StepStatus, "Succeeded");
      return now;
    });
    assert.equal(Metadata?.Callback?.OutputParameters?.[0]?.Value, "y".repeat(1024));
  });

  it("is found among all steps of an execution, also where they fill more than one page", async () => {
    const Steps = Array.from({ length: 25 }, (_, index) => ({
      Name: `Trial${index}`,
      Type: "Callback",
      SqsQueueUrl: queue,
      Arguments: {},
      OutputParameters: [],
    }));
    await client.send(
      new CreatePipelineCommand({
        PipelineName: "many",
        RoleArn: roleArn,
        PipelineDefinition: JSON.stringify({ Version: "2020-12-01", Steps }),
      }),
    );
    const { PipelineExecutionArn } = await client.send(new StartPipelineExecutionCommand({ PipelineName: "many" }));
    await eventually(async () => assert.equal((await port.listPipelineSteps(PipelineExecutionArn!)).length, 25));
    await client.send(new StopPipelineExecutionCommand({ PipelineExecutionArn, ClientRequestToken: "x".repeat(32) }));
  });

  it("is failed where its pipeline's runs are stopped, which then can be deleted", async () => {
    await Promise.all([waiting(), waiting()]);
    assert.ok((await port.stopRuns("p")) >= 2);
    await eventually(async () => assert.equal(await port.stopRuns("p"), 0));
  });

  it("belongs to a pipeline that is found by how its name begins", async () => {
    const { PipelineArn } = await client.send(
      new CreatePipelineCommand({
        PipelineName: "own-1",
        RoleArn: roleArn,
        PipelineDefinition: JSON.stringify({
          Version: "2020-12-01",
          Steps: [{ Name: "Wait", Type: "Callback", SqsQueueUrl: queue, Arguments: {}, OutputParameters: [] }],
        }),
      }),
    );
    assert.match(PipelineArn!, /own-1$/);
    assert.deepEqual(await port.pipelinesNamed("own-"), ["own-1"]);
    assert.deepEqual(await port.pipelinesNamed("own-2"), []);
  });

  it("says when no step waits for the token any more, or ever did", async () => {
    const { token } = await waiting();
    assert.equal(await port.failStep(token, "first"), true);
    assert.equal(await port.succeedStep(token, { summary: "second" }), false);
    assert.equal(await port.failStep("0123456789", "never"), false);
  });
});
