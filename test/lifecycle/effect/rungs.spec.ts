import assert from "node:assert/strict";
import { associationOf } from "../../../lifecycle/effect/association";
import { interruptedSeries, toleratedPlacebos } from "../../../lifecycle/effect/interrupted";
import { randomisedEffect } from "../../../lifecycle/effect/randomised";
import { type Estimate, isRefusal, type Rung } from "../../../lifecycle/effect/result";
import { regressSeries } from "../../../lifecycle/effect/series-regression";
import { stagedEffect } from "../../../lifecycle/effect/staged";
import { isoDay } from "../../../lifecycle/forecasting/calendar";
import { mixtureMean } from "../../../lifecycle/statistics/mixture-of-students";
import { studentQuantile } from "../../../lifecycle/statistics/student";
import { changeDay, firstDay, historyOf, stagedRows, trialOf } from "../../../scripts/bench/effects/histories";
import { plainRegression } from "../../../scripts/bench/effects/plain";

const estimate = (rung: Rung): Estimate => {
  assert.ok(!isRefusal(rung), isRefusal(rung) ? rung.reasons.join("; ") : "");
  return rung;
};
const reasons = (rung: Rung): string => (isRefusal(rung) ? rung.reasons.join("; ") : "an estimate");
const always = { from: -Infinity, to: Infinity };
const split = { unit: "flight", weights: { champion: 1, challenger: 1 }, early: false } as const;

describe("an interrupted time series", () => {
  it("claims less where nothing happened than a plain regression, and its intervals hold", () => {
    const [runs, days, phi] = [150, 60, 0.8];
    let [claimed, plain, held] = [0, 0, 0];
    for (let seed = 0; seed < runs; seed++) {
      const points = historyOf({ seed, days, phi });
      const { low, high, placebo } = estimate(interruptedSeries(points, changeDay(days)));
      if ((low > 0 || high < 0) && placebo!.asExtreme <= toleratedPlacebos(placebo!.dates)) claimed++;
      if (low <= 0 && high >= 0) held++;
      if (plainRegression(points, changeDay(days))) plain++;
    }
    assert.ok(claimed / runs <= 0.07, `claimed ${claimed} of ${runs}`);
    assert.ok(held / runs >= 0.9, `held ${held} of ${runs}`);
    assert.ok(plain / runs > 0.25, `plain ${plain} of ${runs}`);
  });

  it("finds a step through trend, weekends and missing days, and tells what would have been", () => {
    const points = historyOf({ seed: 3, days: 120, phi: 0.3, trend: 0.05, weekend: 3, missing: 0.1, effect: 4 });
    const found = estimate(interruptedSeries(points, changeDay(120)));
    assert.ok(found.low > 0 && found.low < 4 && found.high > 4, JSON.stringify(found.low));
    assert.match(found.method, /days of the week/);
    const last = found.course!.at(-1)!;
    assert.ok(last.low < last.expected && last.expected < last.high);
    assert.ok(Math.abs(last.value - last.expected - 4) < 3);
    assert.equal(found.n["days before"]! + found.n["days after"]!, found.course!.length);
  });

  it("is refused where days are too few, or never vary", () => {
    const few = historyOf({ seed: 1, days: 40, phi: 0 });
    assert.match(
      reasons(interruptedSeries(few, firstDay + 29)),
      /29 days before the change; 30 are needed; 10 days after/,
    );
    const flat = Array.from({ length: 60 }, (_, index) => ({ day: firstDay + index, value: 3 }));
    assert.match(reasons(interruptedSeries(flat, changeDay(60))), /never vary/);
  });

  it("has the exact step where there is no noise", () => {
    const points = Array.from({ length: 20 }, (_, index) => ({ day: index, value: 2 + index + (index >= 10 ? 5 : 0) }));
    const columns = [
      Float64Array.from(points, () => 1),
      Float64Array.from(points, ({ day }) => day),
      Float64Array.from(points, ({ day }) => Number(day >= 10)),
    ];
    const regression = regressSeries(points, columns)!;
    for (const [weights, expected] of [
      [[1, 0, 0], 2],
      [[0, 1, 0], 1],
      [[0, 0, 1], 5],
    ] as const)
      assert.ok(Math.abs(mixtureMean(regression.about(weights)) - expected) < 1e-8);
  });
});

describe("a randomised comparison", () => {
  it("is the difference of the arms' means with the variance of flights", () => {
    const row = (unit: number, arm: string, value: number) => ({
      day: "2026-11-01",
      unit: `${arm}-${unit}`,
      arm,
      value,
    });
    const rows = Array.from({ length: 10 }, (_, unit) => [
      row(unit, "champion", unit),
      row(unit, "challenger", 2 * unit),
    ]).flat();
    const found = estimate(randomisedEffect(rows, split));
    assert.equal(found.mean, 4.5);
    // Variances of 0..9 and of its double, 55/6 and 220/6, over ten flights; 225/17 degrees by Satterthwaite.
    const deviation = Math.sqrt((55 / 6 + 220 / 6) / 10);
    assert.ok(
      Math.abs((found.high - found.low) / 2 - deviation * studentQuantile(0.975, 225 / 17)) < 1e-9,
      String((found.high - found.low) / 2 / deviation),
    );
  });

  it("is sharper with what flights were like before, and not biased by it", () => {
    const runs = 60;
    let [plain, adjusted, sum] = [0, 0, 0];
    for (let seed = 0; seed < runs; seed++) {
      const { rows, history } = trialOf({ seed, flights: 20, images: 10, correlation: 0.5, effect: 1, past: 0.9 });
      const [without, withPast] = [
        estimate(randomisedEffect(rows, split)),
        estimate(randomisedEffect(rows, split, history)),
      ];
      plain += without.high - without.low;
      adjusted += withPast.high - withPast.low;
      sum += withPast.mean;
    }
    assert.ok(adjusted < 0.75 * plain, `${adjusted} of ${plain}`);
    assert.ok(Math.abs(sum / runs - 1) < 0.06, String(sum / runs));
  });

  it("says nothing of a split that chance does not make, and of too few flights", () => {
    const { rows } = trialOf({ seed: 1, flights: 60, images: 5, correlation: 0.2 });
    const skewed = rows.filter(({ arm, unit }) => arm === "champion" || Number(unit!.split("-")[1]) < 20);
    assert.match(reasons(randomisedEffect(skewed, split)), /60 and 20 flights.*sample ratio mismatch/);
    const few = rows.filter(({ unit }) => Number(unit!.split("-")[1]) < 9);
    assert.match(reasons(randomisedEffect(few, split)), /9 flights of the champion alone; 10 are needed/);
  });

  it("leaves out flights that both answered, and is wider where it ended early", () => {
    const { rows } = trialOf({ seed: 2, flights: 20, images: 5, correlation: 0.2 });
    const mixed = [...rows, { ...rows[0]!, arm: "challenger" }];
    const found = estimate(randomisedEffect(mixed, split));
    assert.deepEqual(found.n, {
      "flights of the champion": 19,
      "flights of the challenger": 20,
      "flights that both answered, left out": 1,
    });
    const early = estimate(randomisedEffect(mixed, { ...split, early: true }));
    assert.ok(early.high - early.low > 1.2 * (found.high - found.low));
  });
});

describe("a difference in differences", () => {
  it("takes away what all sites have in common, and finds the effect", () => {
    const found = estimate(
      stagedEffect(stagedRows({ seed: 4, changed: 10, others: 10, days: 60, phi: 0.5, effect: 1 }), "new", always),
    );
    assert.ok(found.low > 0 && found.low < 1 && found.high > 1);
    assert.deepEqual(found.n, { "units that changed": 10, "units that did not": 10 });
    assert.ok(found.course!.length > 50);
  });

  it("enumerates assignments where sites are few, and refuses where they are too few", () => {
    const rows = (changed: number, others: number) =>
      stagedRows({ seed: 8, changed, others, days: 60, phi: 0.2, effect: 3 });
    assert.match(estimate(stagedEffect(rows(4, 4), "new", always)).method, /randomisation inference/);
    assert.match(reasons(stagedEffect(rows(2, 3), "new", always)), /so few assignments/);
    assert.match(reasons(stagedEffect(rows(1, 8), "new", always)), /1 units changed and 8 did not/);
  });

  it("refuses groups that went apart before", () => {
    const rows = stagedRows({ seed: 5, changed: 10, others: 10, days: 60, phi: 0.2 }).map((row) => {
      const site = Number(row.unit!.split("-")[1]);
      const day = Date.parse(row.day) / 86_400_000 - firstDay;
      return site < 10 ? { ...row, value: row.value + 0.2 * day } : row;
    });
    assert.match(reasons(stagedEffect(rows, "new", always)), /went apart before the change/);
  });

  it("leaves out sites that changed on another day, or went back", () => {
    const rows = stagedRows({ seed: 6, changed: 10, others: 10, days: 60, phi: 0.2, effect: 1 }).map((row) => {
      const day = Date.parse(row.day) / 86_400_000 - firstDay;
      if (row.unit === "site-0") return { ...row, arm: day >= 40 ? "new" : "old" };
      return row.unit === "site-1" && day >= 50 ? { ...row, arm: "old" } : row;
    });
    assert.deepEqual(estimate(stagedEffect(rows, "new", always)).n, {
      "units that changed": 8,
      "units that did not": 10,
      "units left out": 2,
    });
  });
});

describe("an association", () => {
  const days = (values: readonly number[], from = 0) =>
    values.map((value, index) => ({ day: isoDay(firstDay + index + from), value }));

  it("finds by how many days one series follows the other", () => {
    const values = historyOf({ seed: 9, days: 90, phi: 0 }).map(({ value }) => value);
    const found = associationOf(
      days(
        values.map((value) => -2 * value),
        3,
      ),
      "map50",
      days(values),
    )!;
    assert.equal(found.lagDays, 3);
    assert.ok(found.correlation < -0.999 && found.pValue < 1e-10);
  });

  it("is none of two series that merely drift", () => {
    const [up, down] = [1, 2].map((seed) => {
      let sum = 0;
      return days(
        historyOf({ seed, days: 200, phi: 0 }).map(({ value }, index) => (sum += value - 10 + 0.3) + 0 * index),
      );
    });
    assert.ok(associationOf(up!, "other", down!)!.pValue > 0.05);
    assert.equal(associationOf(up!.slice(0, 15), "other", down!), undefined);
  });
});
