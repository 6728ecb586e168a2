import assert from "node:assert/strict";
import type { NamedPolicy } from "../../../local/iam/evaluate";
import { explain } from "../../../local/iam/explain";
import { account, decide, identity, resource, root, session, sessionOf, user, userNamed, verdict } from "./asking";
import { allow, deny } from "./account";

describe("policy evaluation", () => {
  describe("of the caller's policies", () => {
    it("denies unless something allows", () => assert.equal(verdict({}), "not allowed by identity"));
    it("allows by an identity policy", () =>
      assert.equal(verdict({ identity: [identity(allow("s3:Get*", "*"))] }), "allowed by identity"));
    it("lets an explicit Deny win over any Allow, whatever their order", () => {
      assert.equal(
        verdict({ identity: [identity(deny("s3:*", "*")), identity(allow("*", "*"))] }),
        "denied by identity",
      );
      assert.equal(
        verdict({ identity: [identity(allow("*", "*")), identity(deny("s3:*", "*"))] }),
        "denied by identity",
      );
    });
    it("limits by boundary and session policies, which grant nothing themselves", () => {
      const everything = identity(allow("*", "*"));
      assert.equal(
        verdict({ identity: [everything], boundary: identity(allow("ec2:*", "*")) }),
        "not allowed by boundary",
      );
      assert.equal(
        verdict({ identity: [everything], boundary: everything, session: [identity(allow("ec2:*", "*"))] }),
        "not allowed by session",
      );
      assert.equal(
        verdict({ identity: [everything], boundary: everything, session: [everything] }),
        "allowed by identity",
      );
      assert.equal(verdict({ boundary: everything, session: [everything] }), "not allowed by identity");
      assert.equal(
        verdict({ identity: [everything], boundary: identity(allow("*", "*"), deny("s3:*", "*")) }),
        "denied by boundary",
      );
      assert.equal(verdict({ identity: [everything], session: [identity(deny("s3:*", "*"))] }), "denied by session");
    });
    it("wants every level of service control policies to allow", () => {
      const everything = identity(allow("*", "*"));
      assert.equal(
        verdict({ identity: [everything], serviceControl: [[everything], [everything]] }),
        "allowed by identity",
      );
      assert.equal(
        verdict({ identity: [everything], serviceControl: [[everything], [identity(allow("ec2:*", "*"))]] }),
        "not allowed by service-control",
      );
      assert.equal(
        verdict({ identity: [everything], serviceControl: [[everything, identity(deny("s3:*", "*"))]] }),
        "denied by service-control",
      );
    });
    it("does not ask the root user's identity policies, only service control policies", () => {
      assert.equal(verdict({ by: root }), "allowed by root");
      assert.equal(
        verdict({ by: root, serviceControl: [[identity(allow("*", "*"), deny("s3:*", "*"))]] }),
        "denied by service-control",
      );
    });
  });

  describe("of statements", () => {
    it("reads NotAction as everything else", () => {
      const all = [identity({ Effect: "Allow", NotAction: "iam:*", Resource: "*" })];
      assert.equal(verdict({ identity: all }), "allowed by identity");
      assert.equal(verdict({ identity: all, action: "IAM:CreateRole" }), "not allowed by identity");
    });
    it("reads NotResource as everything else", () => {
      const but = [
        identity(allow("s3:*", "*"), {
          Effect: "Deny",
          Action: "s3:*",
          NotResource: ["arn:aws:s3:::b", "arn:aws:s3:::b/*"],
        }),
      ];
      assert.equal(verdict({ identity: but }), "allowed by identity");
      assert.equal(verdict({ identity: but, on: "arn:aws:s3:::other/k" }), "denied by identity");
      assert.equal(verdict({ identity: but, action: "s3:ListAllMyBuckets", on: "*" }), "denied by identity");
    });
    it("does not allow what has no resource by a statement about one", () => {
      assert.equal(
        verdict({
          identity: [identity(allow("sagemaker:*", "arn:aws:sagemaker:*:*:*"))],
          action: "sagemaker:ListModels",
          on: "*",
        }),
        "not allowed by identity",
      );
    });
    it("keeps a wildcard inside its part of the ARN, except in the last", () => {
      const region = [identity(allow("*", "arn:aws:sagemaker:eu-*:111122223333:endpoint/a*"))];
      assert.equal(
        verdict({ identity: region, on: "arn:aws:sagemaker:eu-central-1:111122223333:endpoint/a/b:c" }),
        "allowed by identity",
      );
      assert.equal(
        verdict({
          identity: [identity(allow("*", "arn:aws:sagemaker:*"))],
          on: "arn:aws:sagemaker:eu-central-1:111122223333:endpoint/a",
        }),
        "allowed by identity",
      );
      assert.equal(
        verdict({
          identity: [identity(allow("*", "arn:aws:sagemaker:*:1:endpoint/a"))],
          on: "arn:aws:sagemaker:x:2:1:endpoint/a",
        }),
        "not allowed by identity",
      );
    });
    it("matches resources by letter case, ? by one character", () => {
      assert.equal(verdict({ identity: [identity(allow("s3:*", "arn:aws:s3:::b/?"))] }), "allowed by identity");
      assert.equal(verdict({ identity: [identity(allow("s3:*", "arn:aws:s3:::B/k"))] }), "not allowed by identity");
    });
    it("wants all operators and keys of a Condition, but one value of each", () => {
      const limited = [
        identity(
          allow("s3:*", "*", {
            Condition: { StringEquals: { "a:x": ["1", "2"], "a:y": "3" }, Bool: { "a:z": "true" } },
          }),
        ),
      ];
      assert.equal(
        verdict({ identity: limited, context: { "a:x": "2", "a:y": "3", "a:z": "true" } }),
        "allowed by identity",
      );
      assert.equal(
        verdict({ identity: limited, context: { "a:x": "2", "a:y": "4", "a:z": "true" } }),
        "not allowed by identity",
      );
      assert.equal(verdict({ identity: limited, context: { "a:x": "2", "a:y": "3" } }), "not allowed by identity");
    });
  });

  describe("of resource-based policies in the same account", () => {
    it("lets the resource's policy alone allow a user", () => {
      assert.equal(
        verdict({ resource: resource(allow("s3:*", "*", { Principal: { AWS: user.arn } })) }),
        "allowed by resource",
      );
    });
    it("leaves the decision to identity policies where the account is named", () => {
      const named = resource(allow("s3:*", "*", { Principal: { AWS: account } }));
      assert.equal(verdict({ resource: named }), "not allowed by identity");
      assert.equal(verdict({ resource: named, identity: [identity(allow("s3:*", "*"))] }), "allowed by identity");
    });
    it("still limits by boundary and session policies when only the role is named, not when the session is", () => {
      const nothing = identity(allow("ec2:*", "*"));
      const byRole = resource(allow("s3:*", "*", { Principal: { AWS: session.roleArn } }));
      assert.equal(verdict({ by: session, resource: byRole }), "allowed by resource");
      assert.equal(verdict({ by: session, resource: byRole, boundary: nothing }), "not allowed by boundary");
      assert.equal(verdict({ by: session, resource: byRole, session: [nothing] }), "not allowed by session");
      assert.equal(
        verdict({
          by: session,
          resource: resource(allow("s3:*", "*", { Principal: { AWS: session.arn } })),
          boundary: nothing,
        }),
        "allowed by resource",
      );
    });
    it("denies by the resource's policy whoever is named, by NotPrincipal everybody else", () => {
      const all = [identity(allow("*", "*"))];
      assert.equal(
        verdict({ identity: all, resource: resource(deny("s3:*", "*", { Principal: "*" })) }),
        "denied by resource",
      );
      const others = resource({ Effect: "Deny", Action: "s3:*", Resource: "*", NotPrincipal: { AWS: [user.arn] } });
      assert.equal(verdict({ identity: all, resource: others }), "allowed by identity");
      assert.equal(verdict({ identity: all, resource: others, by: session }), "denied by resource");
    });
    it("hits everybody who has a permissions boundary by a Deny with NotPrincipal, whoever it names", () => {
      const all = [identity(allow("*", "*"))];
      const others = resource({
        Effect: "Deny",
        Action: "s3:*",
        Resource: "*",
        NotPrincipal: { AWS: [user.arn, `arn:aws:iam::${account}:root`] },
      });
      assert.equal(verdict({ identity: all, resource: others }), "allowed by identity");
      assert.equal(
        verdict({ identity: all, resource: others, boundary: identity(allow("*", "*")) }),
        "denied by resource",
      );
      const instead = resource(
        deny("s3:*", "*", { Principal: "*", Condition: { ArnNotEquals: { "aws:PrincipalArn": user.arn } } }),
      );
      assert.equal(
        verdict({
          identity: all,
          resource: instead,
          boundary: identity(allow("*", "*")),
          context: { "aws:PrincipalArn": user.arn },
        }),
        "allowed by identity",
      );
    });
    it("does not leave the users of an account out of a Deny that names only the account in NotPrincipal", () => {
      const others = resource({ Effect: "Deny", Action: "s3:*", Resource: "*", NotPrincipal: { AWS: account } });
      assert.equal(verdict({ identity: [identity(allow("*", "*"))], resource: others }), "denied by resource");
      const rootOnly = resource({
        Effect: "Deny",
        Action: "s3:*",
        Resource: "*",
        NotPrincipal: { AWS: `arn:aws:iam::${account}:root` },
      });
      assert.equal(verdict({ by: root, resource: rootOnly }), "allowed by root");
    });
    it("grants everybody directly by *, so that boundary and session policies do not limit it", () => {
      const nothing = identity(allow("ec2:*", "*"));
      for (const Principal of ["*", { AWS: "*" }]) {
        assert.equal(
          verdict({
            by: session,
            resource: resource(allow("s3:*", "*", { Principal })),
            boundary: nothing,
            session: [nothing],
          }),
          "allowed by resource",
        );
      }
    });
    it("knows principals by their unique ids, as AWS shows those who are gone", () => {
      assert.equal(
        verdict({ resource: resource(allow("s3:*", "*", { Principal: { AWS: user.id } })) }),
        "allowed by resource",
      );
      assert.equal(
        verdict({ by: session, resource: resource(allow("s3:*", "*", { Principal: { AWS: "AROADEV" } })) }),
        "allowed by resource",
      );
      assert.equal(
        verdict({ by: session, resource: resource(allow("s3:*", "*", { Principal: { AWS: "AROAOTHER" } })) }),
        "not allowed by identity",
      );
    });
    it("names one session of a role and not the others", () => {
      const one = resource(allow("s3:*", "*", { Principal: { AWS: session.arn } }));
      assert.equal(verdict({ by: session, resource: one }), "allowed by resource");
      assert.equal(verdict({ by: sessionOf("dev", "other"), resource: one }), "not allowed by identity");
    });
    it("grants a service nothing by a statement about an account, and a user nothing by one about a service", () => {
      const events = {
        type: "service",
        arn: "events.amazonaws.com",
        accountId: account,
        id: "events.amazonaws.com",
      } as const;
      assert.equal(
        verdict({ by: events, resource: resource(allow("s3:*", "*", { Principal: { AWS: account } })) }),
        "not allowed by resource",
      );
      assert.equal(
        verdict({
          by: events,
          resource: resource(
            allow("s3:*", "*", { Principal: { Service: ["sns.amazonaws.com", "events.amazonaws.com"] } }),
          ),
        }),
        "allowed by resource",
      );
      assert.equal(verdict({ by: events, identity: [identity(allow("*", "*"))] }), "not allowed by resource");
    });
    it("does not take a user for another, nor a service for a user", () => {
      const all = resource(allow("s3:*", "*", { Principal: { AWS: `${user.arn}e`, Service: "s3.amazonaws.com" } }));
      assert.equal(verdict({ resource: all }), "not allowed by identity");
    });
  });

  describe("across accounts", () => {
    const mine = [identity(allow("s3:*", "*"))];
    const grant = resource(allow("s3:*", "*", { Principal: { AWS: account } }));
    it("wants both sides to allow", () => {
      assert.equal(verdict({ owner: "444455556666", identity: mine }), "not allowed by resource");
      assert.equal(
        verdict({ owner: "444455556666", resource: resource(allow("s3:*", "*", { Principal: { AWS: user.arn } })) }),
        "not allowed by identity",
      );
      assert.equal(verdict({ owner: "444455556666", identity: mine, resource: grant }), "allowed by identity");
    });
    it("limits by boundary, session and service control policies even where the session is named", () => {
      const named = resource(allow("s3:*", "*", { Principal: { AWS: session.arn } }));
      const nothing = identity(allow("ec2:*", "*"));
      const across = { owner: "444455556666", by: session, identity: mine, resource: named };
      assert.equal(verdict(across), "allowed by identity");
      assert.equal(verdict({ ...across, boundary: nothing }), "not allowed by boundary");
      assert.equal(verdict({ ...across, session: [nothing] }), "not allowed by session");
      assert.equal(verdict({ ...across, serviceControl: [[nothing]] }), "not allowed by service-control");
    });
    it("wants the other account's policy of the root user too", () => {
      assert.equal(verdict({ owner: "444455556666", by: root }), "not allowed by resource");
      assert.equal(verdict({ owner: "444455556666", by: root, resource: grant }), "allowed by root");
    });
    it("does not take an account for another", () => {
      assert.equal(
        verdict({ owner: account, by: userNamed("ann", "444455556666"), identity: mine, resource: grant }),
        "not allowed by resource",
      );
    });
  });

  describe("of resources whose policy must allow (role trust, keys)", () => {
    const mine = [identity(allow("kms:*", "*"))];
    const key = { action: "kms:Decrypt", on: `arn:aws:kms:eu-central-1:${account}:key/k`, mustAllow: true };
    it("is not content with the caller's policies", () => {
      assert.equal(verdict({ ...key, identity: mine }), "not allowed by resource");
      assert.equal(
        verdict({
          ...key,
          identity: mine,
          resource: resource(allow("kms:*", "*", { Principal: { AWS: userNamed("bob").arn } })),
        }),
        "not allowed by resource",
      );
      assert.equal(verdict({ ...key, by: root }), "not allowed by resource");
    });
    it("is content with them where it names the account", () => {
      const delegated = resource(allow("kms:*", "*", { Principal: { AWS: `arn:aws:iam::${account}:root` } }));
      assert.equal(verdict({ ...key, identity: mine, resource: delegated }), "allowed by identity");
      assert.equal(verdict({ ...key, resource: delegated }), "not allowed by identity");
    });
    it("needs nothing else where it names the caller", () => {
      assert.equal(
        verdict({ ...key, resource: resource(allow("kms:*", "*", { Principal: { AWS: user.arn } })) }),
        "allowed by resource",
      );
    });
  });

  describe("traps of SageMaker policies", () => {
    const types = "sagemaker:InstanceTypes";
    it("lets Allow with ForAllValues pass when the key is absent, unless Null forbids it", () => {
      const limited = (more: object = {}): NamedPolicy[] => [
        identity(
          allow("sagemaker:*", "*", { Condition: { "ForAllValues:StringLike": { [types]: "ml.m5.*" }, ...more } }),
        ),
      ];
      const create = { action: "sagemaker:CreateTrainingJob", on: "*" };
      assert.equal(verdict({ ...create, identity: limited() }), "allowed by identity");
      assert.equal(
        verdict({ ...create, identity: limited({ Null: { [types]: "false" } }) }),
        "not allowed by identity",
      );
      assert.equal(
        verdict({
          ...create,
          identity: limited({ Null: { [types]: "false" } }),
          context: { [types]: ["ml.m5.large"] },
        }),
        "allowed by identity",
      );
    });
    it("denies a forbidden instance type by Deny with ForAnyValue:StringNotLike", () => {
      const guarded = [
        identity(
          allow("sagemaker:*", "*"),
          deny("sagemaker:*", "*", { Condition: { "ForAnyValue:StringNotLike": { [types]: "ml.m5.*" } } }),
        ),
      ];
      const create = { action: "sagemaker:CreateTrainingJob", on: "*", identity: guarded };
      assert.equal(
        verdict({ ...create, context: { [types]: ["ml.m5.large", "ml.p5.48xlarge"] } }),
        "denied by identity",
      );
      assert.equal(verdict({ ...create, context: { [types]: ["ml.m5.large"] } }), "allowed by identity");
      assert.equal(verdict(create), "allowed by identity");
    });
    it("hits every Create by Deny StringNotEquals on a resource tag, since a new resource has none", () => {
      const tagged = (operator: string, values: string[]): NamedPolicy[] => [
        identity(
          allow("sagemaker:*", "*"),
          deny("sagemaker:*", "*", { Condition: { [operator]: { "aws:ResourceTag/environment": values } } }),
        ),
      ];
      const create = { action: "sagemaker:CreateModel", on: "*" };
      assert.equal(verdict({ ...create, identity: tagged("StringNotEquals", ["dev"]) }), "denied by identity");
      assert.equal(
        verdict({ ...create, identity: tagged("StringEquals", ["staging", "prod"]) }),
        "allowed by identity",
      );
      assert.equal(
        verdict({
          ...create,
          identity: tagged("StringEquals", ["staging", "prod"]),
          context: { "aws:ResourceTag/environment": "prod" },
        }),
        "denied by identity",
      );
    });
  });

  it("explains which statement decided", () => {
    assert.equal(
      explain(decide({ identity: [identity(deny("s3:*", "*", { Sid: "NoBuckets" }))] })),
      "Denied by a Deny statement in an identity-based policy (NoBuckets of identity).",
    );
    assert.equal(
      explain(decide({ identity: [identity(allow("ec2:*", "*"), allow("s3:*", "*"))] })),
      "Allowed by an identity-based policy (statement 2 of identity).",
    );
    assert.equal(explain(decide({})), "Denied: no identity-based policy allows it.");
    assert.equal(
      explain(decide({ by: root })),
      "Allowed: the account's root user is not limited by identity policies.",
    );
    const trust = {
      action: "sts:AssumeRole",
      mustAllow: true,
      resource: resource(deny("sts:*", "*", { Principal: "*", Sid: "Nobody" })),
    };
    assert.equal(
      explain(decide(trust), "sts:AssumeRole"),
      "Denied by a Deny statement in the role trust policy (Nobody of resource).",
    );
  });
});
