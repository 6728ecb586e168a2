import assert from "node:assert/strict";
import fc from "fast-check";
import { type Cidr, contains, formatCidr, overlaps, parseCidr, partOf, sizeOf } from "../../../infra/network/cidr";

const block = fc
  .record({ prefix: fc.integer({ min: 0, max: 32 }), seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }) })
  .map(({ prefix, seed }): Cidr => {
    const size = sizeOf({ first: 0, prefix });
    return { prefix, first: Math.floor(seed / size) * size };
  });

describe("blocks of addresses", () => {
  it("survive being written and read", () => {
    fc.assert(fc.property(block, (cidr) => assert.deepEqual(parseCidr(formatCidr(cidr)), cidr)));
  });

  it("are read as people write them", () => {
    assert.deepEqual(parseCidr("10.64.0.0/16"), { first: 10 * 2 ** 24 + 64 * 2 ** 16, prefix: 16 });
    assert.equal(formatCidr({ first: 192 * 2 ** 24 + 168 * 2 ** 16, prefix: 24 }), "192.168.0.0/24");
    for (const wrong of ["10.64.0.1/16", "10.64.0.0", "10.64.0.0/33", "10.256.0.0/16", "fd00::/8", "10.64.0.0/16 ", ""])
      assert.equal(parseCidr(wrong), undefined, wrong);
  });

  it("fall into equal parts that fill them and do not overlap", () => {
    fc.assert(
      fc.property(
        block.filter(({ prefix }) => prefix <= 28),
        fc.integer({ min: 0, max: 4 }),
        (cidr, bits) => {
          const parts = Array.from({ length: 2 ** bits }, (_part, index) => partOf(cidr, bits, index));
          assert.equal(
            parts.reduce((sum, part) => sum + sizeOf(part), 0),
            sizeOf(cidr),
          );
          for (const [index, part] of parts.entries()) {
            assert.ok(contains(cidr, part));
            for (const other of parts.slice(index + 1))
              assert.ok(!overlaps(part, other), `${formatCidr(part)} ${formatCidr(other)}`);
          }
        },
      ),
    );
  });

  it("have no part beyond the last, and none smaller than an address", () => {
    assert.throws(() => partOf(parseCidr("10.0.0.0/16")!, 2, 4), RangeError);
    assert.throws(() => partOf(parseCidr("10.0.0.0/30")!, 3, 0), /10\.0\.0\.0\/30 has no part 0 of 8/);
  });

  it("overlap only when one contains the other", () => {
    const [outer, inner, beside] = ["10.0.0.0/8", "10.1.0.0/16", "11.0.0.0/16"].map((text) => parseCidr(text)!);
    assert.ok(overlaps(outer!, inner!) && overlaps(inner!, outer!));
    assert.ok(!overlaps(outer!, beside!) && !contains(inner!, outer!));
  });
});
