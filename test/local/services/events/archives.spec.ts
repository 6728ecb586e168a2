import assert from "node:assert/strict";
import type { Members } from "../../../../local/members";
import { createEvents } from "../../../../local/services/events";
import { fakeService, permissiveCloud, send } from "../permissive-cloud";

const queue = (name: string) => `arn:aws:sqs:eu-central-1:111122223333:${name}`;

async function setUp(archive: Members = {}) {
  const { cloud } = permissiveCloud({ speed: 1 });
  const events = createEvents(cloud);
  cloud.register(events);
  const sent: { queue: string; event: Members }[] = [];
  fakeService(cloud, "sqs", {
    SendMessage: (input) =>
      void sent.push({
        queue: String(input["QueueUrl"]).split("/").at(-1)!,
        event: JSON.parse(input["MessageBody"]) as Members,
      }),
  });
  void events.start!();
  const { EventBusArn: bus } = await send(cloud, "events", "CreateEventBus", { Name: "own" });
  for (const rule of ["one", "two"]) {
    await send(cloud, "events", "PutRule", {
      Name: rule,
      EventBusName: "own",
      EventPattern: JSON.stringify({ source: ["peregrine.test"] }),
    });
    await send(cloud, "events", "PutTargets", {
      Rule: rule,
      EventBusName: "own",
      Targets: [{ Id: "t", Arn: queue(rule) }],
    });
  }
  const { ArchiveArn: archiveArn } = await send(cloud, "events", "CreateArchive", {
    ArchiveName: "kept",
    EventSourceArn: bus,
    ...archive,
  });
  const put = (detail: object, source = "peregrine.test") =>
    send(cloud, "events", "PutEvents", {
      Entries: [{ EventBusName: "own", Source: source, DetailType: "X", Detail: JSON.stringify(detail) }],
    });
  const replay = async (more: Members = {}, name = "again") => {
    const from = new Date(cloud.clock.nowMs() - 3_600_000);
    return send(cloud, "events", "StartReplay", {
      ReplayName: name,
      EventSourceArn: archiveArn,
      EventStartTime: from,
      EventEndTime: new Date(cloud.clock.nowMs() + 1000),
      Destination: { Arn: bus, ...more },
    });
  };
  return {
    cloud,
    events,
    sent,
    bus: bus as string,
    put,
    replay,
    held: async () => (await send(cloud, "events", "DescribeArchive", { ArchiveName: "kept" }))["EventCount"] as number,
  };
}

describe("event archives", () => {
  it("keep what comes to their bus and matches, and no other bus's events", async () => {
    const { cloud, put, held } = await setUp({ EventPattern: JSON.stringify({ detail: { kept: [true] } }) });
    await put({ kept: true });
    await put({ kept: false });
    await send(cloud, "events", "PutEvents", {
      Entries: [{ Source: "peregrine.test", DetailType: "X", Detail: '{"kept":true}' }],
    });
    assert.equal(await held(), 1);
  });

  it("are played again to all rules of the bus, each event under the replay's name, and are not archived again", async () => {
    const { events, sent, put, replay, held, cloud } = await setUp();
    await put({ n: 1 });
    await put({ n: 2 });
    await events.settled();
    sent.length = 0;
    assert.equal((await replay())["State"], "STARTING");
    await events.settled();
    assert.deepEqual(sent.map(({ queue: to, event }) => [to, event["detail"].n, event["replay-name"]]).sort(), [
      ["one", 1, "again"],
      ["one", 2, "again"],
      ["two", 1, "again"],
      ["two", 2, "again"],
    ]);
    assert.equal(await held(), 2);
    const shown = await send(cloud, "events", "DescribeReplay", { ReplayName: "again" });
    assert.equal(shown["State"], "COMPLETED");
    assert.ok(shown["EventLastReplayedTime"]);
  });

  it("are played to the rules that are named alone", async () => {
    const { events, sent, put, replay } = await setUp();
    await put({ n: 1 });
    await events.settled();
    sent.length = 0;
    await replay({ FilterArns: ["arn:aws:events:eu-central-1:111122223333:rule/own/two"] });
    await events.settled();
    assert.deepEqual(
      sent.map(({ queue: to }) => to),
      ["two"],
    );
  });

  it("go back only to the bus they came from, once under one name", async () => {
    const { replay } = await setUp();
    await assert.rejects(
      replay({ Arn: "arn:aws:events:eu-central-1:111122223333:event-bus/default" }),
      /Must be the event bus that the archive was created from/,
    );
    await replay();
    await assert.rejects(replay(), /already exists/);
  });

  it("forget after their time, and hold their bus", async () => {
    const { cloud, put, held } = await setUp({ RetentionDays: 1 });
    await put({ n: 1 });
    const now = cloud.clock.nowMs.bind(cloud.clock);
    cloud.clock.nowMs = () => now() + 2 * 86_400_000;
    assert.equal(await held(), 0);
    for (const rule of ["one", "two"]) {
      await send(cloud, "events", "RemoveTargets", { Rule: rule, EventBusName: "own", Ids: ["t"] });
      await send(cloud, "events", "DeleteRule", { Name: rule, EventBusName: "own" });
    }
    await assert.rejects(send(cloud, "events", "DeleteEventBus", { Name: "own" }), /has rules/);
    await send(cloud, "events", "DeleteArchive", { ArchiveName: "kept" });
    await send(cloud, "events", "DeleteEventBus", { Name: "own" });
    assert.deepEqual(await cloud.inventory(), []);
  });
});
