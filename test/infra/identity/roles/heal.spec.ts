import assert from "node:assert/strict";
import { boundaries } from "../../../../infra/identity/boundaries";
import { deployerBoundary } from "../../../../infra/identity/documents/deployer-boundary";
import { allRoles, statementsOf } from "../../../../infra/identity/roles/all-roles";
import { handedRoles } from "../../../../infra/identity/roles/deployer";
import { writerArns } from "../../../../infra/identity/writers";
import { changePattern } from "../../../../infra/remediation/remediation";
import { compilePattern } from "../../../../local/services/events/patterns";
import { scopeOf } from "../../../support/scope";

const scope = scopeOf("prod", { "peregrine:remediation": "on" });

function allowed(): Record<string, { resources: string[]; condition: unknown }> {
  const found: Record<string, { resources: string[]; condition: unknown }> = {};
  for (const { Action, Condition, Effect, Resource = [] } of statementsOf(allRoles(scope)["heal"]!))
    if (Effect === "Allow")
      for (const action of Action)
        found[action] = { resources: [...(found[action]?.resources ?? []), ...Resource], condition: Condition };
  return found;
}

describe("the role of the healer", () => {
  it("exists where something is healed", () => {
    assert.equal(allRoles(scopeOf("prod", { "peregrine:remediation": "off" }))["heal"], undefined);
    assert.ok(allRoles(scopeOf("prod", { "peregrine:remediation": "dry-run" }))["heal"]);
  });

  it("puts right exactly these things, and can neither make a role nor write a policy of one", () => {
    const changing = Object.keys(allowed()).filter(
      (action) => !/:(Get|List|Describe|Decrypt|GenerateDataKey)/.test(action),
    );
    assert.deepEqual(changing.sort(), [
      "cloudtrail:StartLogging",
      "cloudwatch:PutMetricAlarm",
      "events:EnableRule",
      "events:PutEvents",
      "iam:DeleteRolePolicy",
      "iam:DetachRolePolicy",
      "iam:PassRole",
      "iam:PutRolePermissionsBoundary",
      "kms:CancelKeyDeletion",
      "kms:EnableKey",
      "logs:CreateLogStream",
      "logs:PutLogEvents",
      "logs:PutRetentionPolicy",
      "s3:PutBucketPolicy",
      "s3:PutBucketPublicAccessBlock",
      "s3:PutBucketVersioning",
      "s3:PutObject",
      "sagemaker:AddTags",
      "sagemaker:UpdateEndpoint",
      "sagemaker:UpdateModelPackage",
      "scheduler:UpdateSchedule",
      "sqs:SendMessage",
    ]);
  });

  it("binds roles to the environment's own boundaries alone, and never approves", () => {
    const rights = allowed();
    assert.deepEqual(rights["iam:PutRolePermissionsBoundary"], {
      resources: [scope.arns.role(scope.rolePath, "*")],
      condition: {
        ArnLike: { "iam:PermissionsBoundary": scope.arns.policy(scope.rolePath, "peregrine-prod-*boundary") },
      },
    });
    assert.deepEqual(rights["sagemaker:UpdateModelPackage"]!.condition, {
      StringEquals: { "sagemaker:ModelApprovalStatus": "PendingManualApproval" },
    });
    assert.ok(rights["iam:PassRole"]!.resources.every((arn) => arn.endsWith("-start")));
  });

  it("does not write what ought to be: the administrator says it, release builds and deployers of their own", () => {
    assert.deepEqual(allowed()["s3:PutObject"]!.resources, [
      scope.arns.object(scope.artifactsBucket, "remediation/state.json"),
      scope.arns.object(scope.artifactsBucket, "remediation/entries/*"),
    ]);
    assert.deepEqual(writerArns(scope, "accountFacts"), []);
    assert.deepEqual(writerArns(scope, "remediation"), [scope.roleArn("heal")]);
    assert.ok(writerArns(scope, "servingFacts").every((arn) => arn.endsWith("release-build")));
  });

  it("is handed over by no deployer, who reaches neither its function nor its rules", () => {
    assert.ok(!handedRoles.includes("heal"));
    const denied = deployerBoundary(scope, handedRoles).find(({ Sid }) => Sid === "ReleasePath")!;
    assert.ok(denied.Resource!.includes(scope.arns.lambda("peregrine-prod-heal*")));
    assert.ok(denied.Resource!.includes(scope.arns.eventRule("peregrine-prod-release-*")));
  });

  it("has a boundary of its own, in which its duties fit", () => {
    const within = boundaries(scope)["heal-boundary"]!.statements.filter(({ Effect }) => Effect === "Allow");
    const covered = (action: string) =>
      within
        .flatMap(({ Action }) => Action)
        .some((one) => (one.endsWith("*") ? action.startsWith(one.slice(0, -1)) : one === action));
    assert.deepEqual(
      Object.keys(allowed()).filter((action) => !covered(action)),
      [],
    );
  });

  it("is called by what others do, and never by what it did itself", () => {
    const matches = compilePattern(JSON.stringify(changePattern(scope)));
    const call = (userIdentity: object, more: object = {}) => ({
      "detail-type": "AWS API Call via CloudTrail",
      detail: { eventSource: "s3.amazonaws.com", eventName: "PutBucketPolicy", userIdentity, ...more },
    });
    const role = (arn: string) => ({ type: "AssumedRole", sessionContext: { sessionIssuer: { arn } } });
    assert.ok(matches(call({ type: "IAMUser", arn: "arn:aws:iam::1:user/mallory" })));
    assert.ok(matches(call(role(scope.roleArn("deployer")))));
    assert.ok(!matches(call(role(scope.roleArn("heal")))));
    assert.ok(!matches(call({ type: "Root" }, { errorCode: "AccessDenied" })));
    assert.ok(!matches(call({ type: "Root" }, { eventName: "PutBucketTagging" })));
  });
});
