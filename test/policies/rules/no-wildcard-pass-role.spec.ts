import assert from "node:assert/strict";
import { policyDocument } from "../../../infra/identity/document";
import { permissionsBoundary } from "../../../infra/identity/documents/boundary";
import { humanRoles } from "../../../infra/identity/roles/people";
import { serviceRoles } from "../../../infra/identity/roles/services";
import { noWildcardPassRole as rule } from "../../../policies/rules/no-wildcard-pass-role";
import { judge, unknownText } from "../../support/policy";
import { scopeOf } from "../../support/scope";

const rolePolicy = "aws:iam/rolePolicy:RolePolicy";
const passedTo = { StringEquals: { "iam:PassedToService": "sagemaker.amazonaws.com" } };
const document = (statement: object) => ({
  policy: JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Condition: passedTo, ...statement }],
  }),
});
const violations = (statement: object) => judge(rule, rolePolicy, document(statement)).violations;

describe("no-wildcard-pass-role", () => {
  it("refuses PassRole on every role, or on roles by pattern", () => {
    assert.equal(violations({ Action: "iam:PassRole", Resource: "*" }).length, 1);
    assert.equal(violations({ Action: ["iam:PassRole"], Resource: ["arn:aws:iam::1:role/a-*"] }).length, 1);
  });

  it("sees PassRole inside wider actions, whatever their case", () => {
    for (const Action of ["*", "iam:*", "IAM:pass*", ["s3:Get*", "iam:P?ssRole"]])
      assert.equal(violations({ Action, Resource: "*" }).length, 1, String(Action));
    assert.equal(violations({ NotAction: "s3:*", Resource: "*" }).length, 1);
    assert.equal(violations({ Action: "iam:PassRole", NotResource: "arn:aws:iam::1:role/admin" }).length, 1);
  });

  it("demands the service that gets the role", () => {
    assert.match(
      violations({ Action: "iam:PassRole", Resource: "arn:aws:iam::1:role/a", Condition: undefined }).join(),
      /does not say to which service/,
    );
  });

  it("is content with exact roles for a named service, with denials, and with other actions", () => {
    assert.deepEqual(violations({ Action: "iam:PassRole", Resource: "arn:aws:iam::1:role/a" }), []);
    assert.deepEqual(violations({ Effect: "Deny", Action: "iam:PassRole", Resource: "*" }), []);
    assert.deepEqual(violations({ Action: "s3:*", Resource: "*" }), []);
  });

  it("looks into managed policies and inline policies of roles", () => {
    const wide = document({ Action: "iam:PassRole", Resource: "*" });
    assert.equal(judge(rule, "aws:iam/policy:Policy", wide).violations.length, 1);
    assert.equal(judge(rule, "aws:iam/role:Role", { inlinePolicies: [wide] }).violations.length, 1);
  });

  it("is content with all of our roles and with the permissions boundary", () => {
    for (const environment of ["dev", "staging", "prod"]) {
      const scope = scopeOf(environment);
      for (const [name, role] of Object.entries({ ...serviceRoles(scope), ...humanRoles(scope) }))
        assert.deepEqual(
          judge(rule, rolePolicy, { policy: policyDocument(Object.values(role!.duties).flat()) }).violations,
          [],
          name,
        );
      assert.deepEqual(
        judge(rule, "aws:iam/policy:Policy", { policy: policyDocument(permissionsBoundary(scope)) }).violations,
        [],
      );
    }
  });

  it("says nothing about other resources", () => {
    assert.ok(judge(rule, "aws:sns/topic:Topic", {}).notApplicable);
  });

  it("is stopped, not silenced, by a document that a preview does not know", () => {
    assert.match(judge(rule, rolePolicy, { policy: unknownText }).stoppedBy!, /\.policy/);
  });
});
