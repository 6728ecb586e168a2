import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import AdmZip from "adm-zip";
import { type AlarmFacts, factsKeys } from "../../../contract/remediation";
import { policyDocument } from "../../../infra/identity/document";
import { writersOnly } from "../../../infra/identity/writers";
import { changePattern } from "../../../infra/remediation/remediation";
import { tlsOnly } from "../../../infra/storage/bucket";
import type { Members } from "../../../local/members";
import { GovernedAccount } from "../../automation/roles/account";
import { sdkConfig } from "../../local/support";
import { ByHand, planted } from "../../support/by-hand";
import { scopeOf } from "../../support/scope";

const scope = scopeOf("staging", { "peregrine:remediation": "on" });
const { arns, names } = scope;
const bundle = join(__dirname, "..", "..", "..", "functions", "dist", "heal", "index.js");
const bucket = scope.artifactsBucket;
const group = names.of("scheduleGroup", "schedules");
const logGroup = "/aws/lambda/peregrine-staging-tell";
/** The first is for the planted violations, the others for a test each. */
const ruleNames = ["forward", "refused", "storm", "unheard"].map((name) => names.of("eventRule", name));
const alarmNames = ["peregrine-staging-dead-letters", "peregrine-staging-detector-errors"];
const alarm = (AlarmName: string): AlarmFacts => ({
  AlarmName,
  AlarmActions: [arns.topic("peregrine-staging-alerts-critical")],
  Namespace: "AWS/Lambda",
  MetricName: "Errors",
  Statistic: "Sum",
  Dimensions: [{ Name: "FunctionName", Value: "f" }],
  Period: 60,
  EvaluationPeriods: 1,
  Threshold: 0,
  ComparisonOperator: "GreaterThanThreshold",
  TreatMissingData: "notBreaching",
});

/** The function as it is deployed, under the program's role, called by the program's own event pattern and a sweep. */
describe("healing on the local cloud", function () {
  this.timeout(240_000);
  let account: GovernedAccount;
  let byHand: ByHand;
  const call: GovernedAccount["administer"] = (...request) => account.administer(...request);
  const put = (Key: string, facts: object) =>
    call("s3", "PutObject", { Bucket: bucket, Key, Body: JSON.stringify({ version: 1, ...facts }) });
  const keyId = (arn: string) => arn.slice(arn.lastIndexOf("/") + 1);

  before(async () => {
    account = await GovernedAccount.start({ scopes: { staging: scope }, speed: 10 });
    const settings = { ...sdkConfig(account.local), maxAttempts: 3 };
    byHand = new ByHand(settings, bucket);
    await call("s3", "PutBucketVersioning", { Bucket: bucket, VersioningConfiguration: { Status: "Enabled" } });
    const PublicAccessBlockConfiguration = {
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    };
    await call("s3", "PutPublicAccessBlock", { Bucket: bucket, PublicAccessBlockConfiguration });
    for (const name of alarmNames) await call("cloudwatch", "PutMetricAlarm", alarm(name));
    for (const logGroupName of [logGroup, "/aws/lambda/peregrine-staging-heal"])
      await call("logs", "CreateLogGroup", { logGroupName });
    await call("logs", "PutRetentionPolicy", { logGroupName: logGroup, retentionInDays: 30 });
    await call("events", "CreateEventBus", { Name: names.of("eventBus", "events") });
    for (const Name of ruleNames) await call("events", "PutRule", { Name, EventPattern: '{"source":["nobody"]}' });
    await call("sqs", "CreateQueue", { QueueName: scope.deadLetterQueue });
    await call("scheduler", "CreateScheduleGroup", { Name: group });
    await call("scheduler", "CreateSchedule", {
      GroupName: group,
      Name: "peregrine-staging-forecast",
      ScheduleExpression: "cron(0 3 * * ? *)",
      FlexibleTimeWindow: { Mode: "OFF" },
      Target: { Arn: arns.queue(scope.deadLetterQueue), RoleArn: scope.roleArn("forecast-start") },
    });
    await makeTrail();
    await writeFacts();
    await makeHealer();
  });
  after(() => account?.stop());

  async function makeTrail(): Promise<void> {
    const Bucket = "peregrine-staging-trail-files";
    const CreateBucketConfiguration = { LocationConstraint: scope.settings.region };
    await call("s3", "CreateBucket", { Bucket, CreateBucketConfiguration });
    await call("s3", "PutBucketPolicy", {
      Bucket,
      Policy: policyDocument([
        {
          Sid: "Trail",
          Effect: "Allow",
          Principal: { Service: "cloudtrail.amazonaws.com" },
          Action: ["s3:GetBucketAcl", "s3:PutObject"],
          Resource: [arns.bucket(Bucket), arns.object(Bucket, "*")],
        },
      ]),
    });
    await call("cloudtrail", "CreateTrail", { Name: scope.trailName, S3BucketName: Bucket });
    await call("cloudtrail", "StartLogging", { Name: scope.trailName });
  }

  async function writeFacts(): Promise<void> {
    const { RoleDetailList } = await call("iam", "GetAccountAuthorizationDetails", { Filter: ["Role"] });
    const { keyArn, approvalKeyArn, logKeyArn } = account.targets.staging;
    await put(factsKeys.account, {
      buckets: [
        {
          name: bucket,
          policy: policyDocument([...tlsOnly(arns.bucket(bucket)), ...writersOnly(scope)]),
          versioned: true,
          closed: true,
        },
      ],
      roles: (RoleDetailList as Members[])
        .filter(({ Path }) => Path === scope.rolePath)
        .map((role) => ({
          name: role["RoleName"],
          arn: role["Arn"],
          boundary: role["PermissionsBoundary"].PermissionsBoundaryArn,
          inline: Object.fromEntries(
            (role["RolePolicyList"] as Members[]).map((one) => [
              one["PolicyName"],
              decodeURIComponent(one["PolicyDocument"]),
            ]),
          ),
          attached: (role["AttachedManagedPolicies"] as Members[]).map(({ PolicyArn }) => PolicyArn as string),
        })),
      keys: [keyArn, approvalKeyArn, logKeyArn].map((arn) => ({ id: keyId(arn) })),
      trails: [{ name: scope.trailName }],
      approver: scope.roleArn("approver"),
    });
    await put(factsKeys.serving, {});
    await put(factsKeys.watch, {
      alarms: alarmNames.map(alarm),
      logGroups: [{ name: logGroup, days: 30 }],
      rules: ruleNames.map((name) => ({ name, bus: "default" })),
      schedules: [{ name: "peregrine-staging-forecast", group }],
      functions: [{ name: names.of("function", "feedback"), code: "as-deployed" }],
    });
  }

  async function makeHealer(): Promise<void> {
    const zip = new AdmZip();
    zip.addFile("index.js", readFileSync(bundle));
    const FunctionName = names.of("function", "heal");
    const { FunctionArn } = await call("lambda", "CreateFunction", {
      FunctionName,
      Role: scope.roleArn("heal"),
      Runtime: "nodejs22.x",
      Handler: "index.handler",
      Code: { ZipFile: zip.toBuffer() },
      Timeout: 120,
      MemorySize: 512,
      Environment: {
        Variables: {
          ENVIRONMENT: "staging",
          ARTIFACTS_BUCKET: bucket,
          EVENT_BUS: names.of("eventBus", "events"),
          KEY: account.targets.staging.keyArn,
          MODEL_PACKAGE_GROUP: scope.modelPackageGroup,
          MODE: "on",
          WAIVERS: "[]",
        },
      },
    });
    const rules = {
      "release-guard-calls": { EventPattern: JSON.stringify(changePattern(scope)) },
      "release-guard-sweep": { ScheduleExpression: "rate(1 minute)" },
    };
    for (const [part, rule] of Object.entries(rules)) {
      const Name = names.of("eventRule", part);
      const { RuleArn } = await call("events", "PutRule", { Name, ...rule });
      await call("lambda", "AddPermission", {
        FunctionName,
        StatementId: part,
        Action: "lambda:InvokeFunction",
        Principal: "events.amazonaws.com",
        SourceArn: RuleArn,
      });
      await call("events", "PutTargets", { Rule: Name, Targets: [{ Id: "heal", Arn: FunctionArn }] });
    }
  }

  const healersCalls = (operation: string, name: string) =>
    account.local.cloud.audit
      .recent()
      .filter(
        ({ eventName, requestParameters, userIdentity }) =>
          eventName === operation &&
          JSON.stringify(requestParameters).includes(name) &&
          JSON.stringify(userIdentity).includes("peregrine-staging-heal"),
      );

  // What needs an endpoint is in test/engine/remediation.spec.ts.
  const here = planted.filter(({ violation }) => !/^(endpoint|capture)/.test(violation));
  it("puts right what was planted, half of it within a minute of the call", async () => {
    const seconds: Record<string, number> = {};
    for (const { violation, resource, plant } of here) {
      const name = await resource(byHand);
      await plant(byHand, name);
      seconds[violation] = await byHand.healed(violation, name);
    }
    const all = Object.values(seconds).sort((one, other) => one - other);
    assert.equal(all.length, 15);
    assert.ok(all[7]! < 60, JSON.stringify(seconds));
    assert.ok(all.at(-1)! < 240, JSON.stringify(seconds));
  });

  it("finds by the sweep what no event told of", async () => {
    const { faults } = account.local.cloud;
    const { id } = faults.add({ kind: "lost-event", detailType: "AWS API Call via CloudTrail" });
    await call("events", "DisableRule", { Name: names.of("eventRule", "unheard") });
    await byHand.healed("rule-disabled", "unheard");
    faults.clear([id]);
  });

  it("tells people at once of what no function may put right", async () => {
    const code = await byHand.escalated("function-code-changed", "feedback");
    assert.deepEqual(
      code.filter(({ rung }) => rung === "fix"),
      [],
    );
    const PolicyDocument = policyDocument([{ Sid: "All", Effect: "Allow", Action: ["*"], Resource: ["*"] }]);
    await call("iam", "PutRolePolicy", { RoleName: scope.roleName("tell"), PolicyName: "duties", PolicyDocument });
    const policy = await byHand.escalated("role-policy-changed", "tell");
    assert.match(policy.find(({ rung }) => rung === "escalate")!.reasons.join(), /may write any policy/);
  });

  it("tells people after three tries that failed", async () => {
    const { faults } = account.local.cloud;
    const { id } = faults.add({
      kind: "reject-request",
      service: "events",
      operation: "EnableRule",
      code: "AccessDeniedException",
      message: "somebody took the right away",
      status: 400,
    });
    await call("events", "DisableRule", { Name: names.of("eventRule", "refused") });
    const entries = await byHand.escalated("rule-disabled", "refused");
    faults.clear([id]);
    const fixes = entries.filter(({ rung }) => rung === "fix");
    assert.equal(fixes.length, 3, JSON.stringify(entries));
    assert.ok(fixes.every(({ outcome }) => outcome === "failed: somebody took the right away"));
    assert.match(entries.find(({ rung }) => rung === "escalate")!.reasons.join(), /fixed 3 times within an hour/);
  });

  it("makes no loop of a storm: a hundred plantings are three fixes, and people are told once", async () => {
    const Name = names.of("eventRule", "storm");
    for (let planting = 0; planting < 100; planting += 1) {
      await call("events", "DisableRule", { Name });
      await delay(300);
    }
    const entries = await byHand.escalated("rule-disabled", "storm");
    await delay(10_000);
    const fixes = healersCalls("EnableRule", Name);
    assert.ok(fixes.length <= 3, `${fixes.length} fixes`);
    const told = (await byHand.entries()).filter(({ rung, resource }) => rung === "escalate" && resource === Name);
    assert.equal(told.length, 1, JSON.stringify(entries));
  });
});
