import assert from "node:assert/strict";
import { parsePolicy, type PolicyKind } from "../../../local/iam/document";
import { allow, document, policy } from "./account";

function refusal(json: unknown, kind: PolicyKind = "identity"): string {
  try {
    parsePolicy(typeof json === "string" ? json : JSON.stringify(json), kind);
  } catch (error) {
    assert.equal((error as Error).name, "MalformedPolicyDocument");
    return (error as Error).message;
  }
  return "accepted";
}

describe("the policy grammar", () => {
  it("makes single values lists and reads booleans and numbers as text", () => {
    const parsed = parsePolicy(
      JSON.stringify({
        Version: "2012-10-17",
        Id: "x",
        Statement: {
          Sid: "A1",
          ...allow("s3:Get*", "*"),
          Condition: { Bool: { "aws:SecureTransport": true }, NumericEquals: { "s3:max-keys": 10 } },
        },
      }),
      "identity",
    );
    assert.deepEqual(parsed.statements, [
      {
        sid: "A1",
        effect: "Allow",
        actions: ["s3:Get*"],
        notAction: false,
        resources: ["*"],
        notResource: false,
        principal: undefined,
        notPrincipal: false,
        conditions: [
          { operator: "Bool", key: "aws:SecureTransport", values: ["true"] },
          { operator: "NumericEquals", key: "s3:max-keys", values: ["10"] },
        ],
      },
    ]);
  });

  const identity: readonly (readonly [why: string, json: unknown, message: string | RegExp])[] = [
    ["no JSON", "{", "This policy contains invalid Json"],
    ["leading spaces", ` ${document(allow("s3:*", "*"))}`, "JSON strings must not have leading spaces"],
    ["no statement", { Version: "2012-10-17" }, /^Syntax errors in policy\. \(Statement is missing or empty\)$/],
    ["an unknown element", policy({ ...allow("s3:*", "*"), Resorce: "*" }), /unknown element Resorce/],
    [
      "an old version",
      { Version: "2008-10-17", Statement: [allow("s3:*", "*")] },
      "Policy document must be version 2012-10-17 or greater.",
    ],
    [
      "an unknown version",
      { Version: "2012-10-18", Statement: [allow("s3:*", "*")] },
      /Version "2012-10-18" does not exist/,
    ],
    ["an unknown effect", policy({ Effect: "allow", Action: "s3:*", Resource: "*" }), /Effect must be Allow or Deny/],
    ["Action beside NotAction", policy({ ...allow("s3:*", "*"), NotAction: "s3:*" }), /both Action and NotAction/],
    ["no action", policy({ Effect: "Allow", Resource: "*" }), "Policy statement must contain actions."],
    ["no resource", policy(allow("s3:*")), "Policy statement must contain resources."],
    [
      "an action without service",
      policy(allow("GetObject", "*")),
      "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
    ],
    ["an action with two colons", policy(allow("s3:Get:Object", "*")), "Actions/Condition can contain only one colon."],
    ["a strange service", policy(allow("s 3:GetObject", "*")), "Vendor s 3 is not valid"],
    ["a resource that is no ARN", policy(allow("s3:*", "bucket")), 'Resource bucket must be in ARN format or "*".'],
    [
      "a strange partition",
      policy(allow("s3:*", "arn:awss:s3:::b")),
      'Partition "awss" is not valid for resource "arn:awss:s3:::b".',
    ],
    [
      "wildcards in the service",
      policy(allow("s3:*", "arn:aws:s?:::b")),
      "Resource vendor must be fully qualified and cannot contain regexes.",
    ],
    [
      "a bucket with a region",
      policy(allow("s3:*", "arn:aws:s3:eu-central-1::b")),
      /can not contain region information/,
    ],
    ["a principal", policy(allow("s3:*", "*", { Principal: "*" })), "Policy document should not specify a principal."],
    ["a Sid with a dash", policy(allow("s3:*", "*", { Sid: "a-b" })), /must be alpha-numeric/],
    [
      "a Sid twice",
      policy(allow("s3:*", "*", { Sid: "a" }), allow("s3:*", "*", { Sid: "a" })),
      "Statement IDs (SID) in a single policy must be unique.",
    ],
    [
      "an unknown operator",
      policy(allow("s3:*", "*", { Condition: { StringIs: { "a:b": "c" } } })),
      /Invalid Condition type : StringIs/,
    ],
    [
      "Null with IfExists",
      policy(allow("s3:*", "*", { Condition: { NullIfExists: { "a:b": "true" } } })),
      /Invalid Condition type/,
    ],
    [
      "a condition key without service",
      policy(allow("s3:*", "*", { Condition: { StringEquals: { prefix: "c" } } })),
      /must be prefaced by a vendor/,
    ],
  ];
  for (const [why, json, message] of identity) {
    it(`refuses ${why}`, () =>
      typeof message === "string" ? assert.equal(refusal(json), message) : assert.match(refusal(json), message));
  }

  it("wants a principal and no resource in trust policies, and only STS actions", () => {
    assert.equal(refusal(policy(allow("sts:AssumeRole")), "trust"), "Missing required field Principal");
    assert.equal(
      refusal(policy(allow("sts:AssumeRole", "*", { Principal: "*" })), "trust"),
      "Has prohibited field Resource",
    );
    assert.equal(
      refusal(policy(allow("s3:GetObject", undefined, { Principal: "*" })), "trust"),
      "AssumeRole policy may only specify STS AssumeRole actions.",
    );
    const naming = (Principal: object): string =>
      refusal(policy(allow("sts:AssumeRole", undefined, { Principal })), "trust");
    assert.equal(naming({ AWS: "someone" }), 'Invalid principal in policy: "AWS":"someone"');
    assert.equal(
      naming({ AWS: "arn:aws:iam::111122223333:role/*" }),
      'Invalid principal in policy: "AWS":"arn:aws:iam::111122223333:role/*"',
    );
    assert.equal(naming({ Service: "sagemaker" }), 'Invalid principal in policy: "Service":"sagemaker"');
    assert.equal(
      naming({ AWS: ["111122223333", "arn:aws:iam::111122223333:root"], Service: "sagemaker.amazonaws.com" }),
      "accepted",
    );
  });
});
