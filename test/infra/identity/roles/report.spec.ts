import assert from "node:assert/strict";
import { allRoles } from "../../../../infra/identity/roles/all-roles";
import { allowedTo } from "../../../support/allowed";
import { scopeOf } from "../../../support/scope";

describe("the roles of the scheduled report", () => {
  it("read metrics, alarms and records, keep reports alone, and publish to one topic", () => {
    const scope = scopeOf("prod");
    const rights = allowedTo("report", scope);
    assert.deepEqual(Object.keys(rights).sort(), [
      "cloudwatch:DescribeAlarms",
      "cloudwatch:GetMetricData",
      "kms:Decrypt",
      "kms:DescribeKey",
      "kms:GenerateDataKey",
      "logs:CreateLogStream",
      "logs:PutLogEvents",
      "s3:GetObject",
      "s3:ListBucket",
      "s3:PutObject",
      "sns:Publish",
    ]);
    const object = (key: string) => scope.arns.object(scope.artifactsBucket, key);
    assert.deepEqual(rights["s3:PutObject"], [object("reports/*")]);
    assert.deepEqual(rights["sns:Publish"], [scope.arns.topic("peregrine-prod-alerts-info")]);
    // Neither images nor answers, neither labels nor models.
    assert.deepEqual([...rights["s3:GetObject"]!].sort(), [
      object("ledger/ledger.jsonl"),
      object("remediation/state.json"),
      object("reports/*"),
      object("watch/alerts/escalations.json"),
      object("watch/failover/state.json"),
      object("watch/forecasts/*"),
      object("watch/retraining/*"),
    ]);
  });

  it("are called by their schedule alone, which can do nothing else", () => {
    const scope = scopeOf("prod");
    assert.deepEqual(allowedTo("report-start", scope), {
      "lambda:InvokeFunction": [scope.arns.lambda("peregrine-prod-report")],
      "sqs:SendMessage": [scope.arns.queue("peregrine-prod-dead-letters")],
    });
    assert.deepEqual(allRoles(scope)["report-start"]!.trusted, { service: "scheduler.amazonaws.com" });
  });

  it("are there where a report is made by schedule", () => {
    assert.equal(allRoles(scopeOf("staging"))["report"], undefined);
    assert.ok(allRoles(scopeOf("staging", { "peregrine:report": "monthly" }))["report"]);
  });
});
