import assert from "node:assert/strict";
import { trailFilesQueuePolicy } from "../../../../infra/audit/recorder";
import { permissionsBoundary } from "../../../../infra/identity/documents/boundary";
import { allRoles } from "../../../../infra/identity/roles/all-roles";
import { programOf } from "../../../support/programs";
import { allowedTo } from "../../../support/allowed";
import { scopeOf } from "../../../support/scope";

const scope = scopeOf("prod");

describe("the role of the recorder", () => {
  it("writes the log and the names behind its digests, and neither the ledger nor what the trail wrote", () => {
    const rights = allowedTo("record-changes", scope);
    const changing = Object.keys(rights).filter(
      (action) => !/:(Get|List|Decrypt|DescribeKey|GenerateDataKey|Receive)/.test(action),
    );
    assert.deepEqual(changing.sort(), [
      "kms:Sign",
      "logs:CreateLogStream",
      "logs:PutLogEvents",
      "s3:DeleteObject",
      "s3:PutObject",
      "sqs:DeleteMessage",
      "sqs:SendMessage",
      "ssm:AddTagsToResource",
      "ssm:PutParameter",
    ]);
    const objects = (...keys: string[]) => keys.map((key) => scope.arns.object(scope.artifactsBucket, key));
    const locked = scope.arns.object(scope.auditBucketPattern, "ledger/log/*");
    assert.deepEqual(rights["s3:PutObject"], [...objects("ledger/log/*", "ledger/people/*"), locked]);
    assert.deepEqual(rights["s3:DeleteObject"], objects("ledger/log/tile/*.p/*"));
    assert.deepEqual(rights["sqs:SendMessage"], [scope.arns.queue("peregrine-requests-witness-prod")]);
    assert.deepEqual(rights["ssm:PutParameter"], [scope.arns.parameter("/peregrine/prod/log-head")]);
    assert.deepEqual(
      rights["s3:GetObject"]!.filter((arn) => arn.includes("-audit-")),
      ["arn:aws:s3:::peregrine-prod-audit-123456789012-*/AWSLogs/123456789012/CloudTrail/*", locked],
    );
  });

  it("alone of its boundary notes how long the log is, and no other parameter", () => {
    const denials = permissionsBoundary(scope).filter(
      ({ Effect, Action }) => Effect === "Deny" && Action.includes("ssm:Put*"),
    );
    const head = [scope.arns.parameter("/peregrine/prod/log-head")];
    const but = (role: string) => ({ ArnNotEquals: { "aws:PrincipalArn": scope.roleArn(role) } });
    assert.deepEqual(
      denials.map(({ Resource, NotResource, Condition }) => ({ Resource, NotResource, Condition })),
      [
        { Resource: undefined, NotResource: head, Condition: undefined },
        { Resource: head, NotResource: undefined, Condition: but("record-changes") },
      ],
    );
  });

  it("is not there where another trail records the environment", () => {
    assert.equal(allRoles(scopeOf("prod", { "peregrine:auditTrail": "organization" }))["record-changes"], undefined);
  });
});

describe("the recorder", () => {
  it("is told of each file of its own trail's bucket, by one rule alone", async () => {
    const recorder = await programOf("prod");
    const rule = recorder.one("aws:cloudwatch/eventRule:EventRule", "peregrine-prod-recorder-files");
    const pattern = JSON.parse(rule.inputs["eventPattern"]) as {
      detail: { object: unknown; bucket: { name: string[] } };
    };
    assert.match(pattern.detail.bucket.name[0]!, /peregrine-prod-audit/);
    assert.deepEqual(pattern.detail.object, { key: [{ prefix: "AWSLogs/" }] });
    assert.equal(
      recorder.one("aws:s3/bucketNotification:BucketNotification", "peregrine-prod-audit-told").inputs["eventbridge"],
      true,
    );
    const queue = recorder.one("aws:sqs/queue:Queue", "peregrine-prod-recorder-queue").inputs;
    const handler = recorder.one("aws:lambda/function:Function", "peregrine-prod-recorder-handler-function").inputs;
    assert.ok(queue["visibilityTimeoutSeconds"] >= 6 * handler["timeout"]);
    assert.deepEqual(
      trailFilesQueuePolicy(scope).map(({ Effect, Condition }) => [Effect, Object.keys(Condition!)]),
      [
        ["Allow", ["ArnEquals"]],
        ["Deny", ["ArnNotEquals"]],
      ],
    );
  });
});
