import assert from "node:assert/strict";
import { Clock } from "../../../../local/clock";
import { Journal } from "../../../../local/journal";
import { functionCalls, hosting, key } from "../../../../local/metering/items";
import { Meter, type Tags } from "../../../../local/metering/meter";

const HOUR = 3_600_000;
const arn = "arn:aws:sagemaker:eu-central-1:111122223333:endpoint/one";
const g5 = hosting("ml.g5.xlarge");

/** A meter on a clock that stands still until it is moved. */
function meter(startMs: number) {
  let nowMs = startMs;
  const tags = new Map<string, Tags>([[arn, { project: "peregrine" }]]);
  const clock = { nowMs: () => nowMs } as Clock;
  const journal = new Journal();
  return {
    tags,
    journal,
    clock,
    meter: new Meter(journal, clock, (of) => tags.get(of)),
    pass: (ms: number) => void (nowMs += ms),
  };
}

const start = Date.UTC(2026, 10, 30, 22, 30);
const sum = (usage: readonly { amount: number }[]) => usage.reduce((all, { amount }) => all + amount, 0);

describe("the meter of the local cloud", () => {
  it("counts what runs by the hour, and splits it where an hour begins", () => {
    const { meter: one, pass } = meter(start);
    const gauge = one.gauge(arn, g5);
    gauge.set(2);
    pass(HOUR);
    gauge.set(0);
    pass(5 * HOUR);
    assert.deepEqual(
      one.usage().map(({ hourMs, amount }) => [new Date(hourMs).toISOString().slice(11, 16), amount]),
      [
        ["22:00", 1],
        ["23:00", 1],
      ],
    );
  });

  it("counts both fleets of an update while both are there", () => {
    const { meter: one, pass } = meter(start);
    const [blue, green] = [one.gauge(arn, g5), one.gauge(arn, g5)];
    blue.set(2);
    pass(HOUR);
    green.set(2);
    pass(HOUR / 2);
    blue.set(0);
    pass(HOUR);
    assert.equal(sum(one.usage()), 2 * 1.5 + 2 * 1.5);
  });

  it("counts what still runs, again at each look and never twice", () => {
    const { meter: one, pass } = meter(start);
    one.gauge(arn, g5).set(1);
    pass(HOUR);
    assert.equal(sum(one.usage()), 1);
    assert.equal(sum(one.usage()), 1);
    pass(HOUR);
    assert.equal(sum(one.usage()), 2);
  });

  it("takes an hour of what is priced by the month as a part of that month", () => {
    const { meter: one, pass } = meter(Date.UTC(2026, 10, 30));
    one.hold(arn, key, 1);
    pass(48 * HOUR);
    one.release(arn);
    // A day of November has 1/30 of the month, a day of December 1/31.
    assert.ok(Math.abs(sum(one.usage()) - (1 / 30 + 1 / 31)) < 1e-12);
  });

  it("keeps the tags that usage had: a tag counts from then on, and stays when the resource is gone", () => {
    const { meter: one, pass, tags } = meter(start);
    one.gauge(arn, g5).set(1);
    pass(HOUR);
    tags.set(arn, { project: "peregrine", team: "drones" });
    one.usage();
    pass(HOUR);
    tags.delete(arn);
    const usage = one.usage();
    const of = (tagged: boolean) => sum(usage.filter(({ tags: own }) => "team" in own === tagged));
    assert.deepEqual([of(false), of(true)], [1, 1]);
  });

  it("adds up requests, and forgets none when the cloud stops", () => {
    const { meter: one, journal, clock } = meter(start);
    for (let call = 0; call < 5; call++) one.count(arn, functionCalls, 1);
    one.stop();
    assert.equal(sum(new Meter(journal, clock, () => undefined).usage()), 5);
  });

  it("ends at the next start what ran as processes of a cloud that was killed; keys stay", () => {
    const { meter: one, journal, clock, pass } = meter(start);
    one.gauge(arn, g5).set(1);
    one.hold(arn, key, 1);
    pass(HOUR);
    const after = new Meter(journal, clock, () => ({}));
    after.start();
    pass(HOUR);
    const hours = sum(after.usage().filter(({ item }) => item.price === g5.price));
    const keys = sum(after.usage().filter(({ item }) => item.price === key.price));
    after.stop();
    assert.equal(hours, 1);
    assert.ok(Math.abs(keys - (1.5 / (30 * 24) + 0.5 / (31 * 24))) < 1e-12);
  });
});
