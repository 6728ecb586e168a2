import assert from "node:assert/strict";
import fc from "fast-check";
import { type Asset, type Session, type Statement } from "../../../lifecycle/access/model";
import { awsContext } from "../../../lifecycle/access/request-context";
import { findAllowedRequest } from "../../../lifecycle/access/requests";
import { PolicyEvaluator } from "../../../scripts/policy-evaluator";

const account = "111111111111";
const role = `arn:aws:iam::${account}:role/r`;
const asset: Asset = { id: "things", kind: "prefix", arn: "arn:aws:s3:::b/*", account };
let number = 0;
const session = (statements: readonly Statement[], boundary?: readonly Statement[]): Session => ({
  id: `s${number++}`,
  arn: role,
  type: "role",
  account,
  label: "r",
  mfa: false,
  identity: "anna",
  policies: [{ name: "p", statements }],
  ...(boundary ? { boundary: { name: "boundary", statements: boundary } } : {}),
});
const ask = (holder: Session, context: Readonly<Record<string, readonly string[]>> = {}) =>
  findAllowedRequest(
    new PolicyEvaluator(),
    holder,
    asset,
    { action: "s3:PutObject", pattern: asset.arn, context },
    "eu-central-1",
  );
const allow = (condition?: Statement["Condition"], resource = "arn:aws:s3:::b/*"): Statement => ({
  Sid: "Yes",
  Effect: "Allow",
  Action: ["s3:PutObject"],
  Resource: [resource],
  ...(condition ? { Condition: condition } : {}),
});
const deny = (condition?: Statement["Condition"], more: Partial<Statement> = { Resource: "*" }): Statement => ({
  Sid: "No",
  Effect: "Deny",
  Action: ["s3:*"],
  ...more,
  ...(condition ? { Condition: condition } : {}),
});

describe("requests that are tried", () => {
  it("bring the tags that a statement asks for, and say which statement let them", () => {
    const granted = ask(
      session([allow({ StringEquals: { "aws:RequestTag/team": ["red", "blue"] }, StringLike: { "s3:x": "ml.*" } })]),
    );
    assert.equal(granted?.statement, "Yes");
    assert.deepEqual(granted?.context, { "aws:requesttag/team": ["red"], "s3:x": ["ml.probe"] });
  });

  it("leave out what a Deny asks for, and bring what one demands", () => {
    assert.deepEqual(ask(session([allow(), deny({ Null: { "s3:x": "false" } })]))?.context, {});
    assert.deepEqual(ask(session([allow(), deny({ StringNotEquals: { "s3:x": "ok" } })]))?.context, { "s3:x": ["ok"] });
    assert.deepEqual(ask(session([allow(), deny({ NumericGreaterThanIfExists: { "s3:x": "10" } })]))?.context, {
      "s3:x": ["10"],
    });
  });

  it("name what a Deny spares", () => {
    assert.equal(
      ask(session([allow(), deny(undefined, { NotResource: ["arn:aws:s3:::b/mine/*"] })]))?.resource,
      "arn:aws:s3:::b/mine/probe",
    );
    assert.equal(
      ask(session([allow(undefined, "arn:aws:s3:::b/users/${aws:SourceIdentity}/*")]))?.resource,
      "arn:aws:s3:::b/users/anna/probe",
    );
  });

  it("never bring what AWS says itself: who asks, the second factor, the source identity, the tags of a thing", () => {
    for (const key of [
      "aws:PrincipalArn",
      "aws:MultiFactorAuthPresent",
      "aws:SourceIdentity",
      "aws:ResourceTag/environment",
      "aws:PrincipalTag/x",
      "aws:SourceArn",
      "kms:ResourceAliases",
      "iam:PassedToService",
    ])
      assert.equal(ask(session([allow({ StringEquals: { [key]: "something" } })])), undefined, key);
  });

  it("keep within the boundary", () => {
    assert.equal(ask(session([allow()], [{ Effect: "Allow", Action: ["sqs:*"], Resource: "*" }])), undefined);
    assert.equal(
      ask(
        session(
          [allow()],
          [{ Effect: "Allow", Action: ["s3:*"], Resource: "*", Condition: { StringEquals: { "s3:x": "bounded" } } }],
        ),
      )?.context["s3:x"]?.[0],
      "bounded",
    );
  });

  // Small policies over a small universe: all requests there are, asked one by one.
  const value = fc.constantFrom("x", "y", "x*");
  const values = fc.array(value, { minLength: 1, maxLength: 2 });
  // A key that has one value, compared plainly, and one that has several, compared as a set.
  const plain = fc.tuple(
    fc.constantFrom("StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIfExists"),
    fc.constantFrom("s3:a", "aws:RequestTag/t"),
    values,
  );
  const set = fc.tuple(
    fc.constantFrom(
      "ForAnyValue:StringEquals",
      "ForAllValues:StringEquals",
      "ForAnyValue:StringNotEquals",
      "ForAllValues:StringLike",
    ),
    fc.constant("s3:b"),
    values,
  );
  const missing = fc.tuple(fc.constant("Null"), fc.constantFrom("s3:a", "s3:b"), fc.constantFrom(["true"], ["false"]));
  const condition = fc.option(
    fc.oneof(plain, set, missing).map(([name, on, wanted]) => ({ [name]: { [on]: wanted } })),
    { nil: undefined },
  );
  const resource = fc.constantFrom(
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::b/k",
    "arn:aws:s3:::b/k*",
    "arn:aws:s3:::b/*k",
    "arn:aws:s3:::c/*",
  );
  const statement = fc.record({
    Effect: fc.constantFrom("Allow" as const, "Allow" as const, "Deny" as const),
    Action: fc.constantFrom(["s3:PutObject"], ["s3:*"], ["s3:Get*"]),
    where: resource,
    Condition: condition,
    not: fc.boolean(),
  });
  const statements = fc.array(statement, { minLength: 1, maxLength: 4 }).map((all) =>
    all.map(({ where, not, Condition, ...rest }, at): Statement => ({
      Sid: `S${at}`,
      ...rest,
      ...(not && rest.Effect === "Deny" ? { NotResource: [where] } : { Resource: [where] }),
      ...(Condition ? { Condition } : {}),
    })),
  );

  const single: readonly (readonly string[] | undefined)[] = [undefined, ["x"], ["y"], ["x*"], ["xz"], ["q"]];
  const several = [
    undefined,
    ...["x", "y", "x*", "xz", "q"]
      .reduce<string[][]>((all, one) => [...all, ...all.map((some) => [...some, one])], [[]])
      .filter(({ length }) => length > 0),
  ];
  const names = ["k", "kk", "q", "qk", "kq"].map((name) => `arn:aws:s3:::b/${name}`);

  it("find an allowed request exactly where asking for all of them does", () => {
    fc.assert(
      fc.property(statements, fc.option(statements, { nil: undefined }), (own, boundary) => {
        const holder = session(own, boundary);
        const evaluator = new PolicyEvaluator();
        const fixed = awsContext(holder, asset, "s3:PutObject", "eu-central-1");
        const any = names.some((name) =>
          single.some((a) =>
            several.some((b) =>
              single.some((t) => {
                const context = {
                  ...fixed,
                  ...(a ? { "s3:a": a } : {}),
                  ...(b ? { "s3:b": b } : {}),
                  ...(t ? { "aws:requesttag/t": t } : {}),
                };
                return evaluator.decide({
                  session: holder,
                  action: "s3:PutObject",
                  resource: name,
                  context,
                  resourceAccount: account,
                }).allowed;
              }),
            ),
          ),
        );
        return any === (ask(holder) !== undefined);
      }),
      { numRuns: 200 },
    );
  });
});
