import assert from "node:assert/strict";
import { fixedContext } from "../../../local/iam/context";
import { evaluate, type Decision, type NamedPolicy, type PolicySet, type Question } from "../../../local/iam/evaluate";
import { explain } from "../../../local/iam/explain";
import { compilePolicy } from "../../../local/iam/policy";
import type { Principal } from "../../../local/iam/principal";
import { allow, deny, document } from "./account";

const account = "111122223333";
const user: Principal = { type: "user", arn: `arn:aws:iam::${account}:user/ann`, accountId: account, id: "AIDAANN" };
const session: Principal = { type: "role", arn: `arn:aws:sts::${account}:assumed-role/dev/s`, accountId: account, id: "AROADEV:s", roleArn: `arn:aws:iam::${account}:role/dev` };

const identity = (...statements: object[]): NamedPolicy => ({ name: "identity", policy: compilePolicy(document(...statements), "identity") });
const resource = (...statements: object[]): NamedPolicy => ({ name: "resource", policy: compilePolicy(document(...statements), "resource") });

interface Case extends Partial<PolicySet> {
  readonly action?: string;
  readonly on?: string;
  readonly by?: Principal;
  readonly context?: Record<string, string | string[]>;
  readonly owner?: string;
  readonly mustAllow?: boolean;
}

function decide({ action = "s3:GetObject", on = "arn:aws:s3:::b/k", by = user, context = {}, owner, mustAllow, ...policies }: Case): Decision {
  const question: Question = { action, resource: on, principal: by, lookup: fixedContext(context), resourceAccount: owner, resourceMustAllow: mustAllow };
  return evaluate(question, { identity: [], ...policies });
}

const verdict = (one: Case): string => {
  const { allowed, explicit, layer } = decide(one);
  return `${allowed ? "allowed" : explicit ? "denied" : "not allowed"} by ${layer}`;
};

describe("policy evaluation", () => {
  describe("of the caller's policies", () => {
    it("denies unless something allows", () => assert.equal(verdict({}), "not allowed by identity"));
    it("allows by an identity policy", () => assert.equal(verdict({ identity: [identity(allow("s3:Get*", "*"))] }), "allowed by identity"));
    it("lets an explicit Deny win over any Allow, whatever their order", () => {
      assert.equal(verdict({ identity: [identity(deny("s3:*", "*")), identity(allow("*", "*"))] }), "denied by identity");
      assert.equal(verdict({ identity: [identity(allow("*", "*")), identity(deny("s3:*", "*"))] }), "denied by identity");
    });
    it("limits by boundary and session policies, which grant nothing themselves", () => {
      const everything = identity(allow("*", "*"));
      assert.equal(verdict({ identity: [everything], boundary: identity(allow("ec2:*", "*")) }), "not allowed by boundary");
      assert.equal(verdict({ identity: [everything], boundary: everything, session: [identity(allow("ec2:*", "*"))] }), "not allowed by session");
      assert.equal(verdict({ identity: [everything], boundary: everything, session: [everything] }), "allowed by identity");
      assert.equal(verdict({ boundary: everything, session: [everything] }), "not allowed by identity");
      assert.equal(verdict({ identity: [everything], boundary: identity(allow("*", "*"), deny("s3:*", "*")) }), "denied by boundary");
      assert.equal(verdict({ identity: [everything], session: [identity(deny("s3:*", "*"))] }), "denied by session");
    });
    it("wants every level of service control policies to allow", () => {
      const everything = identity(allow("*", "*"));
      assert.equal(verdict({ identity: [everything], serviceControl: [[everything], [everything]] }), "allowed by identity");
      assert.equal(verdict({ identity: [everything], serviceControl: [[everything], [identity(allow("ec2:*", "*"))]] }), "not allowed by service-control");
      assert.equal(verdict({ identity: [everything], serviceControl: [[everything, identity(deny("s3:*", "*"))]] }), "denied by service-control");
    });
    it("does not ask the root user's identity policies, only service control policies", () => {
      const root: Principal = { type: "root", arn: `arn:aws:iam::${account}:root`, accountId: account, id: account };
      assert.equal(verdict({ by: root }), "allowed by root");
      assert.equal(verdict({ by: root, serviceControl: [[identity(allow("*", "*"), deny("s3:*", "*"))]] }), "denied by service-control");
    });
  });

  describe("of statements", () => {
    it("reads NotAction as everything else", () => {
      const all = [identity({ Effect: "Allow", NotAction: "iam:*", Resource: "*" })];
      assert.equal(verdict({ identity: all }), "allowed by identity");
      assert.equal(verdict({ identity: all, action: "IAM:CreateRole" }), "not allowed by identity");
    });
    it("reads NotResource as everything else", () => {
      const but = [identity(allow("s3:*", "*"), { Effect: "Deny", Action: "s3:*", NotResource: ["arn:aws:s3:::b", "arn:aws:s3:::b/*"] })];
      assert.equal(verdict({ identity: but }), "allowed by identity");
      assert.equal(verdict({ identity: but, on: "arn:aws:s3:::other/k" }), "denied by identity");
      assert.equal(verdict({ identity: but, action: "s3:ListAllMyBuckets", on: "*" }), "denied by identity");
    });
    it("does not allow what has no resource by a statement about one", () => {
      assert.equal(verdict({ identity: [identity(allow("sagemaker:*", "arn:aws:sagemaker:*:*:*"))], action: "sagemaker:ListModels", on: "*" }), "not allowed by identity");
    });
    it("keeps a wildcard inside its part of the ARN, except in the last", () => {
      const region = [identity(allow("*", "arn:aws:sagemaker:eu-*:111122223333:endpoint/a*"))];
      assert.equal(verdict({ identity: region, on: "arn:aws:sagemaker:eu-central-1:111122223333:endpoint/a/b:c" }), "allowed by identity");
      assert.equal(verdict({ identity: [identity(allow("*", "arn:aws:sagemaker:*"))], on: "arn:aws:sagemaker:eu-central-1:111122223333:endpoint/a" }), "allowed by identity");
      assert.equal(verdict({ identity: [identity(allow("*", "arn:aws:sagemaker:*:1:endpoint/a"))], on: "arn:aws:sagemaker:x:2:1:endpoint/a" }), "not allowed by identity");
    });
    it("matches resources by letter case, ? by one character", () => {
      assert.equal(verdict({ identity: [identity(allow("s3:*", "arn:aws:s3:::b/?"))] }), "allowed by identity");
      assert.equal(verdict({ identity: [identity(allow("s3:*", "arn:aws:s3:::B/k"))] }), "not allowed by identity");
    });
    it("wants all operators and keys of a Condition, but one value of each", () => {
      const limited = [identity(allow("s3:*", "*", { Condition: { StringEquals: { "a:x": ["1", "2"], "a:y": "3" }, Bool: { "a:z": "true" } } }))];
      assert.equal(verdict({ identity: limited, context: { "a:x": "2", "a:y": "3", "a:z": "true" } }), "allowed by identity");
      assert.equal(verdict({ identity: limited, context: { "a:x": "2", "a:y": "4", "a:z": "true" } }), "not allowed by identity");
      assert.equal(verdict({ identity: limited, context: { "a:x": "2", "a:y": "3" } }), "not allowed by identity");
    });
  });

  describe("of resource-based policies in the same account", () => {
    it("lets the resource's policy alone allow a user", () => {
      assert.equal(verdict({ resource: resource(allow("s3:*", "*", { Principal: { AWS: user.arn } })) }), "allowed by resource");
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
      assert.equal(verdict({ by: session, resource: resource(allow("s3:*", "*", { Principal: { AWS: session.arn } })), boundary: nothing }), "allowed by resource");
    });
    it("denies by the resource's policy whoever is named, by NotPrincipal everybody else", () => {
      const all = [identity(allow("*", "*"))];
      assert.equal(verdict({ identity: all, resource: resource(deny("s3:*", "*", { Principal: "*" })) }), "denied by resource");
      const others = resource({ Effect: "Deny", Action: "s3:*", Resource: "*", NotPrincipal: { AWS: [user.arn] } });
      assert.equal(verdict({ identity: all, resource: others }), "allowed by identity");
      assert.equal(verdict({ identity: all, resource: others, by: session }), "denied by resource");
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
      assert.equal(verdict({ owner: "444455556666", resource: resource(allow("s3:*", "*", { Principal: { AWS: user.arn } })) }), "not allowed by identity");
      assert.equal(verdict({ owner: "444455556666", identity: mine, resource: grant }), "allowed by identity");
    });
  });

  describe("traps of SageMaker policies", () => {
    const types = "sagemaker:InstanceTypes";
    it("lets Allow with ForAllValues pass when the key is absent, unless Null forbids it", () => {
      const limited = (more: object = {}): NamedPolicy[] => [identity(allow("sagemaker:*", "*", { Condition: { "ForAllValues:StringLike": { [types]: "ml.m5.*" }, ...more } }))];
      const create = { action: "sagemaker:CreateTrainingJob", on: "*" };
      assert.equal(verdict({ ...create, identity: limited() }), "allowed by identity");
      assert.equal(verdict({ ...create, identity: limited({ Null: { [types]: "false" } }) }), "not allowed by identity");
      assert.equal(verdict({ ...create, identity: limited({ Null: { [types]: "false" } }), context: { [types]: ["ml.m5.large"] } }), "allowed by identity");
    });
    it("denies a forbidden instance type by Deny with ForAnyValue:StringNotLike", () => {
      const guarded = [identity(allow("sagemaker:*", "*"), deny("sagemaker:*", "*", { Condition: { "ForAnyValue:StringNotLike": { [types]: "ml.m5.*" } } }))];
      const create = { action: "sagemaker:CreateTrainingJob", on: "*", identity: guarded };
      assert.equal(verdict({ ...create, context: { [types]: ["ml.m5.large", "ml.p5.48xlarge"] } }), "denied by identity");
      assert.equal(verdict({ ...create, context: { [types]: ["ml.m5.large"] } }), "allowed by identity");
      assert.equal(verdict(create), "allowed by identity");
    });
    it("hits every Create by Deny StringNotEquals on a resource tag, since a new resource has none", () => {
      const tagged = (operator: string, values: string[]): NamedPolicy[] => [identity(allow("sagemaker:*", "*"), deny("sagemaker:*", "*", { Condition: { [operator]: { "aws:ResourceTag/environment": values } } }))];
      const create = { action: "sagemaker:CreateModel", on: "*" };
      assert.equal(verdict({ ...create, identity: tagged("StringNotEquals", ["dev"]) }), "denied by identity");
      assert.equal(verdict({ ...create, identity: tagged("StringEquals", ["staging", "prod"]) }), "allowed by identity");
      assert.equal(verdict({ ...create, identity: tagged("StringEquals", ["staging", "prod"]), context: { "aws:ResourceTag/environment": "prod" } }), "denied by identity");
    });
  });

  it("explains which statement decided", () => {
    assert.equal(explain(decide({ identity: [identity(deny("s3:*", "*", { Sid: "NoBuckets" }))] })), "Denied by a Deny statement in an identity-based policy (NoBuckets of identity).");
    assert.equal(explain(decide({ identity: [identity(allow("ec2:*", "*"), allow("s3:*", "*"))] })), "Allowed by an identity-based policy (statement 2 of identity).");
    assert.equal(explain(decide({})), "Denied: no identity-based policy allows it.");
  });
});
