import assert from "node:assert/strict";
import type { Output } from "@pulumi/pulumi";
import { endedPattern } from "../../../infra/delivery/rules";
import { value } from "../../support/outputs";
import { type Recorder, record } from "../../support/mocks";
import { runProgram } from "../../support/program";
import { scopeOf } from "../../support/scope";

describe("trials in staging", () => {
  let recorder: Recorder;
  const inputsOf = (type: string, name: string) => recorder.one(type, `peregrine-dev-trials-${name}`).inputs;

  before(async () => {
    recorder = await record("dev");
    const outputs = await runProgram("dev");
    await value(outputs["releaseProject"] as Output<string>);
  });

  it("exist where staging is a target, and nowhere else", async () => {
    for (const [stack, changes] of [
      ["staging", {}],
      ["dev", { "peregrine:releaseTargets": "prod" }],
    ] as const) {
      const without = await record(stack);
      await runProgram(stack, changes);
      assert.deepEqual(
        without.resources.filter(({ name }) => name.includes("trial")).map(({ name }) => name),
        [],
      );
      assert.ok(
        !without
          .one("aws:sagemaker/pipeline:Pipeline", `peregrine-${stack}-training-pipeline`)
          .inputs["pipelineDefinition"].includes("DeployStaging"),
      );
    }
  });

  it("are asked for by the pipeline's step, in a queue that the pipeline may write to", () => {
    const queue = inputsOf("aws:sqs/queue:Queue", "queue");
    assert.equal(queue["name"], "peregrine-dev-trials");
    const definition = recorder.one("aws:sagemaker/pipeline:Pipeline", "peregrine-dev-training-pipeline").inputs[
      "pipelineDefinition"
    ] as string;
    assert.match(
      definition,
      /"Name":"DeployStaging","Type":"Callback".*"SqsQueueUrl":"https:\/\/queue\/peregrine-dev-trials-queue"/,
    );
    const duties = recorder.one("aws:iam/rolePolicy:RolePolicy", "peregrine-dev-identity-pipeline-execution-duties")
      .inputs["policy"] as string;
    assert.match(
      duties,
      /"Action":\["sqs:SendMessage"\],"Resource":\["arn:aws:sqs:eu-central-1:123456789012:peregrine-dev-trials"\]/,
    );
  });

  it("are tried again a few times, then kept for people; a message is invisible for six times the function's time-out", () => {
    const queue = inputsOf("aws:sqs/queue:Queue", "queue");
    const { deadLetterTargetArn, maxReceiveCount } = JSON.parse(queue["redrivePolicy"]) as {
      deadLetterTargetArn: string;
      maxReceiveCount: number;
    };
    assert.match(deadLetterTargetArn, /dead-letters/);
    const start = inputsOf("aws:lambda/function:Function", "start-function");
    assert.equal(start["environment"].variables.MAX_RECEIVES, String(maxReceiveCount));
    assert.equal(queue["visibilityTimeoutSeconds"], 6 * start["timeout"]);
  });

  it("are started by a function that reports which messages it could not handle", () => {
    const source = inputsOf("aws:lambda/eventSourceMapping:EventSourceMapping", "source");
    assert.deepEqual(source["functionResponseTypes"], ["ReportBatchItemFailures"]);
    assert.match(source["eventSourceArn"], /trials-queue/);
    const { name, role, environment } = inputsOf("aws:lambda/function:Function", "start-function");
    assert.deepEqual(
      [name, environment.variables.RELEASE_PROJECT, environment.variables.TRIAL_ENVIRONMENT],
      ["peregrine-dev-deploy-candidate", "peregrine-dev-release", "staging"],
    );
    assert.match(role, /staging-trial/);
  });

  it("are ended by a second function when their build was lost, however it ended", () => {
    assert.deepEqual(endedPattern(scopeOf("dev"))["detail"], {
      "project-name": ["peregrine-dev-release"],
      "build-status": ["FAILED", "FAULT", "TIMED_OUT", "STOPPED"],
    });
    const target = inputsOf("aws:cloudwatch/eventTarget:EventTarget", "ended-target");
    assert.match(target["arn"], /trials-end/);
    assert.match(target["deadLetterConfig"].arn, /dead-letters/);
    const permission = inputsOf("aws:lambda/permission:Permission", "ended-permission");
    assert.deepEqual(
      [permission["principal"], permission["action"]],
      ["events.amazonaws.com", "lambda:InvokeFunction"],
    );
    assert.match(permission["sourceArn"], /trials-ended/);
  });
});
