import assert from "node:assert/strict";
import fc from "fast-check";
import { type Benefit, type Cost, type Roi, roiOf, type RoiQuestion } from "../../../lifecycle/effect/roi";
import { normalCdf, normalQuantile } from "../../../lifecycle/statistics/special";

const z = normalQuantile(0.975);
const effect = (mean: number, deviation: number): NonNullable<Benefit["estimate"]> => ({
  ...{ grade: "A", mean, low: mean - z * deviation, high: mean + z * deviation },
});
const benefit = (over: Partial<Benefit> = {}): Benefit => ({
  kpi: { name: "false-calls", better: "lower", usd: [2, 6] },
  ...{ estimate: effect(-0.1, 0.02), exposed: 10_000, ...over },
});
const cost = (over: Partial<Cost> = {}): Cost => ({
  ...{ name: "training", amount: 500, coverage: 1, known: "billed", when: "once", ...over },
});
const stated = (question: Partial<RoiQuestion>): Extract<Roi, { verdict: "stated" }> => {
  const roi = roiOf({ periodDays: 30, benefits: [benefit()], costs: [cost()], ...question });
  assert.equal(roi.verdict, "stated");
  return roi as Extract<Roi, { verdict: "stated" }>;
};
const near = (one: number, other: number, most = 1e-9) =>
  assert.ok(Math.abs(one - other) <= most * Math.max(1, Math.abs(other)), `${one} is not ${other}`);

describe("what a release is worth", () => {
  it("is arithmetic where everything is known", () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 1e6 }),
        fc.double({ min: 0, max: 50, noNaN: true }),
        fc.double({ min: 1, max: 1e5, noNaN: true }),
        (mean, exposed, usd, amount) => {
          const kpi = { name: "finds", better: "higher", usd: [usd, usd] } as const;
          const roi = stated({
            benefits: [benefit({ kpi: { ...kpi, usd: [usd, usd] }, exposed, estimate: effect(mean, 0) })],
            costs: [cost({ amount })],
          });
          const net = mean * exposed * usd - amount;
          for (const one of [roi.net.median, roi.net.interval95.low, roi.net.interval80.high, roi.expected.net])
            near(one, net);
          near(roi.roi!.median, net / amount);
          assert.equal(roi.expected.deviation, 0);
          assert.equal(roi.positive, net > 0 ? 1 : 0);
        },
      ),
      { seed: 3, numRuns: 12 },
    );
  });

  it("has the closed form's mean and deviation, and the normal's chance where only the effect is uncertain", () => {
    const roi = stated({});
    // 0.1 fewer of 10,000 at 4 USD less 500; variance of a product of a normal and a uniform value.
    near(roi.expected.net, 3500);
    near(roi.expected.deviation, 10_000 * Math.sqrt(0.02 ** 2 * (16 / 12) + 0.02 ** 2 * 16 + (16 / 12) * 0.1 ** 2));
    const known = stated({
      benefits: [benefit({ kpi: { name: "a", better: "lower", usd: [4, 4] }, estimate: effect(-0.02, 0.02) })],
    });
    near(known.expected.deviation, 800);
    near(known.positive, normalCdf(300 / 800), 1e-3);
    near(known.net.interval95.low, 300 - z * 800, 1e-3);
    near(known.net.interval80.high, 300 + normalQuantile(0.9) * 800, 1e-3);
  });

  it("is the same each time", () => {
    assert.deepEqual(stated({}), stated({}));
  });

  it("tells which input matters, by closed form", () => {
    const { tornado } = stated({ costs: [cost({ range: [400, 600] })] });
    assert.deepEqual(
      tornado.map(({ input, known }) => [input, known]),
      [
        ["value of false-calls", "assumed"],
        ["effect on false-calls", "measured"],
        ["cost of training", "billed"],
      ],
    );
    const [value, measured, training] = tornado as [(typeof tornado)[0], (typeof tornado)[0], (typeof tornado)[0]];
    near(value.low, 1000 * 2.2 - 500);
    near(value.high, 1000 * 5.8 - 500);
    near(measured.high - measured.low, 2 * normalQuantile(0.95) * 0.02 * 40_000);
    near(training.high - training.low, 180);
  });

  it("pays back after the day on which what was spent once is earned", () => {
    // 4,000 USD of benefit and 1,000 of running cost in 30 days against 500 at once.
    const roi = stated({ costs: [cost(), cost({ name: "serving", amount: 1000, when: "period" })] });
    near(roi.paybackDays!, 500 / (3000 / 30));
    assert.equal(stated({ costs: [cost({ name: "serving", amount: 9000, when: "period" })] }).paybackDays, undefined);
  });

  it("is withheld, never a number, where a price, an effect or too much of the cost is unknown", () => {
    for (const [question, reason] of [
      [{ costs: [cost(), cost({ name: "people", amount: undefined })] }, /the price of people is not known/],
      [{ costs: [cost({ amount: NaN })] }, /the price of training is not known/],
      [{ costs: [cost({ coverage: 0.94 })] }, /94 % of the cost of training has a price; 95 % are needed/],
      [{ costs: [cost({ coverage: NaN })] }, /how much of the cost of training has a price is not known/],
      [{ costs: [] }, /nothing is known of what it cost/],
      [{ benefits: [benefit(), benefit({ estimate: undefined })] }, /not known by better evidence than association/],
      [{ benefits: [benefit({ kpi: { name: "a", better: "lower" } })] }, /what a unit of a is worth/],
      [{ benefits: [benefit({ exposed: undefined })] }, /how much false-calls was exposed to/],
      [{ benefits: [] }, /no KPI has a value/],
      [{ periodDays: 0 }, /the period has no days/],
    ] as const) {
      const roi = roiOf({ periodDays: 30, benefits: [benefit()], costs: [cost()], ...question } as RoiQuestion);
      assert.equal(roi.verdict, "withheld");
      assert.deepEqual(Object.keys(roi), ["verdict", "reasons"]);
      assert.match((roi as { readonly reasons: readonly string[] }).reasons.join("; "), reason);
      assert.doesNotMatch(JSON.stringify(roi), /null|NaN/);
    }
  });
});
