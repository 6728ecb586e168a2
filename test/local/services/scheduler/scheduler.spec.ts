import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import type { Members } from "../../../../local/members";
import { AwsError } from "../../../../local/errors";
import { createScheduler } from "../../../../local/services/scheduler";
import { parseExpression } from "../../../../local/services/scheduler/expressions";
import { fakeService, permissiveCloud, send, until } from "../permissive-cloud";

const role = "arn:aws:iam::111122223333:role/start";
const pipeline = "arn:aws:sagemaker:eu-central-1:111122223333:pipeline/watch";

/** Cloud minutes pass in tens of milliseconds. */
function setUp() {
  const { cloud, recorded } = permissiveCloud({ speed: 3600 });
  const scheduler = createScheduler(cloud);
  cloud.register(scheduler);
  const called: { operation: string; input: Members; principal: string }[] = [];
  const note = (operation: string) => (input: Members, call: { principal: { roleArn?: string } }) =>
    void called.push({ operation, input, principal: String(call.principal.roleArn) });
  fakeService(cloud, "sagemaker", {
    StartPipelineExecution: note("StartPipelineExecution"),
    DeleteEndpoint: note("DeleteEndpoint"),
    CreateProcessingJob: () => {
      throw new AwsError("ValidationException", "no such role");
    },
  });
  fakeService(cloud, "sqs", { SendMessage: note("SendMessage") });
  void scheduler.start!();
  const create = (more: Members = {}, target: Members = {}) =>
    send(cloud, "scheduler", "CreateSchedule", {
      Name: "s",
      ScheduleExpression: "rate(1 minute)",
      FlexibleTimeWindow: { Mode: "OFF" },
      Target: { Arn: pipeline, RoleArn: role, ...target },
      ...more,
    });
  return { cloud, recorded, scheduler, called, create, stop: async () => scheduler.stop!() };
}

describe("EventBridge Scheduler in the local cloud", () => {
  it("starts pipelines at their times, as the schedule's role, until it is told to stop", async () => {
    const { cloud, called, create, stop } = setUp();
    await create();
    await until(() => called.length >= 2, "two starts came");
    assert.deepEqual(
      [called[0]!.operation, called[0]!.input["PipelineName"], called[0]!.principal],
      ["StartPipelineExecution", "watch", role],
    );
    assert.notEqual(called[0]!.input["ClientRequestToken"], called[1]!.input["ClientRequestToken"]);
    await send(cloud, "scheduler", "UpdateSchedule", {
      Name: "s",
      ScheduleExpression: "rate(1 minute)",
      FlexibleTimeWindow: { Mode: "OFF" },
      Target: { Arn: pipeline, RoleArn: role },
      State: "DISABLED",
    });
    const before = called.length;
    await delay(100);
    assert.ok(called.length <= before + 1);
    await stop();
  });

  it("does nothing by a disabled schedule", async () => {
    const { called, create, stop } = setUp();
    await create({ State: "DISABLED" });
    await delay(60);
    assert.equal(called.length, 0);
    await stop();
  });

  it("calls any operation by a universal target, with the names of the time filled in", async () => {
    const { called, create, stop } = setUp();
    await create(
      {},
      {
        Arn: "arn:aws:scheduler:::aws-sdk:sagemaker:deleteEndpoint",
        Input: '{"EndpointName":"at-<aws.scheduler.scheduled-time>-<aws.scheduler.execution-id>"}',
      },
    );
    await until(() => called.length >= 2, "two calls came");
    assert.match(called[0]!.input["EndpointName"], /^at-\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ-[0-9a-f-]{36}$/);
    assert.notEqual(called[0]!.input["EndpointName"], called[1]!.input["EndpointName"]);
    await stop();
  });

  it("keeps in the dead-letter queue, as the role, what cannot be done", async () => {
    const { called, create, recorded, stop } = setUp();
    await create(
      {},
      {
        Arn: "arn:aws:scheduler:::aws-sdk:sagemaker:createProcessingJob",
        Input: '{"a":1}',
        DeadLetterConfig: { Arn: "arn:aws:sqs:eu-central-1:111122223333:dead" },
      },
    );
    await until(() => called.length >= 1, "a dead letter came");
    assert.deepEqual(
      [called[0]!.operation, called[0]!.input["MessageBody"], called[0]!.principal],
      ["SendMessage", '{"a":1}', role],
    );
    assert.equal(called[0]!.input["MessageAttributes"].ERROR_MESSAGE.StringValue, "no such role");
    await until(
      () => recorded.samples.some(({ name }) => name === "InvocationsSentToDeadLetterCount"),
      "it was counted",
    );
    await stop();
  });

  it("refuses what Scheduler refuses", async () => {
    const { create, stop } = setUp();
    await assert.rejects(create({ GroupName: "nowhere" }), /Schedule group nowhere does not exist/);
    await assert.rejects(create({ ScheduleExpression: "every day" }), /not valid/);
    await assert.rejects(
      create({ ScheduleExpressionTimezone: "Mars/Olympus" }),
      /ScheduleExpressionTimezone is not valid/,
    );
    await assert.rejects(
      create({}, { Arn: "arn:aws:scheduler:::aws-sdk:sagemaker:listEndpoints" }),
      /read-only operation/,
    );
    await assert.rejects(create({ FlexibleTimeWindow: { Mode: "FLEXIBLE" } }), /MaximumWindowInMinutes/);
    await create();
    await assert.rejects(create(), /already exists/);
    await stop();
  });

  it("deletes a group with its schedules, but never the default one", async () => {
    const { cloud, create, stop } = setUp();
    await send(cloud, "scheduler", "CreateScheduleGroup", { Name: "own", Tags: [{ Key: "a", Value: "b" }] });
    await create({ GroupName: "own", State: "DISABLED" });
    assert.deepEqual((await cloud.inventory()).map(({ type }) => type).sort(), [
      "AWS::Scheduler::Schedule",
      "AWS::Scheduler::ScheduleGroup",
    ]);
    await send(cloud, "scheduler", "DeleteScheduleGroup", { Name: "own" });
    assert.deepEqual(await cloud.inventory(), []);
    await assert.rejects(send(cloud, "scheduler", "DeleteScheduleGroup", { Name: "default" }), /cannot be deleted/);
    await stop();
  });

  it("takes a schedule away after its last time where it was asked to", async () => {
    const { cloud, called, create, stop } = setUp();
    const soon = new Date(cloud.clock.nowMs() + 120_000).toISOString().slice(0, 19);
    await create({ ScheduleExpression: `at(${soon})`, ActionAfterCompletion: "DELETE" });
    await until(() => called.length === 1, "it ran");
    await until(async () => (await cloud.inventory()).length === 0, "it is gone");
    await stop();
  });
});

describe("schedule expressions", () => {
  const times = (expression: string, zone: string, from: string, count: number): string[] => {
    const next = parseExpression(expression, zone, Date.parse(from));
    const found: string[] = [];
    for (let at = next(Date.parse(from)); at !== undefined && found.length < count; at = next(at))
      found.push(new Date(at).toISOString());
    return found;
  };

  it("are read in their time zone, across the change of the clocks", () => {
    assert.deepEqual(times("cron(0 7 ? * * *)", "Europe/Berlin", "2026-10-23T12:00:00Z", 3), [
      "2026-10-24T05:00:00.000Z",
      "2026-10-25T06:00:00.000Z",
      "2026-10-26T06:00:00.000Z",
    ]);
    assert.deepEqual(times("cron(0 7 ? * MON-FRI *)", "UTC", "2026-11-27T08:00:00Z", 1), ["2026-11-30T07:00:00.000Z"]);
  });

  it("fire once a day also on the day that has an hour twice", () => {
    assert.deepEqual(
      times("cron(30 2 ? * * *)", "Europe/Berlin", "2026-10-24T12:00:00Z", 2).map((time) => time.slice(0, 10)),
      ["2026-10-25", "2026-10-26"],
    );
  });

  it("can name one moment", () => {
    assert.deepEqual(times("at(2026-11-26T04:00:00)", "America/New_York", "2026-11-26T00:00:00Z", 2), [
      "2026-11-26T09:00:00.000Z",
    ]);
    assert.deepEqual(times("at(2026-11-26T04:00:00)", "UTC", "2026-11-26T04:00:00Z", 1), []);
  });
});
