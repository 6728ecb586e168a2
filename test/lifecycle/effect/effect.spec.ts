import assert from "node:assert/strict";
import type { KpiDefinition, KpiRow } from "../../../contract/kpi";
import { effectOf, type EffectQuestion } from "../../../lifecycle/effect/effect";
import { isoDay } from "../../../lifecycle/forecasting/calendar";
import {
  changeDay,
  firstDay,
  type HistoryOptions,
  historyOf,
  stagedRows,
  trialOf,
} from "../../../scripts/bench/effects/histories";

const kpi: KpiDefinition = {
  ...{ name: "false-calls", unit: "calls", per: "image", better: "lower", owner: "inspection" },
  source: { kind: "feedback", measure: "wrong" },
};
const daily = (options: Omit<HistoryOptions, "seed">, seed = 3): KpiRow[] =>
  historyOf({ ...options, seed }).map(({ day, value }) => ({ day: isoDay(day), value }));
const question = (over: Partial<EffectQuestion>): EffectQuestion => ({
  ...{ kpi, definedOn: "2025-12-01", today: "2027-01-01", otherChanges: [], rows: daily({ days: 90, phi: 0.3 }) },
  release: { id: "r-1", day: isoDay(changeDay(90)) },
  ...over,
});

describe("the effect of a release", () => {
  it("is worse where the KPI rises that ought to be low, by interrupted time series", () => {
    const found = effectOf(question({ rows: daily({ days: 90, phi: 0.3, effect: 4 }) }));
    assert.deepEqual([found.verdict, found.grade, found.preRegistered], ["worse", "C", true]);
    assert.match(found.sentence, /^false-calls is worse: \+\d\.?\d* calls\/image \(95 %/);
    assert.deepEqual(
      found.refusals.map(({ grade }) => grade),
      ["A", "B"],
    );
    const fallen = effectOf(question({ rows: daily({ days: 90, phi: 0.3, effect: -4 }), definedOn: "2026-04-01" }));
    assert.deepEqual([fallen.verdict, fallen.preRegistered], ["better", false]);
  });

  it("tells no evidence from evidence of no effect", () => {
    const open = effectOf(question({}));
    assert.equal(open.verdict, "open");
    assert.match(open.sentence, /no evidence that there is none.*would have been found with a chance of 80 %/);
    const none = effectOf(question({ kpi: { ...kpi, relevant: 5 } }));
    assert.equal(none.verdict, "none");
    assert.match(none.sentence, /surely smaller than the 5 that matter/);
  });

  it("claims nothing that dates at which nothing changed have as well", () => {
    // The level jumps to and fro each ten days, and did so on the day of the change by chance.
    const rows = daily({ days: 90, phi: 0 }).map(({ day, value }, index) => ({
      day,
      value: 0.2 * value + (Math.floor((index + 0) / 10) % 2 === 0 ? 3 : -3),
    }));
    const found = effectOf(question({ rows }));
    assert.notEqual(found.verdict, "worse");
    assert.notEqual(found.verdict, "better");
  });

  it("is refused where another release bounds the days, and names it", () => {
    const other = { day: isoDay(changeDay(90) + 8), what: "release r-2" };
    const found = effectOf(question({ otherChanges: [other] }));
    assert.deepEqual([found.verdict, found.estimate], ["refused", undefined]);
    assert.match(found.sentence, /7 days after the change; 14 are needed; .*release r-2 on 2026-03-14/);
    assert.deepEqual(found.otherChanges, [other]);
    const same = effectOf(question({ otherChanges: [{ day: isoDay(changeDay(90)), what: "price list" }] }));
    assert.match(same.sentence, /on the same day something else changed: price list/);
  });

  it("is known by the experiment where there was one", () => {
    const { rows } = trialOf({ seed: 5, flights: 20, images: 20, correlation: 0.2, effect: -1 });
    const experiment = {
      ...({ id: "x-1", unit: "flight", weights: { champion: 1, challenger: 1 }, early: false } as const),
      ...{ startedAt: `${isoDay(firstDay - 1)}T01:00:00Z`, endedAt: `${isoDay(firstDay + 3)}T01:00:00Z` },
    };
    const found = effectOf(question({ rows, experiment }));
    assert.deepEqual([found.verdict, found.grade, found.refusals], ["better", "A", []]);
    // What another experiment on the day of the end had, is not its.
    const after = rows.map((row) => ({ ...row, unit: `${row.unit}-later`, arm: "challenger", value: 99 }));
    const times = {
      day: isoDay(firstDay + 3),
      from: `${isoDay(firstDay + 3)}T01:30:00Z`,
      until: `${isoDay(firstDay + 3)}T02:00:00Z`,
    };
    const mixed = effectOf(question({ rows: [...rows, ...after.map((row) => ({ ...row, ...times }))], experiment }));
    assert.deepEqual(mixed.estimate, found.estimate);
    const later = rows.map((row) => ({ ...row, day: isoDay(firstDay + 9) }));
    assert.match(
      effectOf(question({ rows: later, experiment })).refusals[0]!.reasons[0]!,
      /no values of experiment x-1/,
    );
  });

  it("is known by sites that got it later", () => {
    const rows = stagedRows({ seed: 5, changed: 10, others: 10, days: 60, phi: 0.4, effect: -2 });
    const found = effectOf(
      question({
        rows: rows.map((row) => ({ ...row, arm: row.arm === "new" ? "r-1" : row.arm! })),
        release: { id: "r-1", day: isoDay(firstDay + 30) },
      }),
    );
    assert.deepEqual([found.verdict, found.grade], ["better", "B"]);
  });

  it("counts days that are over, but for experiments", () => {
    const rows = daily({ days: 90, phi: 0.3, effect: 4 });
    const today = isoDay(changeDay(90) + 10);
    assert.match(effectOf(question({ rows, today })).sentence, /9 days after the change; 14 are needed/);
  });

  it("is no effect where two series moved together, and nothing where they did not", () => {
    const rows = daily({ days: 40, phi: 0 });
    const release = { id: "r-1", day: isoDay(firstDay + 35) };
    const companion = { metric: "map50", values: rows.map(({ day, value }) => ({ day, value: -value })) };
    const together = effectOf(question({ rows, release, companion }));
    assert.deepEqual([together.verdict, together.grade, together.estimate], ["moved-together", "D", undefined]);
    assert.match(together.sentence, /that is no effect/);
    const apart = effectOf(
      question({ rows, release, companion: { metric: "map50", values: daily({ days: 40, phi: 0 }, 99) } }),
    );
    assert.deepEqual([apart.verdict, apart.estimate], ["refused", undefined]);
  });
});
