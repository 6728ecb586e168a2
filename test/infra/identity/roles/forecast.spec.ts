import assert from "node:assert/strict";
import { environments } from "../../../../contract/environments";
import { allRoles } from "../../../../infra/identity/roles/all-roles";
import { allowedTo } from "../../../support/allowed";
import { scopeOf } from "../../../support/scope";

describe("the roles of the daily forecast", () => {
  it("read metrics and the endpoint's configuration, keep forecasts and tell the bus, in every environment", () => {
    for (const environment of environments) {
      const scope = scopeOf(environment);
      const rights = allowedTo("forecast", scopeOf(environment));
      assert.deepEqual(Object.keys(rights).sort(), [
        "cloudwatch:GetMetricData",
        "events:PutEvents",
        "kms:Decrypt",
        "kms:DescribeKey",
        "kms:GenerateDataKey",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "s3:GetObject",
        "s3:ListBucket",
        "s3:PutObject",
        "sagemaker:DescribeEndpoint",
      ]);
      const own = [scope.arns.object(scope.artifactsBucket, "watch/forecasts/*")];
      assert.deepEqual([rights["s3:PutObject"], rights["s3:GetObject"]], [own, own]);
      assert.deepEqual(rights["events:PutEvents"], [scope.arns.events(`event-bus/peregrine-${environment}-events`)]);
    }
  });

  it("are called by their schedule alone, which can do nothing else", () => {
    const scope = scopeOf("prod");
    assert.deepEqual(allowedTo("forecast-start", scopeOf("prod")), {
      "lambda:InvokeFunction": [scope.arns.lambda("peregrine-prod-forecast")],
      "sqs:SendMessage": [scope.arns.queue("peregrine-prod-dead-letters")],
    });
    assert.deepEqual(allRoles(scope)["forecast-start"]!.trusted, { service: "scheduler.amazonaws.com" });
  });
});
