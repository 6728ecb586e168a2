import assert from "node:assert/strict";
import { auditBucketPolicy } from "../../../infra/audit/policies";
import { eventSelectors } from "../../../infra/audit/selectors";
import { policyDocument, type Statement } from "../../../infra/identity/document";
import { fixedContext } from "../../../local/iam/context";
import { evaluate } from "../../../local/iam/evaluate";
import { compilePolicy } from "../../../local/iam/policy";
import { record } from "../../support/mocks";
import { runProgram } from "../../support/program";
import { programOf } from "../../support/programs";
import { scopeOf } from "../../support/scope";
import { datasetBucket } from "../../support/dataset";

const bucketOf = (stack: string) => `peregrine-${stack}-audit-123456789012`;
const organization = { "peregrine:auditTrail": "organization" };

describe("the audit trail", () => {
  it("validates its files, encrypts them, covers all regions and goes to CloudWatch Logs as well", async () => {
    const recorder = await programOf("prod");
    const { inputs } = recorder.one("aws:cloudtrail/trail:Trail");
    assert.deepEqual(
      [
        inputs["name"],
        inputs["enableLogFileValidation"],
        inputs["enableLogging"],
        inputs["isMultiRegionTrail"],
        inputs["includeGlobalServiceEvents"],
      ],
      ["peregrine-prod-trail", true, true, true, true],
    );
    assert.match(inputs["kmsKeyId"], /key\/peregrine-prod-audit-key$/);
    assert.match(inputs["cloudWatchLogsGroupArn"], /peregrine-prod-audit-logs:\*$/);
    assert.match(inputs["cloudWatchLogsRoleArn"], /trail-logs/);
    assert.equal(
      recorder.one("aws:cloudwatch/logGroup:LogGroup", "peregrine-prod-audit-logs").inputs["retentionInDays"],
      400,
    );
  });

  it("records management events, and data events of the dataset, of its own buckets, functions and endpoints", () => {
    const data = eventSelectors(scopeOf("prod")).slice(1);
    assert.deepEqual(
      data.map(
        ({ fieldSelectors }) =>
          (fieldSelectors as { field: string; startsWiths?: string[] }[]).find(
            ({ field }) => field === "resources.ARN",
          )!.startsWiths,
      ),
      [
        [`arn:aws:s3:::${datasetBucket}/`, "arn:aws:s3:::peregrine-prod-"],
        ["arn:aws:lambda:eu-central-1:123456789012:function:peregrine-prod-"],
        ["arn:aws:sagemaker:eu-central-1:123456789012:endpoint/peregrine-prod-"],
      ],
    );
    assert.ok(eventSelectors(scopeOf("prod"))[0]!.name === "Management events");
  });

  it("takes in every environment of the account where it is the account's", () => {
    const text = JSON.stringify(eventSelectors(scopeOf("prod", { "peregrine:auditTrail": "account" })));
    assert.ok(
      text.includes('"arn:aws:s3:::peregrine-"') &&
        text.includes('function:peregrine-"') &&
        text.includes('endpoint/peregrine-"'),
    );
  });

  it("is left to somebody else's trail where the setting says so, without bucket, key, role or log group", async () => {
    const recorder = await programOf("staging", organization);
    assert.equal(recorder.ofType("aws:cloudtrail/trail:Trail").length, 0);
    assert.deepEqual(
      recorder.ofType("aws:kms/key:Key").map(({ name }) => name),
      ["peregrine-staging-keys-key", "peregrine-staging-approvals-key", "peregrine-staging-log-key"],
    );
    assert.deepEqual(
      recorder.resources.map(({ name }) => name).filter((name) => /-(audit|trail)(-|$)/.test(name)),
      [],
    );
    const auditor = recorder.one("aws:iam/rolePolicy:RolePolicy", "peregrine-staging-identity-auditor-duties").inputs[
      "policy"
    ] as string;
    assert.ok(!auditor.includes("ReadTrailFiles"));
  });

  it("is read by the auditor: files, their settings, the log group and the key", async () => {
    const recorder = await programOf("prod");
    const { Statement } = JSON.parse(
      recorder.one("aws:iam/rolePolicy:RolePolicy", "peregrine-prod-identity-auditor-duties").inputs["policy"],
    ) as { Statement: { Sid: string; Resource: string[]; Condition?: unknown }[] };
    const statement = (sid: string) => Statement.find(({ Sid }) => Sid === sid)!;
    assert.deepEqual(statement("ReadTrailFiles").Resource, ["arn:aws:s3:::peregrine-prod-audit-123456789012-*/*"]);
    assert.deepEqual(statement("OpenTrailFiles").Condition, {
      "ForAnyValue:StringEquals": { "kms:ResourceAliases": "alias/peregrine-prod-audit" },
    });
    assert.ok(
      statement("ReadTrailLog").Resource.includes(
        "arn:aws:logs:eu-central-1:123456789012:log-group:/peregrine/prod/trail",
      ),
    );
  });
});

describe("the audit bucket", () => {
  it("locks each file, for a day in dev and for a year in prod", async () => {
    const locks = [];
    for (const stack of ["dev", "prod"]) {
      const recorder = await programOf(stack);
      assert.equal(recorder.one("aws:s3/bucket:Bucket", bucketOf(stack)).inputs["objectLockEnabled"], true);
      locks.push(
        recorder.one("aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration").inputs["rule"]
          .defaultRetention,
      );
    }
    assert.deepEqual(locks, [
      { mode: "GOVERNANCE", days: 1 },
      { mode: "GOVERNANCE", days: 365 },
    ]);
  });

  it("is named by Pulumi, with the account id, so that a kept one is in nobody's way", async () => {
    const { name, inputs } = (await programOf("prod")).one("aws:s3/bucket:Bucket", bucketOf("prod"));
    assert.equal(inputs["bucket"], undefined);
    assert.ok(`${name}-1234567`.length <= 63);
  });

  it("takes files from its own trail only, for this account only", async () => {
    const recorder = await programOf("prod");
    const { Statement } = JSON.parse(
      recorder.one("aws:s3/bucketPolicy:BucketPolicy", `${bucketOf("prod")}-policy`).inputs["policy"],
    ) as { Statement: { Sid: string; Effect: string; Principal: unknown; Resource: string[]; Condition: unknown }[] };
    const allows = Statement.filter(({ Effect }) => Effect === "Allow");
    assert.equal(allows.length, 2);
    for (const { Principal, Condition } of allows) {
      assert.deepEqual(Principal, { Service: "cloudtrail.amazonaws.com" });
      assert.deepEqual(Condition, {
        StringEquals: { "aws:SourceArn": "arn:aws:cloudtrail:eu-central-1:123456789012:trail/peregrine-prod-trail" },
      });
    }
    assert.match(allows[1]!.Resource[0]!, /\/AWSLogs\/123456789012\/\*$/);
  });

  it("takes what is appended to the log from its writers, each object once, and nothing else of any of our roles", () => {
    const scope = scopeOf("prod");
    const bucketArn = scope.arns.bucket("peregrine-prod-audit-123456789012-0123abc");
    const named = (name: string, statements: readonly Statement[], kind: "identity" | "resource") => ({
      name,
      policy: compilePolicy(policyDocument(statements), kind),
    });
    const everything: Statement = { Sid: "All", Effect: "Allow", Action: ["*"], Resource: ["*"] };
    const resource = named("bucket policy", auditBucketPolicy(scope, bucketArn), "resource");
    const may = (roleArn: string, action: string, key: string, context: Record<string, string> = {}): boolean =>
      evaluate(
        {
          action,
          resource: `${bucketArn}/${key}`,
          principal: {
            type: "role",
            arn: `arn:aws:sts::${scope.place.accountId}:assumed-role/any/attack`,
            accountId: scope.place.accountId,
            id: "AROAATTACK:attack",
            roleArn,
          },
          lookup: fixedContext({ "aws:PrincipalArn": roleArn, ...context }),
        },
        { identity: [named("everything", [everything], "identity")], resource },
      ).allowed;
    const absent = { "s3:if-none-match": "*" };
    const writers = [scope.roleArn("record-changes"), scopeOf("dev").roleArn("release-build")];
    for (const writer of writers) {
      assert.equal(may(writer, "s3:PutObject", "ledger/log/batches/0", absent), true);
      assert.equal(may(writer, "s3:PutObject", "ledger/log/batches/0"), false, "writes over it");
      assert.equal(may(writer, "s3:PutObject", "AWSLogs/123456789012/CloudTrail/x", absent), false);
      for (const action of [
        "DeleteObject",
        "DeleteObjectVersion",
        "PutObjectRetention",
        "PutObjectLegalHold",
        "PutObjectTagging",
        "PutObjectAcl",
        "BypassGovernanceRetention",
      ])
        assert.equal(may(writer, `s3:${action}`, "ledger/log/batches/0", absent), false, action);
    }
    for (const role of ["auditor", "heal", "deployer", "witness-log"])
      assert.equal(may(scope.roleArn(role), "s3:PutObject", "ledger/log/batches/0", absent), false, role);
  });

  it("uses no bucket key, which would take the trail's name out of the encryption context that its key asks for", async () => {
    const { rules } = (await programOf("prod")).one(
      "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
      `${bucketOf("prod")}-encryption`,
    ).inputs;
    assert.deepEqual(
      [rules[0].bucketKeyEnabled, rules[0].applyServerSideEncryptionByDefault.sseAlgorithm],
      [false, "aws:kms"],
    );
  });

  it("is marked as kept with its key in prod, and nowhere else", async () => {
    const marked = [];
    for (const stack of ["dev", "prod"]) {
      const recorder = await programOf(stack);
      marked.push(
        [
          recorder.one("aws:s3/bucket:Bucket", bucketOf(stack)),
          recorder.one("aws:kms/key:Key", `peregrine-${stack}-audit-key`),
        ].map(({ inputs }) => inputs["tags"]?.kept),
      );
    }
    assert.deepEqual(marked, [
      [undefined, undefined],
      ["audit", "audit"],
    ]);
  });

  it("refuses a lock that nobody could take off before the stack goes, and files that expire while they are locked", async () => {
    const recorder = await record("staging");
    await assert.rejects(
      runProgram("staging", { "peregrine:auditLock": "compliance", "peregrine:auditLockDays": "120" }),
      /2 problems[^]*auditKeep: is false[^]*auditRetentionDays: is 90, below peregrine:auditLockDays \(120\)/,
    );
    assert.equal(recorder.resources.length, 0);
  });
});
