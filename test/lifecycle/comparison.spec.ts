import assert from "node:assert/strict";
import { type Champion, championChecks, type Check, type Evaluation, type Quality } from "../../lifecycle/comparison";
import { gateDefaults } from "../../lifecycle/gate";

const champion: Quality = {
  map50: 0.4,
  slices: {
    light: { day: { map50: 0.5, boxes: 100 }, night: { map50: 0.3, boxes: 100 } },
    scale: { small: { map50: 0.2, boxes: 5 } },
  },
  latencyMs: { p50: 10, p99: 20 },
  modelBytes: 10_000_000,
};
const equal: Evaluation = {
  ...champion,
  archiveSha256: "candidate",
  map: 0.2,
  datasetDigest: "d",
  comparison: { championSha256: "champion", champion, map50Gain: 0, map50GainCi95: [-0.01, 0.01] },
};
const live: Champion = { archiveSha256: "champion" };

const checks = (evaluation: Evaluation, against: Champion = live, policy = {}) =>
  championChecks(evaluation, "candidate", against, { ...gateDefaults, ...policy });
const failed = (all: readonly Check[]) => all.filter(({ ok }) => !ok);
const only = (evaluation: Evaluation, policy = {}): Check => {
  const against = failed(checks(evaluation, live, policy));
  assert.equal(against.length, 1, against.map(({ text }) => text).join("\n"));
  return against[0]!;
};
const gain = (low: number, high: number): Evaluation => ({
  ...equal,
  comparison: { ...equal.comparison!, map50Gain: (low + high) / 2, map50GainCi95: [low, high] },
});
const night = (map50: number): Evaluation => ({
  ...equal,
  slices: { ...equal.slices, light: { ...equal.slices["light"], night: { map50, boxes: 100 } } },
});

describe("a candidate beside the champion", () => {
  it("that is equal in everything passes, and every check says what it looked at", () => {
    const all = checks(equal);
    assert.deepEqual(failed(all), []);
    assert.deepEqual(
      all.map(({ name }) => name),
      ["champion", "non-inferiority", "slices", "latency", "size"],
    );
  });

  it("may be worse by the margin at the interval's lower end, and no more", () => {
    assert.deepEqual(failed(checks(gain(-0.02, 0.05))), []);
    const check = only(gain(-0.0201, 0.05));
    assert.deepEqual([check.name, check.value, check.bound], ["non-inferiority", -0.0201, -0.02]);
    assert.match(
      check.text,
      /\+0\.015 against the champion, 95 % interval -0\.020 to \+0\.050: may be worse by more than 0\.020/,
    );
  });

  it("is not saved by a gain that may be chance", () => assert.equal(only(gain(-0.1, 0.4)).name, "non-inferiority"));
  it("with an interval that is none fails", () => {
    assert.equal(only(gain(NaN, 0.1)).name, "non-inferiority");
    assert.equal(only(gain(0.1, -0.1)).name, "non-inferiority");
  });
  it("goes by the policy's margin", () =>
    assert.deepEqual(failed(checks(gain(-0.1, 0.1), live, { nonInferiorityMargin: 0.1 })), []));

  it("may not lose a slice, even if it wins overall, and the slice is named", () => {
    const check = only({ ...night(0.24), comparison: gain(0.1, 0.2).comparison! });
    assert.equal(check.name, "slices");
    assert.ok(Math.abs((check.value as number) - 0.06) < 1e-12);
    assert.match(check.text, /drops by more than 0\.050 in 1 of 2 slices: light night -0\.060/);
    assert.deepEqual(failed(checks(night(0.26))), []);
  });

  it("that was not measured in one of the champion's slices fails", () => {
    const { day } = equal.slices["light"]!;
    assert.match(only({ ...equal, slices: { light: { day: day! } } }).text, /light night not measured/);
  });

  it("is not judged by a slice of a few boxes, and that is said", () => {
    const tiny: Evaluation = { ...equal, slices: { ...equal.slices, scale: { small: { map50: 0, boxes: 5 } } } };
    const text = checks(tiny).find(({ name }) => name === "slices")!.text;
    assert.match(text, /no slice of 2 drops .*too few boxes to judge: scale small \(5 boxes\)/);
    assert.match(only(tiny, { minSliceBoxes: 5 }).text, /scale small -0\.200/);
  });

  it("fails when no slice of the champion can be compared", () => {
    const without: Evaluation = {
      ...equal,
      comparison: { ...equal.comparison!, champion: { ...champion, slices: {} } },
    };
    assert.match(only(without).text, /no slice of the champion can be compared/);
    assert.match(only(equal, { minSliceBoxes: 1000 }).text, /no slice .*light day \(100 boxes\)/);
  });

  it("may take half as long again at the median, and be twice as large, and no more", () => {
    assert.deepEqual(failed(checks({ ...equal, latencyMs: { p50: 15, p99: 90 }, modelBytes: 20_000_000 })), []);
    const slow = only({ ...equal, latencyMs: { p50: 15.1, p99: 20 } });
    assert.deepEqual([slow.name, slow.value, slow.bound], ["latency", 15.1, 15]);
    assert.match(slow.text, /median latency 15\.1 ms is not within 1\.5 times the champion's 10 ms/);
    assert.equal(only({ ...equal, modelBytes: 20_000_001 }).name, "size");
    assert.equal(only({ ...equal, latencyMs: { p50: NaN, p99: 20 } }).name, "latency");
  });
});

describe("who the champion is", () => {
  const single = (evaluation: Evaluation, against: Champion): Check => {
    const all = checks(evaluation, against);
    assert.equal(all.length, 1);
    assert.equal(all[0]!.name, "champion");
    return all[0]!;
  };
  const { comparison: _, ...alone } = equal;

  it("may be nobody yet, which is said", () => {
    const check = single(alone, "none");
    assert.equal(check.ok, true);
    assert.match(check.text, /no champion: the candidate is judged alone/);
  });
  it("may be the candidate itself", () => assert.equal(single(alone, { archiveSha256: "candidate" }).ok, true));
  it("must be known", () => {
    const check = single(equal, { unknown: "the bucket is closed" });
    assert.equal(check.ok, false);
    assert.match(check.text, /not known: the bucket is closed/);
  });
  it("must have been there when the candidate was evaluated", () => {
    const check = single(alone, live);
    assert.equal(check.ok, false);
    assert.match(check.text, /evaluated without a champion, but archive champion is live: evaluate it again/);
  });
  it("must be the one that the candidate was evaluated against", () => {
    const check = single(equal, { archiveSha256: "another" });
    assert.equal(check.ok, false);
    assert.match(check.text, /against archive champion, but archive another is live/);
  });
});
