import assert from "node:assert/strict";
import type { Members } from "../../../../local/members";
import { AwsError } from "../../../../local/errors";
import { createEvents } from "../../../../local/services/events";
import { ArrivalPlan } from "../../../../local/services/events/arrivals";
import { eventually } from "../../../support/eventually";
import { fakeService, permissiveCloud, send, until } from "../permissive-cloud";
import { makeTemporaryFolder } from "../../../support/temporary-folder";

const queue = "arn:aws:sqs:eu-central-1:111122223333:letters";
const dead = "arn:aws:sqs:eu-central-1:111122223333:dead";
const role = "arn:aws:iam::111122223333:role/events";

function setUp({ lags = false, ...options }: { speed?: number; stateDir?: string; lags?: boolean } = {}) {
  const { cloud, recorded } = permissiveCloud({ speed: 60, lags: { events: lags }, ...options });
  const events = createEvents(cloud);
  cloud.register(events);
  const sent: { queue: string; input: Members; principal: string; sourceArn?: string }[] = [];
  let fail: ((attempt: number) => void) | undefined;
  fakeService(cloud, "sqs", {
    SendMessage(input, call) {
      const name = String(input["QueueUrl"]).split("/").at(-1)!;
      if (name === "letters") fail?.(sent.length);
      sent.push({ queue: name, input, principal: call.principal.arn, sourceArn: call.principal.sourceArn });
    },
  });
  void events.start!();
  return { cloud, events, sent, recorded, failWith: (how: typeof fail) => void (fail = how) };
}

async function rule(cloud: any, pattern: object, target: object, name = "r"): Promise<void> {
  await send(cloud, "events", "PutRule", { Name: name, EventPattern: JSON.stringify(pattern) });
  const answer = await send(cloud, "events", "PutTargets", {
    Rule: name,
    Targets: [{ Id: "t", Arn: queue, ...target }],
  });
  assert.deepEqual(answer["FailedEntries"], []);
}

const put = (cloud: any, detail: object, bus?: string) =>
  send(cloud, "events", "PutEvents", {
    Entries: [
      {
        Source: "peregrine.test",
        DetailType: "Something",
        Detail: JSON.stringify(detail),
        ...(bus ? { EventBusName: bus } : {}),
      },
    ],
  });

describe("event delivery", () => {
  it("hands a matching event to the target as EventBridge, naming the rule", async () => {
    const { cloud, events, sent } = setUp();
    await rule(cloud, { source: ["peregrine.test"] }, {});
    await put(cloud, { a: 1 });
    await events.settled();
    assert.equal(sent.length, 1);
    const body = JSON.parse(sent[0]!.input["MessageBody"]);
    assert.deepEqual(body.detail, { a: 1 });
    assert.deepEqual(Object.keys(body), [
      "version",
      "id",
      "detail-type",
      "source",
      "account",
      "time",
      "region",
      "resources",
      "detail",
    ]);
    assert.match(body.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.equal(sent[0]!.principal, "events.amazonaws.com");
    assert.equal(sent[0]!.sourceArn, "arn:aws:events:eu-central-1:111122223333:rule/r");
  });

  it("loses events of a detail type on request, as many as asked for", async () => {
    const { cloud, events, sent } = setUp();
    await rule(cloud, { source: ["peregrine.test"] }, {});
    cloud.faults.add({ kind: "lost-event", detailType: "Something", source: "peregrine.test", times: 1 });
    cloud.faults.add({ kind: "lost-event", detailType: "Something", source: "another" });
    await put(cloud, { a: 1 });
    await put(cloud, { a: 2 });
    await events.settled();
    assert.deepEqual(
      sent.map((message) => JSON.parse(message.input["MessageBody"]).detail),
      [{ a: 2 }],
    );
  });

  it("brings an event twice on request, as two events", async () => {
    const { cloud, events, sent } = setUp();
    await rule(cloud, { source: ["peregrine.test"] }, {});
    cloud.faults.add({ kind: "repeated-event", detailType: "Something", times: 1 });
    await put(cloud, { a: 1 });
    await put(cloud, { a: 2 });
    await events.settled();
    const bodies = sent.map((message) => JSON.parse(message.input["MessageBody"]));
    assert.deepEqual(
      bodies.map(({ detail }) => detail),
      [{ a: 1 }, { a: 1 }, { a: 2 }],
    );
    assert.equal(new Set(bodies.map(({ id }) => id)).size, 3);
  });

  describe("where lags are on", () => {
    const kinds = ["SageMaker Model Package State Change", "CodeBuild Build State Change", "Something of our own"];
    const each = 30;
    /**
     * Emits some events of each kind.
     * @returns what reached the target, in order, as `<kind> <number>`, and how many ids those had.
     */
    async function arrivals(): Promise<{ came: string[]; ids: number }> {
      const { cloud, events, sent } = setUp({ speed: 600, lags: true });
      await rule(cloud, { "detail-type": kinds }, {});
      for (let n = 0; n < each; n++) {
        for (const detailType of kinds.slice(0, 2))
          cloud.internals.emit({ source: "aws.test", detailType, resources: [], detail: { n } });
        await send(cloud, "events", "PutEvents", {
          Entries: [{ Source: "peregrine.test", DetailType: kinds[2], Detail: JSON.stringify({ n }) }],
        });
      }
      await events.settled();
      await events.stop!();
      const bodies = sent.map((message) => JSON.parse(message.input["MessageBody"]) as Members);
      return {
        came: bodies.map(({ detail, ...event }) => `${event["detail-type"]} ${detail.n}`),
        ids: new Set(bodies.map(({ id }) => id)).size,
      };
    }

    it("brings events of every kind at least once, some twice under another id, and some after those that came later", async () => {
      const { came, ids } = await arrivals();
      assert.equal(ids, came.length);
      for (const kind of kinds) {
        const numbers = came.filter((one) => one.startsWith(kind)).map((one) => Number(one.split(" ").at(-1)));
        assert.equal(new Set(numbers).size, each, `${kind}: none is lost`);
        assert.ok(numbers.length > each, `${kind}: some come twice`);
        const firsts = [...new Set(numbers)];
        assert.notDeepEqual(
          firsts,
          [...firsts].sort((a, b) => a - b),
          `${kind}: some are late`,
        );
      }
      assert.equal(
        came.filter((one) => one.startsWith(kinds[0]!)).length,
        2 * each,
        "what the registry tells comes twice always",
      );
    });

    it("says by the seed alone which", () => {
      const plan = (seed: string): unknown[] =>
        ((arrivalPlan) => Array.from({ length: 20 }, () => arrivalPlan.next("aws.test", "Something")))(
          new ArrivalPlan(seed),
        );
      assert.deepEqual(plan("one"), plan("one"));
      assert.notDeepEqual(plan("one"), plan("other"));
    });

    it("loses none that is late when the local cloud is killed", async () => {
      const stateDir = makeTemporaryFolder("events");
      const first = setUp({ speed: 1, lags: true, stateDir });
      await rule(first.cloud, { source: ["aws.test"] }, {});
      for (let n = 0; n < each; n++)
        first.cloud.internals.emit({ source: "aws.test", detailType: "Something", resources: [], detail: { n } });
      await eventually(() => assert.ok(first.sent.length > 0));
      const came = first.sent.length;
      assert.ok(came < each, "some are late");
      await first.cloud.stop();
      const again = setUp({ speed: 600, lags: true, stateDir });
      await again.events.settled();
      const numbers = [...first.sent, ...again.sent].map(
        (message) => JSON.parse(message.input["MessageBody"]).detail.n as number,
      );
      assert.equal(new Set(numbers).size, each);
      await again.cloud.stop();
    });

    it("loses both times what a fault loses", async () => {
      const { cloud, events, sent } = setUp({ speed: 600, lags: true });
      await rule(cloud, { source: ["aws.sagemaker"] }, {});
      cloud.faults.add({ kind: "lost-event", detailType: kinds[0]!, times: 1 });
      cloud.internals.emit({ source: "aws.sagemaker", detailType: kinds[0]!, resources: [], detail: {} });
      await events.settled();
      assert.equal(sent.length, 0);
    });
  });

  it("does not deliver what does not match, nor for a disabled rule", async () => {
    const { cloud, events, sent } = setUp();
    await rule(cloud, { source: ["another"] }, {}, "other");
    await rule(cloud, { source: ["peregrine.test"] }, {});
    await send(cloud, "events", "DisableRule", { Name: "r" });
    await put(cloud, {});
    await events.settled();
    assert.equal(sent.length, 0);
    await send(cloud, "events", "EnableRule", { Name: "r" });
    await put(cloud, {});
    await events.settled();
    assert.equal(sent.length, 1);
  });

  it("fills templates, quoting what stands outside of quotes", async () => {
    const { cloud, events, sent } = setUp();
    const template =
      '{"text": "package <name> is <status>", "status": <status>, "n": <n>, "rule": "<aws.events.rule-name>"}';
    await rule(
      cloud,
      { source: ["peregrine.test"] },
      {
        InputTransformer: {
          InputPathsMap: { name: "$.detail.list[1].name", status: "$.detail.status", n: "$.detail.n" },
          InputTemplate: template,
        },
      },
    );
    await put(cloud, { status: 'say "yes"', n: 3, list: [{ name: "a" }, { name: "b" }] });
    await events.settled();
    assert.deepEqual(JSON.parse(sent[0]!.input["MessageBody"]), {
      text: 'package b is say "yes"',
      status: 'say "yes"',
      n: 3,
      rule: "r",
    });
  });

  it("takes a part of the event by InputPath", async () => {
    const { cloud, events, sent } = setUp();
    await rule(cloud, { source: ["peregrine.test"] }, { InputPath: "$.detail" });
    await put(cloud, { a: [1, 2] });
    await events.settled();
    assert.equal(sent[0]!.input["MessageBody"], '{"a":[1,2]}');
  });

  it("retries what fails for the moment", async () => {
    const { cloud, events, sent, failWith } = setUp({ speed: 3600 });
    await rule(cloud, { source: ["peregrine.test"] }, {});
    let attempts = 0;
    failWith(() => {
      if (++attempts < 4) throw new AwsError("ServiceUnavailable", "not now", 503);
    });
    await put(cloud, {});
    await events.settled();
    assert.equal(attempts, 4);
    assert.equal(sent.length, 1);
  });

  it("sends to the dead-letter queue what is refused for good, without a retry", async () => {
    const { cloud, events, sent, failWith, recorded } = setUp();
    await rule(cloud, { source: ["peregrine.test"] }, { DeadLetterConfig: { Arn: dead } });
    let attempts = 0;
    failWith(() => {
      attempts++;
      throw new AwsError("AccessDenied", "no", 403);
    });
    await put(cloud, { a: 1 });
    await events.settled();
    assert.equal(attempts, 1);
    assert.equal(sent[0]!.queue, "dead");
    assert.equal(sent[0]!.input["MessageAttributes"].ERROR_CODE.StringValue, "NO_PERMISSIONS");
    assert.deepEqual(JSON.parse(sent[0]!.input["MessageBody"]).detail, { a: 1 });
    assert.ok(recorded.samples.some(({ name }) => name === "InvocationsSentToDlq"));
  });

  it("gives up after the retry policy's attempts", async () => {
    const { cloud, events, sent, failWith } = setUp({ speed: 3600 });
    await rule(
      cloud,
      { source: ["peregrine.test"] },
      { DeadLetterConfig: { Arn: dead }, RetryPolicy: { MaximumRetryAttempts: 2 } },
    );
    let attempts = 0;
    failWith(() => {
      attempts++;
      throw new AwsError("InternalFailure", "broken", 500);
    });
    await put(cloud, {});
    await events.settled();
    assert.equal(attempts, 3);
    assert.equal(sent[0]!.input["MessageAttributes"].EXHAUSTED_RETRY_CONDITION.StringValue, "MaximumRetryAttempts");
  });

  it("starts a pipeline with the target's role, once per event", async () => {
    const { cloud, events } = setUp();
    const started: Members[] = [];
    fakeService(cloud, "sagemaker", {
      StartPipelineExecution: (input, call) => void started.push({ ...input, role: call.principal.roleArn }),
    });
    const target = {
      Arn: "arn:aws:sagemaker:eu-central-1:111122223333:pipeline/training",
      SageMakerPipelineParameters: { PipelineParameterList: [{ Name: "Epochs", Value: "3" }] },
    };
    await send(cloud, "events", "PutRule", { Name: "r", EventPattern: '{"source":["peregrine.test"]}' });
    const refused = await send(cloud, "events", "PutTargets", { Rule: "r", Targets: [{ Id: "t", ...target }] });
    assert.equal(refused["FailedEntryCount"], 1);
    await send(cloud, "events", "PutTargets", { Rule: "r", Targets: [{ Id: "t", ...target, RoleArn: role }] });
    await put(cloud, {});
    await events.settled();
    assert.equal(started.length, 1);
    assert.deepEqual(
      [started[0]!["PipelineName"], started[0]!["role"], started[0]!["PipelineParameters"]],
      ["training", role, [{ Name: "Epochs", Value: "3" }]],
    );
    assert.ok(started[0]!["ClientRequestToken"].length >= 32);
  });

  it("forwards to another bus, whose rules match the same event", async () => {
    const { cloud, events, sent } = setUp();
    await send(cloud, "events", "CreateEventBus", { Name: "alerts" });
    await send(cloud, "events", "PutRule", {
      Name: "second",
      EventBusName: "alerts",
      EventPattern: '{"source":["peregrine.test"]}',
    });
    await send(cloud, "events", "PutTargets", {
      Rule: "second",
      EventBusName: "alerts",
      Targets: [{ Id: "t", Arn: queue }],
    });
    await rule(
      cloud,
      { source: ["peregrine.test"] },
      { Arn: "arn:aws:events:eu-central-1:111122223333:event-bus/alerts", RoleArn: role },
    );
    await put(cloud, { a: 1 });
    await events.settled();
    assert.equal(sent.length, 1);
  });

  it("fires schedules in cloud time", async () => {
    const { cloud, events, sent } = setUp({ speed: 1200 });
    await send(cloud, "events", "PutRule", { Name: "clock", ScheduleExpression: "rate(1 minute)" });
    await send(cloud, "events", "PutTargets", { Rule: "clock", Targets: [{ Id: "t", Arn: queue }] });
    await until(() => sent.length >= 3, "three minutes of the cloud's clock have passed");
    await events.stop!();
    const bodies = sent.map(({ input }) => JSON.parse(input["MessageBody"]));
    assert.equal(bodies[0]["detail-type"], "Scheduled Event");
    assert.equal(Date.parse(bodies[1].time) - Date.parse(bodies[0].time), 60_000);
  });

  it("delivers after a restart what was on its way when the cloud was killed", async () => {
    const stateDir = makeTemporaryFolder("events");
    const first = setUp({ stateDir, speed: 1 });
    await rule(first.cloud, { source: ["peregrine.test"] }, {});
    first.failWith(() => {
      throw new AwsError("ServiceUnavailable", "down", 503);
    });
    await put(first.cloud, { a: 1 });
    await until(
      () => first.cloud.journal.table<any>("events/deliveries").size === 1,
      "the delivery waits for its retry",
    );
    await first.events.stop!();
    first.cloud.journal.flush();
    const second = setUp({ stateDir, speed: 60 });
    await second.events.settled();
    assert.equal(second.sent.length, 1);
    assert.deepEqual(JSON.parse(second.sent[0]!.input["MessageBody"]).detail, { a: 1 });
    await second.events.stop!();
  });

  it("refuses entries as AWS does, one by one", async () => {
    const { cloud } = setUp();
    const answer = await send(cloud, "events", "PutEvents", {
      Entries: [
        { Source: "aws.sagemaker", DetailType: "x", Detail: "{}" },
        { Source: "mine", DetailType: "x", Detail: "{" },
        { Source: "mine", DetailType: "x", Detail: "{}" },
      ],
    });
    assert.deepEqual(
      answer["Entries"].map((entry: Members) => entry["ErrorCode"]),
      ["NotAuthorizedForSourceException", "MalformedDetail", undefined],
    );
    assert.equal(answer["FailedEntryCount"], 2);
  });

  it("does not delete a rule that has targets", async () => {
    const { cloud } = setUp();
    await rule(cloud, { source: ["x"] }, {});
    await assert.rejects(
      send(cloud, "events", "DeleteRule", { Name: "r" }),
      /Rule can't be deleted since it has targets/,
    );
    await send(cloud, "events", "RemoveTargets", { Rule: "r", Ids: ["t"] });
    await send(cloud, "events", "DeleteRule", { Name: "r" });
    await assert.rejects(send(cloud, "events", "DescribeRule", { Name: "r" }), { name: "ResourceNotFoundException" });
  });
});
