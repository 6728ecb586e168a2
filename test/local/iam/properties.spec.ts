import assert from "node:assert/strict";
import fc from "fast-check";
import { fixedContext } from "../../../local/iam/context";
import { evaluate, type PolicySet } from "../../../local/iam/evaluate";
import { compilePattern } from "../../../local/iam/pattern";
import { compilePolicy } from "../../../local/iam/policy";
import type { Principal } from "../../../local/iam/principal";

const account = "111122223333";
const principal: Principal = { type: "role", arn: `arn:aws:sts::${account}:assumed-role/r/s`, accountId: account, id: "AROAR:s", roleArn: `arn:aws:iam::${account}:role/r` };
const actions = ["s3:GetObject", "s3:PutObject", "sagemaker:CreateModel", "iam:PassRole"];
const resources = ["*", "arn:aws:s3:::a/k", "arn:aws:s3:::b/k", `arn:aws:sagemaker:eu-central-1:${account}:model/m`];

const condition = fc.record({
  operator: fc.constantFrom("StringEquals", "StringNotEquals", "StringLikeIfExists", "ForAllValues:StringEquals", "ForAnyValue:StringNotEquals", "Null"),
  key: fc.constantFrom("aws:RequestTag/env", "aws:PrincipalTag/team"),
  values: fc.subarray(["dev", "prod", "true", "d*"], { minLength: 1 }),
});
const statement = fc.record({
  Effect: fc.constantFrom("Allow", "Deny"),
  [`Action`]: fc.subarray([...actions, "s3:*", "*", "S3:get*"], { minLength: 1 }),
  Resource: fc.subarray([...resources, "arn:aws:s3:::a/*", "arn:aws:sagemaker:*:*:model/*"], { minLength: 1 }),
  not: fc.constantFrom("", "", "", "Action", "Resource"),
  condition: fc.option(condition, { nil: undefined }),
}).map(({ not, condition, ...rest }) => {
  const named: Record<string, unknown> = { ...rest };
  if (not) {
    named[`Not${not}`] = named[not];
    delete named[not];
  }
  if (condition) named.Condition = { [condition.operator]: { [condition.key]: condition.values } };
  return named;
});
const statements = fc.array(statement, { minLength: 1, maxLength: 4 });
const question = fc.record({
  action: fc.constantFrom(...actions),
  resource: fc.constantFrom(...resources),
  context: fc.dictionary(fc.constantFrom("aws:RequestTag/env", "aws:PrincipalTag/team"), fc.constantFrom("dev", "prod", "x")),
});
const layers = fc.record({ identity: statements, boundary: fc.option(statements, { nil: undefined }), session: fc.option(statements, { nil: undefined }), resource: fc.option(statements, { nil: undefined }) });
type Layers = typeof layers extends fc.Arbitrary<infer T> ? T : never;

const named = (list: object[], kind: "identity" | "resource" = "identity"): { name: string; policy: ReturnType<typeof compilePolicy> } => ({
  name: kind,
  policy: compilePolicy(JSON.stringify({ Version: "2012-10-17", Statement: kind === "resource" ? list.map((each) => ({ ...each, Principal: { AWS: principal.roleArn } })) : list }), kind),
});

function policySet(from: Layers): PolicySet {
  return {
    identity: [named(from.identity)],
    ...(from.boundary && { boundary: named(from.boundary) }),
    ...(from.session && { session: [named(from.session)] }),
    ...(from.resource && { resource: named(from.resource, "resource") }),
  };
}

function allowed(from: Layers, asked: { action: string; resource: string; context: Record<string, string> }): boolean {
  return evaluate({ action: asked.action, resource: asked.resource, principal, lookup: fixedContext(asked.context) }, policySet(from)).allowed;
}

const kinds = ["identity", "boundary", "session", "resource"] as const;

describe("properties of policy evaluation", () => {
  it("an explicit Deny of the request always wins, in whichever layer it stands", () => {
    fc.assert(
      fc.property(layers, question, fc.constantFrom(...kinds), (from, asked, layer) => {
        const denied = { ...from, [layer]: [...(from[layer] ?? []), { Effect: "Deny", Action: asked.action, Resource: asked.resource }] };
        return !allowed(denied, asked);
      }),
      { numRuns: 500 },
    );
  });

  it("adding a Deny statement never allows what was not allowed", () => {
    fc.assert(
      fc.property(layers, question, statement, fc.constantFrom(...kinds), (from, asked, added, layer) => {
        if (from[layer] === undefined) return true;
        const more = { ...from, [layer]: [...from[layer], { ...added, Effect: "Deny" }] };
        return allowed(from, asked) || !allowed(more, asked);
      }),
      { numRuns: 500 },
    );
  });

  it("adding an Allow statement never takes away what was allowed", () => {
    fc.assert(
      fc.property(layers, question, statement, fc.constantFrom(...kinds), (from, asked, added, layer) => {
        if (from[layer] === undefined) return true;
        const more = { ...from, [layer]: [...from[layer], { ...added, Effect: "Allow" }] };
        return !allowed(from, asked) || allowed(more, asked);
      }),
      { numRuns: 500 },
    );
  });

  it("a boundary or session policy never allows what was not allowed without it", () => {
    fc.assert(
      fc.property(layers, question, (from, asked) => !allowed(from, asked) || allowed({ ...from, boundary: undefined, session: undefined }, asked)),
      { numRuns: 500 },
    );
  });

  it("the order of statements does not matter", () => {
    fc.assert(fc.property(layers, question, (from, asked) => allowed(from, asked) === allowed({ ...from, identity: [...from.identity].reverse() }, asked)), { numRuns: 300 });
  });

  it("wildcard patterns agree with a matcher written the slow way", () => {
    const slow = (pattern: string, text: string): boolean =>
      pattern === "" ? text === ""
      : pattern[0] === "*" ? slow(pattern.slice(1), text) || (text !== "" && slow(pattern, text.slice(1)))
      : text !== "" && (pattern[0] === "?" || pattern[0] === text[0]) && slow(pattern.slice(1), text.slice(1));
    const of = (letters: string[]): fc.Arbitrary<string> => fc.array(fc.constantFrom(...letters), { maxLength: 8 }).map((list) => list.join(""));
    fc.assert(
      fc.property(of(["a", "b", ".", "*", "?"]), of(["a", "b", "."]), (pattern, text) => {
        assert.equal(compilePattern(pattern, { wildcards: true, variables: false })(text, () => undefined), slow(pattern, text));
      }),
      { numRuns: 1000 },
    );
  });
});
