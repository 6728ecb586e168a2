import assert from "node:assert/strict";
import fc from "fast-check";
import { exampleOf, matches, commonMatch, commonMatches } from "../../../lifecycle/access/glob";

const pattern = fc.stringMatching(/^[ab*?]{0,6}$/);
const texts = ["", ..."ab"].reduce<string[]>(
  (all) => [...new Set(all.flatMap((text) => [text, `${text}a`, `${text}b`]))],
  [""],
);
/** Every text of a and b up to six characters: what patterns of six characters tell apart. */
const universe = Array.from({ length: 3 }).reduce<string[]>(
  (all) => [...new Set(all.flatMap((text) => [text, `${text}a`, `${text}b`]))],
  texts,
);

describe("what two patterns have in common", () => {
  it("is a text that both match", () => {
    fc.assert(
      fc.property(pattern, pattern, (one, other) => {
        return commonMatches(one, other).every((both) => matches(one, both) && matches(other, both));
      }),
      { numRuns: 2000 },
    );
  });

  it("is found where there is any", () => {
    fc.assert(
      fc.property(pattern, pattern, (one, other) => {
        const any = universe.find((text) => matches(one, text) && matches(other, text));
        return any === undefined || commonMatch(one, other) !== undefined;
      }),
      { numRuns: 2000 },
    );
  });

  it("is found of three as well", () => {
    fc.assert(
      fc.property(pattern, pattern, pattern, (...all) => {
        const common = commonMatch(...all);
        return common === undefined
          ? !universe.some((text) => all.every((one) => matches(one, text)))
          : all.every((one) => matches(one, common));
      }),
      { numRuns: 2000 },
    );
  });

  it("carries the name of a probe where both leave it open", () => {
    assert.equal(commonMatch("arn:model/*", "arn:model/mine-*"), "arn:model/mine-probe");
    assert.equal(commonMatch("runs/*", "*"), "runs/probe");
    assert.equal(commonMatch("app/*/anna/*", "app/*"), "app/probe/anna/probe");
    assert.equal(commonMatch("a/*", "b/*"), undefined);
    assert.equal(exampleOf("x-*?"), "x-probex");
  });
});
