import assert from "node:assert/strict";
import fc from "fast-check";
import { contains, overlaps, parseCidr } from "../../../infra/network/cidr";
import { blockProblem, planNetwork, zoneLetters } from "../../../infra/network/plan";

/** Blocks that the settings accept. */
const blocks = fc
  .record({ prefix: fc.integer({ min: 14, max: 20 }), place: fc.nat() })
  .map(({ prefix, place }) => `10.${(place * 2 ** Math.max(0, 16 - prefix)) % 256}.0.0/${prefix}`)
  .filter((text) => blockProblem(text) === undefined);

describe("the plan of the networks", () => {
  it("overlaps nowhere: no environment with another, no zone with another, no private subnet with a public one", () => {
    fc.assert(
      fc.property(blocks, fc.shuffledSubarray(zoneLetters, { minLength: 1 }), (block, letters) => {
        const plans = [0, 1, 2, 3].map((index) => planNetwork(block, index, letters));
        for (const [index, plan] of plans.entries()) {
          for (const other of plans.slice(index + 1)) assert.ok(!overlaps(parseCidr(plan.vpc)!, parseCidr(other.vpc)!));
          const subnets = plan.zones.flatMap((zone) => [zone.private, zone.public]).map((text) => parseCidr(text)!);
          for (const [place, subnet] of subnets.entries()) {
            assert.ok(contains(parseCidr(plan.vpc)!, subnet));
            for (const other of subnets.slice(place + 1)) assert.ok(!overlaps(subnet, other));
          }
        }
      }),
    );
  });

  it("keeps to what VPCs and subnets may measure, and inside the block", () => {
    fc.assert(
      fc.property(blocks, fc.integer({ min: 0, max: 3 }), (block, index) => {
        const { vpc, zones } = planNetwork(block, index, zoneLetters);
        assert.ok(contains(parseCidr(block)!, parseCidr(vpc)!));
        for (const text of [vpc, ...zones.flatMap((zone) => [zone.private, zone.public])]) {
          const { prefix } = parseCidr(text)!;
          assert.ok(prefix >= 16 && prefix <= 28, text);
        }
      }),
    );
  });

  it("moves no subnet when a zone is added or the order changes", () => {
    fc.assert(
      fc.property(blocks, fc.shuffledSubarray(zoneLetters, { minLength: 1 }), (block, letters) => {
        const all = new Map(planNetwork(block, 2, zoneLetters).zones.map((zone) => [zone.letter, zone]));
        for (const zone of planNetwork(block, 2, letters).zones) assert.deepEqual(zone, all.get(zone.letter));
      }),
    );
  });

  it("gives prod of the default block these addresses", () => {
    assert.deepEqual(planNetwork("10.64.0.0/16", 2, ["a", "b"]), {
      vpc: "10.64.128.0/18",
      zones: [
        { letter: "a", private: "10.64.128.0/21", public: "10.64.160.0/24" },
        { letter: "b", private: "10.64.136.0/21", public: "10.64.161.0/24" },
      ],
    });
  });

  it("refuses blocks that are too wide, too narrow, public, misaligned or Docker's", () => {
    const reasons = ["10.0.0.0/13", "10.0.0.0/21", "8.8.0.0/16", "10.64.1.0/16", "172.16.0.0/14"].map((text) =>
      blockProblem(text),
    );
    assert.deepEqual(
      reasons.map((reason) => reason?.split(" ")[0]),
      ["expected", "expected", "expected", "expected", "overlaps"],
    );
    assert.throws(() => planNetwork("10.0.0.0/13", 0, ["a", "b"]), RangeError);
    assert.throws(() => planNetwork("10.64.0.0/16", 0, ["a", "e"]), /zones a, e, expected some of a, b, c, d/);
  });
});
