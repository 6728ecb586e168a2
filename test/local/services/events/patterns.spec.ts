import assert from "node:assert/strict";
import { compilePattern } from "../../../../local/services/events/patterns";

const event = {
  source: "aws.sagemaker",
  "detail-type": "SageMaker Model Package State Change",
  resources: ["arn:aws:sagemaker:eu-central-1:111122223333:model-package/g/3"],
  detail: {
    ModelApprovalStatus: "Approved",
    version: 3,
    empty: "",
    nothing: null,
    flag: true,
    address: "10.0.0.7",
    tags: ["gpu", "prod"],
    list: [
      { name: "a", n: 1 },
      { name: "b", n: 2 },
    ],
    none: [],
  },
};

/** Pattern, whether it matches the event above. */
const table: readonly [name: string, pattern: unknown, matches: boolean][] = [
  ["exact text", { source: ["aws.sagemaker"] }, true],
  ["one of several texts", { source: ["aws.s3", "aws.sagemaker"] }, true],
  ["another text", { source: ["aws.s3"] }, false],
  ["all fields must match", { source: ["aws.sagemaker"], detail: { version: [4] } }, false],
  ["exact number", { detail: { version: [3] } }, true],
  ["a number is not its text", { detail: { version: ["3"] } }, false],
  ["boolean", { detail: { flag: [true] } }, true],
  ["null", { detail: { nothing: [null] } }, true],
  ["null does not match an absent field", { detail: { absent: [null] } }, false],
  ["empty text", { detail: { empty: [""] } }, true],
  ["prefix", { detail: { ModelApprovalStatus: [{ prefix: "App" }] } }, true],
  ["prefix that does not fit", { detail: { ModelApprovalStatus: [{ prefix: "app" }] } }, false],
  [
    "prefix without regard to case",
    { detail: { ModelApprovalStatus: [{ prefix: { "equals-ignore-case": "app" } }] } },
    true,
  ],
  ["suffix", { resources: [{ suffix: "/g/3" }] }, true],
  [
    "suffix without regard to case",
    { detail: { ModelApprovalStatus: [{ suffix: { "equals-ignore-case": "VED" } }] } },
    true,
  ],
  ["equals-ignore-case", { detail: { ModelApprovalStatus: [{ "equals-ignore-case": "aPPROVED" }] } }, true],
  ["wildcard", { resources: [{ wildcard: "arn:aws:sagemaker:*:model-package/*/3" }] }, true],
  ["wildcard that does not fit", { resources: [{ wildcard: "*/4" }] }, false],
  ["anything-but a text", { detail: { ModelApprovalStatus: [{ "anything-but": "Rejected" }] } }, true],
  ["anything-but the text", { detail: { ModelApprovalStatus: [{ "anything-but": ["Approved", "Rejected"] }] } }, false],
  ["anything-but a prefix", { detail: { ModelApprovalStatus: [{ "anything-but": { prefix: "Rej" } }] } }, true],
  [
    "anything-but a suffix that fits",
    { detail: { ModelApprovalStatus: [{ "anything-but": { suffix: "ved" } }] } },
    false,
  ],
  ["anything-but a wildcard", { detail: { ModelApprovalStatus: [{ "anything-but": { wildcard: "*ject*" } }] } }, true],
  [
    "anything-but without regard to case",
    { detail: { ModelApprovalStatus: [{ "anything-but": { "equals-ignore-case": "APPROVED" } }] } },
    false,
  ],
  ["anything-but a number", { detail: { version: [{ "anything-but": [1, 2] }] } }, true],
  ["anything-but an absent field", { detail: { absent: [{ "anything-but": "x" }] } }, false],
  ["numeric equal", { detail: { version: [{ numeric: ["=", 3] }] } }, true],
  ["numeric range", { detail: { version: [{ numeric: [">", 0, "<=", 3] }] } }, true],
  ["numeric range that excludes", { detail: { version: [{ numeric: [">", 3, "<", 9] }] } }, false],
  ["numeric on text", { source: [{ numeric: [">", 0] }] }, false],
  ["exists", { detail: { version: [{ exists: true }] } }, true],
  ["does not exist", { detail: { absent: [{ exists: false }] } }, true],
  ["exists false on a field that is there", { detail: { version: [{ exists: false }] } }, false],
  ["exists true on an absent field", { detail: { absent: [{ exists: true }] } }, false],
  ["null counts as there", { detail: { nothing: [{ exists: true }] } }, true],
  ["cidr", { detail: { address: [{ cidr: "10.0.0.0/24" }] } }, true],
  ["cidr elsewhere", { detail: { address: [{ cidr: "10.0.1.0/24" }] } }, false],
  ["cidr on text that is no address", { source: [{ cidr: "10.0.0.0/24" }] }, false],
  ["any element of a list", { detail: { tags: ["prod"] } }, true],
  ["no element of a list", { detail: { tags: ["dev"] } }, false],
  ["objects in a list", { detail: { list: { name: ["b"] } } }, true],
  ["an empty list has no value", { detail: { none: [{ exists: false }] } }, true],
  ["$or, second alternative", { $or: [{ source: ["aws.s3"] }, { detail: { version: [3] } }] }, true],
  ["$or, none", { $or: [{ source: ["aws.s3"] }, { detail: { version: [4] } }] }, false],
  [
    "$or together with a field",
    { source: ["aws.sagemaker"], detail: { $or: [{ version: [4] }, { flag: [true] }] } },
    true,
  ],
  ["mixed matchers", { detail: { version: ["x", { numeric: ["<", 5] }] } }, true],
];

describe("event patterns", () => {
  for (const [name, pattern, matches] of table) {
    it(`${matches ? "match" : "do not match"}: ${name}`, () => {
      assert.equal(compilePattern(JSON.stringify(pattern))(event), matches);
    });
  }

  const wrong: readonly [pattern: string, reason: RegExp][] = [
    ["[]", /Filter is not an object/],
    ["{", /Event pattern is not valid/],
    ["{}", /Empty objects/],
    ['{"source": []}', /Empty arrays/],
    ['{"source": "aws.s3"}', /"source" must be an object or an array/],
    ['{"source": [{"prefx": "a"}]}', /Unrecognized match type prefx/],
    ['{"a": [{"numeric": ["<", "3"]}]}', /must be numeric/],
    ['{"a": [{"exists": "yes"}]}', /either true or false/],
    ['{"a": [{"cidr": "10.0.0/24"}]}', /Malformed CIDR/],
    ['{"$or": [{"a": [1]}]}', /at least two/],
  ];
  for (const [pattern, reason] of wrong) {
    it(`refuse ${pattern}`, () => {
      assert.throws(
        () => compilePattern(pattern),
        (error: any) => error.code === "InvalidEventPatternException" && reason.test(error.message),
      );
    });
  }
});
