import assert from "node:assert/strict";
import fc from "fast-check";
import { assignVariant } from "../../../lifecycle/failover/assignment";

const split = (challenger: number) => [
  { name: "champion", weight: 1 - challenger },
  { name: "challenger", weight: challenger },
];
const flights = Array.from({ length: 20_000 }, (_, index) => `flight-${index}`);

describe("the assignment of flights to variants", () => {
  it("leaves nothing to choose to one variant, or to variants without weight", () => {
    assert.equal(assignVariant("f", "e", [{ name: "champion", weight: 1 }]), undefined);
    assert.equal(
      assignVariant(
        "f",
        "e",
        split(0).map((one) => ({ ...one, weight: 0 })),
      ),
      undefined,
    );
  });

  it("is the same each time, in whatever order the variants come", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.double({ min: 0, max: 1, noNaN: true }), (flight, experiment, share) => {
        const variants = split(share);
        const first = assignVariant(flight, experiment, variants);
        assert.equal(assignVariant(flight, experiment, [...variants].reverse()), first);
        assert.ok(variants.some(({ name, weight }) => name === first && weight > 0));
      }),
    );
  });

  it("gives each variant its share: within four standard errors of it", () => {
    for (const share of [0.05, 0.25, 0.5]) {
      const got = flights.filter((flight) => assignVariant(flight, "config-1", split(share)) === "challenger").length;
      const error = Math.sqrt((share * (1 - share)) / flights.length);
      assert.ok(Math.abs(got / flights.length - share) < 4 * error, `${got} for ${share}`);
    }
  });

  it("takes no flight back from the challenger while its share grows", () => {
    for (const flight of flights.slice(0, 3000)) {
      const way = [0, 0.05, 0.25, 0.5, 1].map((share) => assignVariant(flight, "config-1", split(share)));
      assert.ok(way.lastIndexOf("champion") < (way.indexOf("challenger") + 1 || Infinity), `${flight}: ${way.join()}`);
    }
  });

  it("draws anew for another experiment: half of the flights of one half are in the other's", () => {
    const half = (experiment: string) =>
      new Set(flights.filter((flight) => assignVariant(flight, experiment, split(0.5)) === "challenger"));
    const [one, other] = [half("config-1"), half("config-2")];
    const both = [...one].filter((flight) => other.has(flight)).length;
    assert.ok(Math.abs(both / one.size - 0.5) < 0.03, String(both / one.size));
  });
});
