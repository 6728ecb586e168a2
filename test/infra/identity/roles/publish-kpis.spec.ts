import assert from "node:assert/strict";
import { environments } from "../../../../contract/environments";
import { allRoles } from "../../../../infra/identity/roles/all-roles";
import { writersOf } from "../../../../infra/identity/writers";
import { allowedTo } from "../../../support/allowed";
import { scopeOf } from "../../../support/scope";

describe("the roles of business metrics", () => {
  it("read labels' scores and the business's tables, keep rows and publish, in every environment", () => {
    for (const environment of environments) {
      const scope = scopeOf(environment);
      const rights = allowedTo("publish-kpis", scope);
      assert.deepEqual(Object.keys(rights).sort(), [
        "cloudwatch:PutMetricData",
        "kms:Decrypt",
        "kms:DescribeKey",
        "kms:GenerateDataKey",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "s3:GetObject",
        "s3:ListBucket",
        "s3:PutObject",
      ]);
      const object = (key: string) => scope.arns.object(scope.artifactsBucket, key);
      assert.deepEqual(rights["s3:PutObject"], [object("watch/kpis/*")]);
      assert.deepEqual(rights["s3:GetObject"], [
        object(`monitoring/summaries/peregrine-${environment}-detector/scores.json`),
        object("business/*"),
        object("watch/kpis/*"),
      ]);
      const statements = Object.values(allRoles(scope)["publish-kpis"]!.duties).flat();
      const publishing = statements.find(({ Action }) => Action.includes("cloudwatch:PutMetricData"))!;
      assert.deepEqual(publishing.Condition, {
        StringEquals: { "cloudwatch:namespace": `Peregrine/${environment}/business` },
      });
    }
  });

  it("write none of the tables that the business delivers, and neither does any other role", () => {
    assert.deepEqual(writersOf("business"), []);
  });

  it("are called by their schedule alone, which can do nothing else", () => {
    const scope = scopeOf("prod");
    assert.deepEqual(allowedTo("publish-kpis-start", scope), {
      "lambda:InvokeFunction": [scope.arns.lambda("peregrine-prod-publish-kpis")],
      "sqs:SendMessage": [scope.arns.queue("peregrine-prod-dead-letters")],
    });
    assert.deepEqual(allRoles(scope)["publish-kpis-start"]!.trusted, { service: "scheduler.amazonaws.com" });
  });

  it("have a schedule that the healer may put back, as every schedule but that of the nights", () => {
    for (const environment of environments) {
      const scope = scopeOf(environment, { "peregrine:remediation": "on" });
      const scheduled = Object.entries(allRoles(scope)).filter(
        ([name, { trusted }]) =>
          typeof trusted === "object" &&
          "service" in trusted &&
          trusted.service === "scheduler.amazonaws.com" &&
          name !== "night-schedule",
      );
      assert.ok(scheduled.length >= 3);
      const handed = allowedTo("heal", scope)["iam:PassRole"]!;
      for (const [name] of scheduled) assert.ok(handed.includes(scope.roleArn(name)), name);
    }
  });
});
