import assert from "node:assert/strict";
import { adviseInstance, type Performance, type ServingNeed } from "../../pricing/adviser";
import { Prices, type PriceTable } from "../../pricing/table";

const table: PriceTable = {
  ...{ currency: "USD", updated: "2026-11-30", sources: {} },
  regions: {
    here: Object.fromEntries(
      Object.entries({ small: 0.1, middle: 0.5, big: 1 }).map(([type, usd]) => [
        `sagemaker.hosting.ml.${type}`,
        { usd, per: "hour", source: "test" },
      ]),
    ),
  },
};
const need: ServingNeed = { objectiveP90Ms: 100, peakImagesPerSecond: 30, minInstances: 2, maxInstances: 4 };
const allowed = ["ml.small", "ml.middle", "ml.big", "ml.new"];
const speed = (p90Ms: number, imagesPerSecond: number): Performance => ({ p90Ms, imagesPerSecond, source: "stated" });

function advise(speeds: Readonly<Record<string, Performance>>, changes: Partial<ServingNeed> = {}) {
  return adviseInstance(allowed, new Map(Object.entries(speeds)), new Prices(table, "here"), { ...need, ...changes });
}

describe("the cheapest instance type that meets the objective", () => {
  it("is chosen by the price of all instances that the peak needs, not by that of one", () => {
    // Two big ones for 1,460 USD; four of the middle ones would do as well, for the same.
    const { best } = advise({ "ml.middle": speed(80, 10), "ml.big": speed(40, 40) });
    assert.deepEqual([best?.type, best?.instances, best?.monthlyUsd], ["ml.middle", 3, 3 * 0.5 * 730]);
  });

  it("keeps the least number of instances, however fast one is", () => {
    assert.equal(advise({ "ml.big": speed(40, 1000) }).best?.instances, 2);
  });

  it("rules out what is too slow, and what would need too many", () => {
    const { best, options } = advise({
      "ml.small": speed(80, 1),
      "ml.middle": speed(101, 100),
      "ml.big": speed(100, 40),
    });
    assert.equal(best?.type, "ml.big", "exactly at the objective is enough");
    assert.deepEqual(
      options.map(({ type, verdict }) => [type, verdict]),
      [
        ["ml.big", "meets"],
        ["ml.small", "too many"],
        ["ml.middle", "too slow"],
        ["ml.new", "unknown"],
      ],
    );
  });

  it("is nobody's guess: without a speed a type is unknown, and without any there is no advice", () => {
    const { best, options } = advise({});
    assert.equal(best, undefined);
    assert.ok(options.every(({ verdict, monthlyUsd }) => verdict === "unknown" && monthlyUsd === undefined));
  });

  it("is none without a price, though it is fast enough", () => {
    const { best, options } = advise({ "ml.new": speed(10, 100) });
    assert.equal(best, undefined);
    assert.match(options[0]!.reasons.join(), /no price/);
  });
});
