import assert from "node:assert/strict";
import { fixedContext } from "../../../local/iam/context";
import { compileCondition } from "../../../local/iam/operators";

const context = {
  "aws:user": "Ann",
  "s3:max-keys": "10",
  "aws:currenttime": "2026-11-24T12:00:00Z",
  "aws:flag": "true",
  "aws:blob": "QmluYXJ5",
  "aws:sourceip": "203.0.113.7",
  "aws:sourceip6": "2001:db8::1",
  "aws:principalarn": "arn:aws:iam::111122223333:role/x/y",
  "sagemaker:instancetypes": ["ml.g5.xlarge", "ml.m5.large"],
  "aws:none": [],
  "aws:empty": [""],
  "aws:principaltag/team": "a*",
  "aws:word": "yes",
  "aws:hex": "0x10",
  "aws:epoch": "1795521600",
  "aws:mapped": "::ffff:10.0.0.1",
  "aws:short": "arn:aws:s3",
  "aws:object": "arn:aws:s3:::bucket/a:b/c",
};

function holds(operator: string, key: string, values: string | string[], variables = true): boolean {
  return compileCondition(operator, key, [values].flat(), variables)(fixedContext(context));
}

type Row = readonly [operator: string, key: string, values: string | string[], expected: boolean];
function table(title: string, rows: readonly Row[]): void {
  describe(title, () => {
    for (const [operator, key, values, expected] of rows) {
      it(`${operator} ${key} ${JSON.stringify(values)} ${expected ? "holds" : "does not hold"}`, () =>
        assert.equal(holds(operator, key, values), expected));
    }
  });
}

describe("condition operators", () => {
  table("compare strings", [
    ["StringEquals", "aws:user", "Ann", true],
    ["StringEquals", "AWS:User", "Ann", true],
    ["StringEquals", "aws:user", "ann", false],
    ["StringEquals", "aws:user", "A*", false],
    ["stringequals", "aws:user", ["Bob", "Ann"], true],
    ["StringNotEquals", "aws:user", ["Bob", "Ann"], false],
    ["StringEqualsIgnoreCase", "aws:user", "aNN", true],
    ["StringNotEqualsIgnoreCase", "aws:user", "aNN", false],
    ["StringLike", "aws:user", "A?n", true],
    ["StringLike", "aws:user", "a*", false],
    ["StringNotLike", "aws:user", "B*", true],
  ]);

  table("compare numbers, dates, booleans and bytes", [
    ["NumericEquals", "s3:max-keys", "10.0", true],
    ["NumericNotEquals", "s3:max-keys", "10", false],
    ["NumericLessThan", "s3:max-keys", "10", false],
    ["NumericLessThanEquals", "s3:max-keys", "10", true],
    ["NumericGreaterThan", "s3:max-keys", "9", true],
    ["NumericGreaterThanEquals", "s3:max-keys", "11", false],
    ["NumericLessThan", "aws:user", "10", false],
    ["DateGreaterThan", "aws:currenttime", "2026-11-24T11:59:59Z", true],
    ["DateLessThan", "aws:currenttime", "2026-11-24T12:00:00Z", false],
    ["DateLessThanEquals", "aws:currenttime", "2026-11-24T13:00:00+01:00", true],
    ["DateGreaterThanEquals", "aws:currenttime", "1795521600", true],
    ["DateEquals", "aws:currenttime", "2026-11-24T12:00:00.000Z", true],
    ["DateNotEquals", "aws:currenttime", "2026-11-24T12:00:00.000Z", false],
    ["Bool", "aws:flag", "True", true],
    ["Bool", "aws:flag", "false", false],
    ["BinaryEquals", "aws:blob", "QmluYXJ5", true],
    ["BinaryEquals", "aws:blob", "QmluYXI=", false],
  ]);

  table("take only numbers, dates and booleans for such", [
    ["NumericEquals", "aws:hex", "16", false],
    ["NumericNotEquals", "aws:hex", "16", true],
    ["NumericEquals", "s3:max-keys", "", false],
    ["NumericEquals", "s3:max-keys", ["9", "10"], true],
    ["NumericNotEquals", "s3:max-keys", ["9", "10"], false],
    ["NumericLessThan", "s3:max-keys", ["1", "11"], true],
    ["Bool", "aws:word", "yes", false],
    ["Bool", "aws:flag", ["false", "true"], true],
    ["DateEquals", "aws:currenttime", "2026-11-24T12:00:00", true],
    ["DateEquals", "aws:epoch", "2026-11-24T12:00Z", true],
    ["DateGreaterThan", "aws:currenttime", "2026", true],
    ["DateLessThan", "aws:currenttime", "2026-11-25", true],
    ["DateGreaterThan", "aws:currenttime", "24 November 2020", false],
    ["DateNotEquals", "aws:currenttime", "tomorrow", true],
    ["DateLessThan", "aws:epoch", "1795521601", true],
  ]);

  table("match addresses", [
    ["IpAddress", "aws:sourceip", "203.0.113.0/24", true],
    ["IpAddress", "aws:sourceip", "203.0.113.7", true],
    ["IpAddress", "aws:sourceip", "203.0.112.0/24", false],
    ["IpAddress", "aws:sourceip", "0.0.0.0/0", true],
    ["IpAddress", "aws:sourceip", "2001:db8::/32", false],
    ["NotIpAddress", "aws:sourceip", "203.0.113.0/24", false],
    ["IpAddress", "aws:sourceip6", "2001:db8::/32", true],
    ["IpAddress", "aws:sourceip6", "2001:db9::/32", false],
    ["IpAddress", "aws:user", "0.0.0.0/0", false],
    ["NotIpAddress", "aws:user", "0.0.0.0/0", true],
    ["NotIpAddress", "aws:sourceip6", "203.0.113.0/24", true],
    ["NotIpAddress", "aws:sourceip", ["203.0.113.0/24", "2001:db8::/32"], false],
    ["IpAddress", "aws:sourceip6", "2001:0DB8:0:0:0:0:0:1", true],
    ["IpAddress", "aws:sourceip6", "::/0", true],
    ["IpAddress", "aws:mapped", "::ffff:a00:0/104", true],
    ["IpAddress", "aws:sourceip", "203.0.113.0/33", false],
    ["IpAddress", "aws:sourceip", "203.0.113.*", false],
  ]);

  table("match ARNs part by part", [
    ["ArnEquals", "aws:principalarn", "arn:aws:iam::111122223333:role/*", true],
    ["ArnLike", "aws:principalarn", "arn:aws:iam::*:role/x/?", true],
    ["ArnLike", "aws:principalarn", "arn:aws:*:role/x/y", false],
    ["ArnNotLike", "aws:principalarn", "arn:aws:iam::*:role/z/*", true],
    ["ArnNotEquals", "aws:principalarn", "arn:aws:iam::*:role/x/*", false],
    ["ArnEquals", "aws:principalarn", "arn:aws:iam::111122223333:ROLE/x/y", false],
    ["ArnLike", "aws:object", "arn:aws:s3:::bucket/*", true],
    ["ArnLike", "aws:object", "arn:aws:s3:*:*:bucket/a?b/c", true],
    ["ArnLike", "aws:object", "arn:aws:s3:*:bucket/a:b/c", false],
    ["ArnLike", "aws:object", "*", false],
    ["ArnLike", "aws:object", "arn:aws:s3:*", false],
    ["ArnNotLike", "aws:object", "arn:aws:s3:*", true],
    ["ArnLike", "aws:short", "arn:aws:s3:*:*:*", false],
    ["StringLike", "aws:object", "arn:aws:s3:*", true],
  ]);

  table("treat missing keys as IAM does", [
    ["StringEquals", "aws:absent", "x", false],
    ["StringNotEquals", "aws:absent", "x", true],
    ["StringNotLike", "aws:absent", "*", true],
    ["NumericNotEquals", "aws:absent", "1", true],
    ["NumericLessThan", "aws:absent", "1", false],
    ["DateNotEquals", "aws:absent", "2026-01-01", true],
    ["NotIpAddress", "aws:absent", "0.0.0.0/0", true],
    ["ArnNotLike", "aws:absent", "*", true],
    ["Bool", "aws:absent", "false", false],
    ["StringEqualsIfExists", "aws:absent", "x", true],
    ["BoolIfExists", "aws:absent", "true", true],
    ["StringEqualsIfExists", "aws:user", "x", false],
    ["ForAllValues:StringEquals", "aws:absent", "x", true],
    ["ForAllValues:StringEquals", "aws:none", "x", true],
    ["ForAnyValue:StringEquals", "aws:absent", "x", false],
    ["ForAnyValue:StringNotEquals", "aws:absent", "x", false],
    ["ForAnyValue:StringEqualsIfExists", "aws:absent", "x", true],
    ["Null", "aws:absent", "true", true],
    ["Null", "aws:absent", "false", false],
    ["Null", "aws:none", "true", true],
    ["Null", "aws:user", "true", false],
    ["Null", "aws:user", "false", true],
    ["Null", "aws:user", ["true", "false"], true],
    ["Null", "aws:empty", "false", false],
    ["StringEquals", "aws:empty", "", true],
    ["StringNotEqualsIfExists", "aws:absent", "x", true],
    ["StringNotEqualsIfExists", "aws:user", "Ann", false],
    ["NotIpAddressIfExists", "aws:sourceip", "203.0.113.0/24", false],
    ["ForAllValues:StringNotEquals", "aws:absent", "x", true],
    ["ForAllValues:StringEquals", "aws:empty", "x", true],
    ["ForAnyValue:StringNotEquals", "aws:empty", "x", false],
  ]);

  table("compare sets", [
    ["ForAllValues:StringLike", "sagemaker:InstanceTypes", ["ml.g5.*", "ml.m5.*"], true],
    ["ForAllValues:StringLike", "sagemaker:InstanceTypes", "ml.g5.*", false],
    ["ForAnyValue:StringLike", "sagemaker:InstanceTypes", "ml.g5.*", true],
    ["ForAnyValue:StringNotLike", "sagemaker:InstanceTypes", ["ml.g5.*", "ml.m5.*"], false],
    ["ForAnyValue:StringNotLike", "sagemaker:InstanceTypes", "ml.g5.*", true],
    ["ForAllValues:StringNotLike", "sagemaker:InstanceTypes", "ml.p5.*", true],
    ["ForAllValues:StringNotLike", "sagemaker:InstanceTypes", ["ml.p5.*", "ml.m5.*"], false],
    ["ForAllValues:StringEqualsIgnoreCase", "sagemaker:InstanceTypes", ["ML.G5.XLARGE", "ML.M5.LARGE"], true],
    ["foranyvalue:stringequals", "SageMaker:instanceTypes", "ml.m5.large", true],
    ["StringLike", "sagemaker:InstanceTypes", "ml.g5.*", true],
    ["StringNotLike", "sagemaker:InstanceTypes", "ml.g5.*", false],
  ]);

  describe("replace variables", () => {
    it("takes the value literally, wildcards in it included", () => {
      assert.equal(
        compileCondition(
          "StringLike",
          "k:x",
          ["${aws:PrincipalTag/team}"],
          true,
        )(fixedContext({ "k:x": "ab", "aws:PrincipalTag/team": "a*" })),
        false,
      );
      assert.equal(
        compileCondition(
          "StringLike",
          "k:x",
          ["${aws:PrincipalTag/team}"],
          true,
        )(fixedContext({ "k:x": "a*", "aws:PrincipalTag/team": "a*" })),
        true,
      );
    });
    it("uses the default where the key is absent", () => {
      assert.equal(
        compileCondition("StringEquals", "aws:user", ["${aws:PrincipalTag/name, 'Ann'}"], true)(fixedContext(context)),
        true,
      );
    });
    it("matches nothing where there is no value, so that negated operators hold", () => {
      assert.equal(holds("StringLike", "aws:user", "${aws:PrincipalTag/absent}*"), false);
      assert.equal(holds("StringNotLike", "aws:user", "${aws:PrincipalTag/absent}*"), true);
    });
    it("knows the escapes ${*}, ${?} and ${$}", () => {
      assert.equal(holds("StringLike", "aws:principaltag/team", "a${*}"), true);
      assert.equal(holds("StringLike", "aws:user", "An${*}"), false);
    });
    it("reads a default's blanks and letter case, and prefers a value that is there", () => {
      const equals = (value: string, context: Record<string, string | string[]>): boolean =>
        compileCondition("StringEquals", "k:x", [value], true)(fixedContext({ "k:x": "v", ...context }));
      assert.equal(equals("${ aws:PrincipalTag/x , 'v' }", {}), true);
      assert.equal(equals("${AWS:principaltag/X, 'other'}", { "aws:PrincipalTag/x": "v" }), true);
      assert.equal(equals("${aws:PrincipalTag/x, 'V'}", {}), false);
      assert.equal(
        equals("${aws:TagKeys, 'v'}", { "aws:TagKeys": ["a", "v"] }),
        true,
        "a key with several values has none as a variable",
      );
    });
    it("has no variables under operators that are not about strings or ARNs", () => {
      assert.equal(
        compileCondition("NumericEquals", "s3:max-keys", ["${s3:max-keys}"], true)(fixedContext(context)),
        false,
      );
      assert.equal(
        compileCondition(
          "ArnEquals",
          "aws:principalarn",
          ["arn:aws:iam::111122223333:role/${aws:x}"],
          true,
        )(fixedContext({ ...context, "aws:x": "x/y" })),
        true,
      );
    });
    it("knows the escapes as text under StringEquals as well", () => {
      assert.equal(holds("StringEquals", "aws:principaltag/team", "a${*}"), true);
      assert.equal(
        compileCondition("StringEquals", "k:x", ["${$}{aws:user}?"], true)(fixedContext({ "k:x": "${aws:user}?" })),
        true,
      );
    });
    it("leaves policies of the old version as they are", () => {
      assert.equal(
        compileCondition(
          "StringEquals",
          "k:x",
          ["${aws:user}"],
          false,
        )(fixedContext({ ...context, "k:x": "${aws:user}" })),
        true,
      );
      assert.equal(compileCondition("StringLike", "k:x", ["a${*}"], false)(fixedContext({ "k:x": "a${b}" })), true);
    });
  });
});
