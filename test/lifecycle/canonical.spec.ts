import assert from "node:assert/strict";
import fc from "fast-check";
import { canonicalJson, NotCanonical } from "../../lifecycle/canonical";

/** Bits of an IEEE 754 double -> text (RFC 8785, appendix B). */
const numbers: [string, string][] = [
  ["0000000000000000", "0"],
  ["8000000000000000", "0"],
  ["0000000000000001", "5e-324"],
  ["8000000000000001", "-5e-324"],
  ["7fefffffffffffff", "1.7976931348623157e+308"],
  ["ffefffffffffffff", "-1.7976931348623157e+308"],
  ["4340000000000000", "9007199254740992"],
  ["c340000000000000", "-9007199254740992"],
  ["4430000000000000", "295147905179352830000"],
  ["44b52d02c7e14af5", "9.999999999999997e+22"],
  ["44b52d02c7e14af6", "1e+23"],
  ["44b52d02c7e14af7", "1.0000000000000001e+23"],
  ["444b1ae4d6e2ef4e", "999999999999999700000"],
  ["444b1ae4d6e2ef4f", "999999999999999900000"],
  ["444b1ae4d6e2ef50", "1e+21"],
  ["3eb0c6f7a0b5ed8c", "9.999999999999997e-7"],
  ["3eb0c6f7a0b5ed8d", "0.000001"],
  ["41b3de4355555553", "333333333.3333332"],
  ["41b3de4355555554", "333333333.33333325"],
  ["41b3de4355555555", "333333333.3333333"],
  ["41b3de4355555556", "333333333.3333334"],
  ["41b3de4355555557", "333333333.33333343"],
  ["becbf647612f3696", "-0.0000033333333333333333"],
  ["43143ff3c1cb0959", "1424953923781206.2"],
];

describe("canonical JSON (RFC 8785)", () => {
  for (const [bits, text] of numbers)
    it(`writes the double ${bits} as ${text}`, () =>
      assert.equal(canonicalJson(Buffer.from(bits, "hex").readDoubleBE()), text));

  it("writes the sample of section 3.2.2, sorted as in 3.2.3", () => {
    const sample = {
      numbers: [333333333.33333329, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      literals: [null, true, false],
    };
    assert.equal(
      canonicalJson(sample),
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  it("sorts members by UTF-16 code units, not by code points (section 3.2.3)", () => {
    const sample = {
      "\u20ac": "Euro Sign",
      "\r": "Carriage Return",
      "\ufb33": "Hebrew Letter Dalet With Dagesh",
      "1": "One",
      "\ud83d\ude00": "Emoji: Grinning Face",
      "\u0080": "Control",
      "\u00f6": "Latin Small Letter O With Diaeresis",
    };
    const text = `{"\\r":"Carriage Return","1":"One","\u0080":"Control","ö":"Latin Small Letter O With Diaeresis","€":"Euro Sign","😀":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}`;
    assert.equal(canonicalJson(sample), text);
  });

  const strangers: [string, unknown, RegExp][] = [
    ["NaN", NaN, /the value is NaN/],
    ["infinity", { a: [1, Infinity] }, /a\[1\] is Infinity/],
    ["undefined", { a: { b: undefined } }, /a\.b is a value of type undefined/],
    ["a date", { at: new Date(0) }, /at is an object of a class/],
    ["a map", new Map(), /object of a class/],
    ["a big integer", 1n, /type bigint/],
    ["a function", () => 1, /type function/],
    ["half a surrogate pair", { a: "\ud83d" }, /a is a string with half a surrogate pair/],
    ["half a surrogate pair as a name", { "\ude00": 1 }, /half a surrogate pair/],
    ["a hole in an array", [1, , 2], /\[1\] is a value of type undefined/],
  ];
  for (const [what, value, reason] of strangers)
    it(`refuses ${what} and says where it is`, () =>
      assert.throws(
        () => canonicalJson(value),
        (error: Error) => error instanceof NotCanonical && reason.test(error.message),
      ));

  it("is read back as the same value, and written the same again", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const value: unknown = JSON.parse(text);
        try {
          const written = canonicalJson(value);
          assert.deepEqual(JSON.parse(written), JSON.parse(JSON.stringify(value)));
          assert.equal(canonicalJson(JSON.parse(written)), written);
        } catch (error) {
          if (!(error instanceof NotCanonical)) throw error;
          assert.match(text, /\\u|[\ud800-\udfff]/i);
        }
      }),
    );
  });

  it("does not depend on the order in which members were set", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.integer()), (members) => {
        const turned = Object.fromEntries(Object.entries(members).reverse());
        assert.equal(canonicalJson(turned), canonicalJson({ ...members }));
      }),
    );
  });
});
