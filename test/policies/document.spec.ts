import assert from "node:assert/strict";
import fc from "fast-check";
import { includes, matches, overlap } from "../../policies/document";

const pattern = fc.string({ unit: fc.constantFrom("a", "b", "*", "?"), maxLength: 4 });
/** Every text of a and b up to six letters: longer than any two patterns above need. */
const texts = Array.from({ length: 7 }, (_, length) =>
  Array.from({ length: 2 ** length }, (_, bits) =>
    bits.toString(2).padStart(length, "0").replaceAll("0", "a").replaceAll("1", "b").slice(0, length),
  ),
).flat();

describe("patterns of policies", () => {
  it("overlap where some text matches both, and only there", () => {
    fc.assert(
      fc.property(
        pattern,
        pattern,
        (one, other) => overlap(one, other) === texts.some((text) => matches(one, text) && matches(other, text)),
      ),
      { numRuns: 500 },
    );
  });

  it("include only patterns all of whose texts they match", () => {
    fc.assert(
      fc.property(
        pattern,
        pattern,
        (outer, inner) =>
          !includes(outer, inner) || texts.every((text) => !matches(inner, text) || matches(outer, text)),
      ),
      { numRuns: 500 },
    );
    assert.ok(includes("arn:aws:s3:::data/*", "arn:aws:s3:::data/a?/*.jpg"));
  });

  it("let a policy variable stand for any text", () => {
    assert.ok(overlap("users/${aws:username}/*", "users/anna/*"));
    assert.ok(!overlap("users/${aws:username}/*", "runs/*"));
  });
});
