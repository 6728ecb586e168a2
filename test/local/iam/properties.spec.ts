import assert from "node:assert/strict";
import fc from "fast-check";
import { fixedContext } from "../../../local/iam/context";
import { evaluate, type Decision, type PolicySet } from "../../../local/iam/evaluate";
import { compilePattern } from "../../../local/iam/pattern";
import { compilePolicy } from "../../../local/iam/policy";
import type { Principal } from "../../../local/iam/principal";

const account = "111122223333";
const principal: Principal = {
  type: "role",
  arn: `arn:aws:sts::${account}:assumed-role/r/s`,
  accountId: account,
  id: "AROAR:s",
  roleArn: `arn:aws:iam::${account}:role/r`,
};
const actions = ["s3:GetObject", "s3:PutObject", "sagemaker:CreateModel", "iam:PassRole"];
const resources = ["*", "arn:aws:s3:::a/k", "arn:aws:s3:::b/k", `arn:aws:sagemaker:eu-central-1:${account}:model/m`];

const condition = fc.record({
  operator: fc.constantFrom(
    "StringEquals",
    "StringNotEquals",
    "StringLikeIfExists",
    "ForAllValues:StringEquals",
    "ForAnyValue:StringNotEquals",
    "Null",
  ),
  key: fc.constantFrom("aws:RequestTag/env", "aws:PrincipalTag/team"),
  values: fc.subarray(["dev", "prod", "true", "d*"], { minLength: 1 }),
});
const statement = fc
  .record({
    Effect: fc.constantFrom("Allow", "Deny"),
    [`Action`]: fc.subarray([...actions, "s3:*", "*", "S3:get*"], { minLength: 1 }),
    Resource: fc.subarray([...resources, "arn:aws:s3:::a/*", "arn:aws:sagemaker:*:*:model/*"], { minLength: 1 }),
    not: fc.constantFrom("", "", "", "Action", "Resource"),
    condition: fc.option(condition, { nil: undefined }),
  })
  .map(({ not, condition, ...rest }) => {
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
  context: fc.dictionary(
    fc.constantFrom("aws:RequestTag/env", "aws:PrincipalTag/team"),
    fc.constantFrom("dev", "prod", "x"),
  ),
});
const layers = fc.record({
  identity: statements,
  serviceControl: fc.option(statements, { nil: undefined }),
  boundary: fc.option(statements, { nil: undefined }),
  session: fc.option(statements, { nil: undefined }),
  resource: fc.option(statements, { nil: undefined }),
});
type Layers = typeof layers extends fc.Arbitrary<infer T> ? T : never;

const named = (
  list: object[],
  kind: "identity" | "resource" = "identity",
  naming = "",
): { name: string; policy: ReturnType<typeof compilePolicy> } => ({
  name: kind,
  policy: compilePolicy(
    JSON.stringify({
      Version: "2012-10-17",
      Statement: kind === "resource" ? list.map((each) => ({ ...each, Principal: { AWS: naming } })) : list,
    }),
    kind,
  ),
});

function policySet(from: Layers, naming = principal.roleArn!): PolicySet {
  return {
    identity: [named(from.identity)],
    ...(from.serviceControl && { serviceControl: [[named(from.serviceControl)]] }),
    ...(from.boundary && { boundary: named(from.boundary) }),
    ...(from.session && { session: [named(from.session)] }),
    ...(from.resource && { resource: named(from.resource, "resource", naming) }),
  };
}

interface Asked {
  readonly action: string;
  readonly resource: string;
  readonly context: Record<string, string>;
}

function decide(from: Layers, { action, resource, context }: Asked): Decision {
  return evaluate({ action, resource, principal, lookup: fixedContext(context) }, policySet(from));
}

const allowed = (from: Layers, asked: Asked): boolean => decide(from, asked).allowed;

type Json = Record<string, unknown>;

/**
 * The same policy in other words: one action and one resource a statement, conditions turned round, names in other
 * letter case.
 */
function normalised(list: readonly Json[]): Json[] {
  return list.flatMap((one) => {
    const actions =
      "Action" in one
        ? (one.Action as string[]).map((action) => ({ Action: action.toUpperCase() }))
        : [{ NotAction: one.NotAction }];
    const resources =
      "Resource" in one
        ? (one.Resource as string[]).map((resource) => ({ Resource: [resource] }))
        : [{ NotResource: one.NotResource }];
    const condition =
      one.Condition &&
      Object.fromEntries(
        Object.entries(one.Condition as Record<string, Record<string, string[]>>).map(([operator, keys]) => [
          operator.toLowerCase(),
          Object.fromEntries(Object.entries(keys).map(([key, values]) => [key.toUpperCase(), [...values].reverse()])),
        ]),
      );
    return actions.flatMap((action) =>
      resources.map((resource) => ({
        Effect: one.Effect,
        ...action,
        ...resource,
        ...(condition !== undefined && { Condition: condition }),
      })),
    );
  });
}

const kinds = ["identity", "serviceControl", "boundary", "session", "resource"] as const;
/** A change made to the statements of every layer that is there. */
const everywhere = (from: Layers, change: (list: Json[]) => Json[]): Layers =>
  Object.fromEntries(Object.entries(from).map(([layer, list]) => [layer, list && change(list)])) as unknown as Layers;

describe("properties of policy evaluation", () => {
  it("an explicit Deny of the request always wins, in whichever layer it stands", () => {
    fc.assert(
      fc.property(layers, question, fc.constantFrom(...kinds), (from, asked, layer) => {
        const denied = {
          ...from,
          [layer]: [...(from[layer] ?? []), { Effect: "Deny", Action: asked.action, Resource: asked.resource }],
        };
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

  it("boundary, session and service control policies only narrow: without them everything stays allowed", () => {
    fc.assert(
      fc.property(
        layers,
        question,
        fc.constantFrom("boundary", "session", "serviceControl"),
        (from, asked, layer) => !allowed(from, asked) || allowed({ ...from, [layer]: undefined }, asked),
      ),
      { numRuns: 500 },
    );
  });

  it("a boundary that allows everything changes nothing", () => {
    const everything = [{ Effect: "Allow", Action: ["*"], Resource: ["*"] }] as unknown as Layers["identity"];
    fc.assert(
      fc.property(
        layers,
        question,
        (from, asked) =>
          allowed({ ...from, boundary: undefined }, asked) === allowed({ ...from, boundary: everything }, asked),
      ),
      { numRuns: 300 },
    );
  });

  it("the order of statements does not matter, in any layer", () => {
    fc.assert(
      fc.property(layers, question, (from, asked) => {
        const [one, other] = [
          decide(from, asked),
          decide(
            everywhere(from, (list) => [...list].reverse()),
            asked,
          ),
        ];
        assert.deepEqual([one.allowed, one.explicit, one.layer], [other.allowed, other.explicit, other.layer]);
      }),
      { numRuns: 500 },
    );
  });

  it("a document in other words decides the same", () => {
    fc.assert(
      fc.property(layers, question, (from, asked) => {
        const [one, other] = [decide(from, asked), decide(everywhere(from, normalised), asked)];
        assert.deepEqual([one.allowed, one.explicit, one.layer], [other.allowed, other.explicit, other.layer]);
      }),
      { numRuns: 200 },
    );
  });

  it("a statement twice, or in a policy of its own, decides the same", () => {
    fc.assert(
      fc.property(layers, question, (from, asked) => {
        const apart: PolicySet = { ...policySet(from), identity: from.identity.map((one) => named([one])) };
        const { allowed: split } = evaluate(
          { action: asked.action, resource: asked.resource, principal, lookup: fixedContext(asked.context) },
          apart,
        );
        assert.equal(split, allowed(from, asked));
        assert.equal(
          allowed(
            everywhere(from, (list) => [...list, ...list]),
            asked,
          ),
          split,
        );
      }),
      { numRuns: 300 },
    );
  });

  it("names a statement of the layer that decided, one that applies and has the effect", () => {
    fc.assert(
      fc.property(layers, question, (from, asked) => {
        const decision = decide(from, asked);
        if (decision.statement === undefined) return assert.equal(decision.allowed || decision.explicit, false);
        const list = from[decision.layer === "service-control" ? "serviceControl" : (decision.layer as "identity")]!;
        const decisive = list[Number(decision.statement.replace("statement ", "")) - 1]!;
        assert.equal(decisive.Effect, decision.explicit ? "Deny" : "Allow");
        const alone = evaluate(
          { action: asked.action, resource: asked.resource, principal, lookup: fixedContext(asked.context) },
          { identity: [named([{ ...decisive, Effect: "Allow" }])] },
        );
        assert.equal(alone.allowed, true);
      }),
      { numRuns: 500 },
    );
  });

  it("the closer a resource's policy names the caller, the more is allowed: account, role, session", () => {
    const closer = [account, principal.roleArn!, principal.arn, "*"];
    fc.assert(
      fc.property(layers, question, fc.nat(closer.length - 2), (from, asked, at) => {
        const by = (naming: string): boolean =>
          evaluate(
            { action: asked.action, resource: asked.resource, principal, lookup: fixedContext(asked.context) },
            policySet(from, naming),
          ).allowed;
        return !by(closer[at]!) || by(closer[at + 1]!);
      }),
      { numRuns: 500 },
    );
  });

  it("wildcard patterns agree with a matcher written the slow way", () => {
    const slow = (pattern: string, text: string): boolean =>
      pattern === ""
        ? text === ""
        : pattern[0] === "*"
          ? slow(pattern.slice(1), text) || (text !== "" && slow(pattern, text.slice(1)))
          : text !== "" && (pattern[0] === "?" || pattern[0] === text[0]) && slow(pattern.slice(1), text.slice(1));
    const of = (letters: string[]): fc.Arbitrary<string> =>
      fc.array(fc.constantFrom(...letters), { maxLength: 8 }).map((list) => list.join(""));
    fc.assert(
      fc.property(of(["a", "b", ".", "*", "?"]), of(["a", "b", "."]), (pattern, text) => {
        assert.equal(
          compilePattern(pattern, { wildcards: true, variables: false })(text, () => undefined),
          slow(pattern, text),
        );
      }),
      { numRuns: 1000 },
    );
  });
});
