import assert from "node:assert/strict";
import fc from "fast-check";
import type { ScoredAnswer } from "../../../contract/experiment";
import { flightsBetween, pairsBetween, scoredMetrics, scoresBetween } from "../../../lifecycle/experiment/scores";
import { noClusters, together } from "../../../lifecycle/statistics/clusters";

const start = Date.parse("2026-11-29T12:00:00Z");
const iso = (minutes: number) => new Date(start + minutes * 60_000).toISOString();
const answer = (changes: Partial<ScoredAnswer> = {}): ScoredAnswer => ({
  id: "f1/1",
  flight: "f1",
  variant: "champion",
  answeredAt: iso(1),
  labelledAt: iso(30),
  sample: "random",
  right: 1,
  found: 2,
  true: 2,
  ...changes,
});
const byFlight = { unit: "flight", metric: { name: "f1", better: "higher" } } as const;
const byRequest = { ...byFlight, unit: "request" } as const;
const all = { startedAt: iso(0), after: undefined, until: iso(100_000) };

const answers = fc.array(
  fc
    .record({
      flight: fc.constantFrom("f1", "f2", "f3"),
      variant: fc.constantFrom("champion", "challenger"),
      number: fc.nat(50),
      labelled: fc.nat(600),
      right: fc.nat(2),
    })
    .map(({ flight, variant, number, labelled, right }) =>
      answer({ id: `${flight}/${number}`, flight, variant, labelledAt: iso(labelled), right }),
    ),
  { maxLength: 60 },
);

describe("scores of an experiment", () => {
  it("count every unit once, however the time is cut into looks", () => {
    fc.assert(
      fc.property(
        answers,
        fc.array(fc.nat(800), { maxLength: 6 }),
        fc.constantFrom(byFlight, byRequest),
        fc.constantFrom("live" as const, "shadow" as const),
        (given, cuts, design, mode) => {
          const times = [...new Set(cuts)].sort((one, other) => one - other).map(iso);
          const whole = scoresBetween(design, mode, { answers: given }, all);
          const sum = { champion: noClusters, challenger: noClusters };
          for (const [index, until] of [...times, all.until].entries()) {
            const part = scoresBetween(design, mode, { answers: given }, { ...all, after: times[index - 1], until });
            sum.champion = together(sum.champion, part.champion);
            sum.challenger = together(sum.challenger, part.challenger);
          }
          for (const arm of ["champion", "challenger"] as const)
            for (const key of ["clusters", "values"] as const) assert.equal(sum[arm][key], whole[arm][key]);
          assert.ok(Math.abs(sum.champion.sum - whole.champion.sum) < 1e-9);
        },
      ),
    );
  });

  it("count each pair once, however the time is cut into looks, and as the difference of both", () => {
    fc.assert(
      fc.property(
        answers,
        fc.array(fc.nat(800), { maxLength: 6 }),
        fc.constantFrom(byFlight, byRequest),
        (given, cuts, design) => {
          // A label comes after the experiment's start, once, and tells of both answers to its image.
          const labelledAt = new Map(given.map((one) => [one.id, one.labelledAt]));
          const late = given.map((one) => ({ ...one, labelledAt: labelledAt.get(one.id)! }));
          const once = [...new Map(late.map((one) => [`${one.variant} ${one.id}`, one])).values()].filter(
            (one) => one.labelledAt > all.startedAt,
          );
          const times = [...new Set(cuts)].sort((one, other) => one - other).map(iso);
          let sum = noClusters;
          for (const [index, until] of [...times, all.until].entries())
            sum = together(sum, pairsBetween(design, { answers: once }, { ...all, after: times[index - 1], until }));
          const whole = pairsBetween(design, { answers: once }, all);
          assert.deepEqual([sum.clusters, sum.values], [whole.clusters, whole.values]);
          assert.ok(Math.abs(sum.sum - whole.sum) < 1e-9);
          if (design !== byRequest) return;
          const scoreOf = (variant: string, id: string) => {
            const found = once.find((one) => one.variant === variant && one.id === id);
            return found && scoredMetrics["f1"]!(found);
          };
          const differences = [...new Set(once.map(({ id }) => id))].flatMap((id) => {
            const [champion, challenger] = [scoreOf("champion", id), scoreOf("challenger", id)];
            return champion === undefined || challenger === undefined ? [] : [challenger - champion];
          });
          assert.equal(whole.values, differences.length);
          assert.ok(Math.abs(whole.sum - differences.reduce((total, one) => total + one, 0)) < 1e-9);
        },
      ),
    );
  });

  it("leave out answers of before, chosen ones, and flights that both models answered", () => {
    const count = (given: ScoredAnswer[], mode: "live" | "shadow" = "live") =>
      scoresBetween(byFlight, mode, { answers: given }, all).champion.clusters;
    assert.equal(count([answer()]), 1);
    assert.equal(count([answer({ answeredAt: iso(-1) })]), 0);
    assert.equal(count([answer({ sample: "chosen" })]), 0);
    const both = [answer(), answer({ variant: "challenger" })];
    assert.equal(count(both), 0);
    assert.equal(count(both, "shadow"), 1);
  });

  it("wait for a flight's labels, and take none that come long after the others", () => {
    const given = [answer(), answer({ id: "f1/2", labelledAt: iso(80) }), answer({ id: "f1/3", labelledAt: iso(300) })];
    const values = (until: number) =>
      scoresBetween(byFlight, "live", { answers: given }, { ...all, until: iso(until) }).champion.values;
    assert.deepEqual([values(100), values(139), values(140), values(1000)], [0, 0, 2, 2]);
  });

  it("are 0 to 1, and undefined where the metric knows nothing", () => {
    const score = (name: string, right: number, found: number, objects: number) =>
      scoredMetrics[name]!(answer({ right, found, true: objects }));
    assert.deepEqual([score("f1", 1, 2, 2), score("f1", 0, 0, 0), score("f1", 0, 3, 0)], [0.5, 1, 0]);
    assert.deepEqual([score("precision", 1, 4, 1), score("precision", 0, 0, 1)], [0.25, undefined]);
    assert.deepEqual([score("recall", 1, 1, 4), score("recall", 0, 1, 0)], [0.25, undefined]);
  });

  it("know flights by when they were seen first", () => {
    const flights = { champion: { a: iso(60), b: iso(120) }, challenger: { c: iso(60) }, other: { d: iso(60) } };
    const between = (after: string | undefined, until: string) =>
      flightsBetween({ flights }, { startedAt: iso(0), after, until });
    assert.deepEqual(between(undefined, iso(60)), { champion: 1, challenger: 1 });
    assert.deepEqual(between(iso(60), iso(120)), { champion: 1, challenger: 0 });
  });
});
