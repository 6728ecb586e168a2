import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type Asset,
  describeFact,
  type Role,
  sessionOf,
  type Statement,
  type World,
} from "../../../lifecycle/access/model";
import { awsContext } from "../../../lifecycle/access/request-context";
import { chainTo } from "../../../lifecycle/access/reach";
import { Search } from "../../../lifecycle/access/search";
import { PolicyEvaluator } from "../../../scripts/policy-evaluator";

const account = "111111111111";
const names = ["a", "b", "c", "d"] as const;
const arnOf = (name: string): string => `arn:aws:iam::${account}:role/${name}`;
const bucket = (name: string): string => `arn:aws:s3:::bucket/${name}/*`;

interface Spec {
  readonly allows: readonly Statement[];
  readonly trusts: readonly string[];
}

/**
 * Four roles that take one another, edit one another's trust, and write one another's code; a function runs as each.
 */
function worldOf(specs: readonly Spec[]): World {
  const roles = names.map((name, at): Role => ({
    arn: arnOf(name),
    name,
    kind: "service",
    account,
    environment: "dev",
    trust: {
      name: "trust",
      statements: [
        {
          Sid: "Trusts",
          Effect: "Allow",
          Principal: { AWS: [...specs[at]!.trusts.map(arnOf), `arn:aws:iam::${account}:role/nobody`] },
          Action: ["sts:AssumeRole"],
        },
      ],
    },
    policies: [
      {
        name: "duties",
        statements: [{ Effect: "Allow", Action: ["sts:GetCallerIdentity"], Resource: "*" }, ...specs[at]!.allows],
      },
    ],
  }));
  const assets = [
    ...roles.map(({ arn }): Asset => ({ id: `role ${arn}`, kind: "role", arn, account })),
    ...names.map((name): Asset => ({ id: `code of ${name}`, kind: "prefix", arn: bucket(name), account })),
  ];
  const derivedEdges = names.map((name) => ({
    edge: "source archive runs",
    preconditions: [{ kind: "writes" as const, asset: `code of ${name}` }],
    postcondition: { kind: "as" as const, role: arnOf(name) },
    why: "it runs",
  }));
  return { region: "eu-central-1", roles, people: [], assets, derivedEdges };
}

const target = fc.constantFrom(...names, "*");
const allowed = fc
  .tuple(
    fc.constantFrom("sts:AssumeRole", "iam:UpdateAssumeRolePolicy", "s3:PutObject", "sts:*", "s3:Get*"),
    target,
    fc.constantFrom("Allow" as const, "Allow" as const, "Allow" as const, "Deny" as const),
  )
  .map(([action, on, Effect]): Statement => ({
    Effect,
    Action: [action],
    Resource: action.startsWith("s3") ? (on === "*" ? "arn:aws:s3:::*" : bucket(on)) : arnOf(on),
  }));
const spec = fc.record({ allows: fc.array(allowed, { maxLength: 3 }), trusts: fc.subarray([...names]) });

/** Asks for every step of every pair of roles, without any search. */
function closure(world: World): Set<string> {
  const evaluator = new PolicyEvaluator();
  const can = (from: Role, action: string, resource: string, to?: Role): boolean => {
    const session = sessionOf(from);
    const asset: Asset = { id: "x", kind: "role", arn: resource, account };
    return evaluator.decide({
      session,
      action,
      resource,
      context: awsContext(session, asset, action, world.region),
      resourceAccount: account,
      resourcePolicy: to?.trust,
      policyMustAllow: to !== undefined,
    }).allowed;
  };
  const reached = new Set(["a"]);
  for (let before = 0; before < reached.size;) {
    before = reached.size;
    for (const from of world.roles.filter(({ name }) => reached.has(name)))
      for (const to of world.roles)
        if (
          can(from, "sts:AssumeRole", to.arn, to) ||
          can(from, "iam:UpdateAssumeRolePolicy", to.arn) ||
          can(from, "s3:PutObject", bucket(to.name).replace("*", "any"))
        )
          reached.add(to.name);
  }
  return reached;
}

describe("the search", () => {
  it("reaches exactly the roles that asking for every step reaches", () => {
    fc.assert(
      fc.property(fc.tuple(spec, spec, spec, spec), (specs) => {
        const world = worldOf(specs);
        const reach = new Search(world, new PolicyEvaluator()).reach([sessionOf(world.roles[0]!)]);
        const found = new Set(
          [...reach.values()].flatMap(({ fact }) => (fact.kind === "as" ? [fact.session.role!.name] : [])),
        );
        assert.deepEqual([...found].sort(), [...closure(world)].sort());
      }),
      { numRuns: 300 },
    );
  });

  it("never loses what is reached when somebody gets one right more", () => {
    fc.assert(
      fc.property(
        fc.tuple(spec, spec, spec, spec),
        allowed.filter(({ Effect }) => Effect === "Allow"),
        (specs, extra) => {
          const reach = (all: readonly Spec[]): string[] => {
            const world = worldOf(all);
            return [...new Search(world, new PolicyEvaluator()).reach([sessionOf(world.roles[0]!)]).keys()];
          };
          const more = new Set(
            reach(specs.map((one, at) => (at === 0 ? { ...one, allows: [...one.allows, extra] } : one))),
          );
          return reach(specs).every((key) => more.has(key));
        },
      ),
      { numRuns: 100 },
    );
  });

  it("gives a chain of the fewest steps, each after what it follows from", () => {
    const to = (name: string): Statement => ({
      Sid: `Take${name.toUpperCase()}`,
      Effect: "Allow",
      Action: ["sts:AssumeRole"],
      Resource: arnOf(name),
    });
    const world = worldOf([
      {
        allows: [to("b"), { Sid: "WriteC", Effect: "Allow", Action: ["s3:PutObject"], Resource: bucket("c") }],
        trusts: [],
      },
      { allows: [to("c")], trusts: ["a"] },
      { allows: [to("d")], trusts: ["b"] },
      { allows: [], trusts: ["c"] },
    ]);
    const reach = new Search(world, new PolicyEvaluator()).reach([sessionOf(world.roles[0]!)]);
    const key = [...reach.keys()].find((one) => one.startsWith(`as ${arnOf("d")}`))!;
    const chain = chainTo(reach, key).map(({ edge, fact, requests }) => [
      edge,
      describeFact(fact),
      requests.map(({ statement }) => statement).join(),
    ]);
    assert.equal(chain.length, 4);
    assert.deepEqual(chain.at(-1), ["take a role", "acts as d of dev", "Trusts"]);
  });
});
