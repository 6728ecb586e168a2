import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DisableAlarmActionsCommand,
  PutMetricAlarmCommand,
} from "@aws-sdk/client-cloudwatch";
import {
  CreateLogGroupCommand,
  CloudWatchLogsClient,
  DeleteLogGroupCommand,
  PutRetentionPolicyCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import {
  DeleteRuleCommand,
  DisableRuleCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
} from "@aws-sdk/client-eventbridge";
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteUserCommand,
  IAMClient,
} from "@aws-sdk/client-iam";
import { CreateBucketCommand, DeleteBucketCommand, PutBucketVersioningCommand, S3Client } from "@aws-sdk/client-s3";
import {
  AddTagsCommand,
  CreateModelPackageGroupCommand,
  DeleteModelPackageGroupCommand,
  DeleteTagsCommand,
  SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import { CreateTopicCommand, DeleteTopicCommand, SNSClient, SetTopicAttributesCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, DeleteQueueCommand, SQSClient, TagQueueCommand } from "@aws-sdk/client-sqs";
import { DeleteParameterCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { fromIni } from "@aws-sdk/credential-providers";
import type { AuditRecord } from "../../local/audit/log";
import type { ServerFile } from "../../local/main";
import type { LogEntry } from "../../records/log/entry";
import { eventually } from "../support/eventually";
import { ProjectCopy } from "./project-copy";

const account = "111122223333";
const patienceMs = 2 * 60_000;
const betweenMs = 3000;

interface Told {
  readonly ok: boolean;
  readonly calls: number;
  readonly entries: number;
  readonly missing: readonly { readonly id: string }[];
  readonly waiting: readonly { readonly id: string }[];
  readonly orphans: readonly string[];
  readonly doubled: readonly string[];
}

describe("every call that changes something, in the log", function () {
  this.slow(240_000);
  let project: ProjectCopy;
  let server: ServerFile;

  before(async () => {
    project = await ProjectCopy.make();
    server = await project.startCloud("--speed", "60", "--lags", "on");
    await project.bringUp("dev");
  });
  after(() => project?.remove());

  const peregrine = (...args: string[]) => project.peregrine("audit", ...args, "--stack", "dev");
  const recorded = (): AuditRecord[] =>
    readFileSync(join(server.stateDir, "audit.jsonl"), "utf8")
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as AuditRecord);
  const changing = () => recorded().filter(({ managementEvent, readOnly }) => managementEvent && !readOnly);
  const entries = async (): Promise<LogEntry[]> => {
    const { stdout, code, output } = await peregrine("log", "--json");
    assert.equal(code, 0, output);
    return stdout
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as LogEntry);
  };

  it("has one entry, whoever made it, also where it was denied, failed, or made beside our tools", async () => {
    await live(server);
    const last = changing().at(-1)!;
    const wanted = changing().filter(({ eventTime }) => eventTime <= last.eventTime);
    const began = wanted.findIndex(({ eventName }) => eventName === "StartLogging");
    assert.ok(began > 0 && wanted.length - began > 60, `${wanted.length} calls, the trail from ${began} on`);
    const found = await eventually(
      async () => {
        const all = await entries();
        const ids = new Set(all.map(({ id }) => id));
        const missing = wanted.slice(began + 1).filter(({ eventID }) => !ids.has(`cloudtrail#${eventID}`));
        assert.deepEqual(
          missing.map(({ eventTime, eventName }) => `${eventTime} ${eventName}`),
          [],
        );
        return all;
      },
      patienceMs,
      betweenMs,
    );
    const calls = found.filter(({ id }) => id.startsWith("cloudtrail#"));
    assert.equal(new Set(calls.map(({ id }) => id)).size, calls.length);
    const known = new Set(changing().map(({ eventID }) => `cloudtrail#${eventID}`));
    assert.deepEqual(
      calls.filter(({ id }) => !known.has(id)),
      [],
    );
    const byEvent = (event: string) => calls.filter(({ body }) => body["event"] === event);
    assert.equal(
      byEvent("CreateTopic")
        .find(({ body }) => body["type"] === "call.denied")
        ?.body["error"]?.toString()
        .startsWith("AuthorizationError"),
      true,
    );
    assert.ok(byEvent("DeleteRule").some(({ body }) => body["type"] === "call.failed"));
    const text = JSON.stringify(found);
    assert.ok(!text.includes("erika"));
    for (const { body } of calls) assert.match(String(body["from"] ?? "address:"), /^address:[0-9a-f]*$/);
    const made = byEvent("CreateUser")[0]!;
    assert.equal(made.kind, "people");
    assert.match(made.subject, /user:[0-9a-f]{32}/);
  });

  it("agrees with the trail's own log files, and comes to rest", async () => {
    const told = await eventually(
      async () => {
        const { stdout, output } = await peregrine("verify", "--complete", "--json");
        const found = JSON.parse(stdout) as Told;
        assert.equal(found.ok, true, output);
        return found;
      },
      patienceMs,
      betweenMs,
    );
    assert.deepEqual([told.missing, told.orphans, told.doubled], [[], [], []]);
    assert.ok(told.calls > 60 && told.entries >= told.calls - told.waiting.length);
    // An hour of the cloud's time, in which nobody does anything: the recorder does not go on telling of itself.
    const before = await entries();
    await new Promise((done) => setTimeout(done, 60_000));
    const after = await entries();
    const own = after.slice(before.length).map(({ body }) => String(body["event"]));
    assert.ok(own.filter((event) => event === "PutParameter").length <= 1, own.join());
  });

  it("says who is behind a digest until that is erased, and holds all the same", async () => {
    const { stdout } = await peregrine("log", "--json", "--kind", "people");
    const user = stdout.split("\n").find((line) => line.includes('"CreateUser"'))!;
    const { index } = JSON.parse(user) as { index: number };
    const shown = async () => (await peregrine("show", String(index), "--names")).output;
    assert.match(await shown(), /erika/);
    const erased = await peregrine("erase", "erika");
    assert.equal(erased.code, 0, erased.output);
    assert.doesNotMatch(await shown(), /erika/);
    const verified = await peregrine("verify");
    assert.equal(verified.code, 0, verified.output);
    assert.equal((await peregrine("erase", "erika")).code, 1);
  });

  it("answers who touched a resource, also who was denied", async () => {
    const denied = await peregrine("who", "life-denied", "--denied", "--json");
    assert.equal(denied.code, 0, denied.output);
    const lines = denied.stdout
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, string>);
    assert.deepEqual(
      lines.map(({ event, outcome }) => [event, outcome]),
      [["CreateTopic", "denied"]],
    );
    assert.match(lines[0]!["by"]!, /user\/erika$/);
    const all = await peregrine("who", "life-topic", "--json");
    assert.match(all.stdout, /SetTopicAttributes/);
    assert.match(all.stdout, /DeleteTopic/);
  });

  it("is verified by a program that shares no code with it", async () => {
    const folder = join(project.folder, "exported");
    const exported = await peregrine("export", folder);
    assert.equal(exported.code, 0, exported.output);
    const output = execFileSync(join(project.folder, ".venv", "bin", "python"), [
      join(project.folder, "scripts", "audit", "verify_log.py"),
      folder,
    ]);
    assert.match(output.toString(), /^ok {3}\d+ entries/);
  });
});

/** Thirty steps of a life: an administrator's, made beside our tools, and somebody's who may nothing. */
async function live({ region, url: endpoint, credentialsFile: filepath }: ServerFile): Promise<void> {
  const settings = { region, endpoint, credentials: fromIni({ filepath, profile: "ab" }), maxAttempts: 1 };
  const s3 = new S3Client({ ...settings, forcePathStyle: true });
  const [iam, sns, sqs, ssm] = [
    new IAMClient(settings),
    new SNSClient(settings),
    new SQSClient(settings),
    new SSMClient(settings),
  ];
  const [logs, rules, alarms, sagemaker] = [
    new CloudWatchLogsClient(settings),
    new EventBridgeClient(settings),
    new CloudWatchClient(settings),
    new SageMakerClient(settings),
  ];
  const topic = `arn:aws:sns:${region}:${account}:life-topic`;
  const group = "life-group";
  const groupArn = `arn:aws:sagemaker:${region}:${account}:model-package-group/${group}`;
  const queue = `${endpoint}/${account}/life-queue`;
  let key: { AccessKeyId?: string; SecretAccessKey?: string } = {};
  const steps: (() => Promise<unknown>)[] = [
    () =>
      s3.send(
        new CreateBucketCommand({
          Bucket: "life-bucket",
          CreateBucketConfiguration: { LocationConstraint: "eu-central-1" },
        }),
      ),
    () =>
      s3.send(
        new PutBucketVersioningCommand({ Bucket: "life-bucket", VersioningConfiguration: { Status: "Enabled" } }),
      ),
    () => sns.send(new CreateTopicCommand({ Name: "life-topic" })),
    () =>
      sns.send(
        new SetTopicAttributesCommand({ TopicArn: topic, AttributeName: "DisplayName", AttributeValue: "Life" }),
      ),
    () => sqs.send(new CreateQueueCommand({ QueueName: "life-queue" })),
    () => sqs.send(new TagQueueCommand({ QueueUrl: queue, Tags: { of: "life" } })),
    () => ssm.send(new PutParameterCommand({ Name: "/life", Value: "1", Type: "String" })),
    () => ssm.send(new PutParameterCommand({ Name: "/life", Value: "2", Type: "String", Overwrite: true })),
    () => logs.send(new CreateLogGroupCommand({ logGroupName: "/life" })),
    () => logs.send(new PutRetentionPolicyCommand({ logGroupName: "/life", retentionInDays: 7 })),
    () => rules.send(new PutRuleCommand({ Name: "life-rule", EventPattern: JSON.stringify({ source: ["life"] }) })),
    () => rules.send(new PutTargetsCommand({ Rule: "life-rule", Targets: [{ Id: "one", Arn: topic }] })),
    // Refused: it has a target.
    () => assert.rejects(rules.send(new DeleteRuleCommand({ Name: "life-rule" }))),
    () => rules.send(new DisableRuleCommand({ Name: "life-rule" })),
    () =>
      alarms.send(
        new PutMetricAlarmCommand({
          AlarmName: "life-alarm",
          Namespace: "Life",
          MetricName: "Pulse",
          Statistic: "Sum",
          Period: 60,
          EvaluationPeriods: 1,
          Threshold: 1,
          ComparisonOperator: "LessThanThreshold",
        }),
      ),
    () => alarms.send(new DisableAlarmActionsCommand({ AlarmNames: ["life-alarm"] })),
    () => sagemaker.send(new CreateModelPackageGroupCommand({ ModelPackageGroupName: group })),
    () => sagemaker.send(new AddTagsCommand({ ResourceArn: groupArn, Tags: [{ Key: "of", Value: "life" }] })),
    () => sagemaker.send(new DeleteTagsCommand({ ResourceArn: groupArn, TagKeys: ["of"] })),
    () => iam.send(new CreateUserCommand({ UserName: "erika" })),
    async () => (key = (await iam.send(new CreateAccessKeyCommand({ UserName: "erika" }))).AccessKey!),
    () =>
      assert.rejects(
        new SNSClient({
          ...settings,
          credentials: { accessKeyId: key.AccessKeyId!, secretAccessKey: key.SecretAccessKey! },
        }).send(new CreateTopicCommand({ Name: "life-denied" })),
      ),
    () => iam.send(new DeleteAccessKeyCommand({ UserName: "erika", AccessKeyId: key.AccessKeyId })),
    () => iam.send(new DeleteUserCommand({ UserName: "erika" })),
    () => sagemaker.send(new DeleteModelPackageGroupCommand({ ModelPackageGroupName: group })),
    () => alarms.send(new DeleteAlarmsCommand({ AlarmNames: ["life-alarm"] })),
    () => rules.send(new RemoveTargetsCommand({ Rule: "life-rule", Ids: ["one"] })),
    () => rules.send(new DeleteRuleCommand({ Name: "life-rule" })),
    () => logs.send(new DeleteLogGroupCommand({ logGroupName: "/life" })),
    () => ssm.send(new DeleteParameterCommand({ Name: "/life" })),
    () => sqs.send(new DeleteQueueCommand({ QueueUrl: queue })),
    () => sns.send(new DeleteTopicCommand({ TopicArn: topic })),
    () => s3.send(new DeleteBucketCommand({ Bucket: "life-bucket" })),
  ];
  assert.ok(steps.length >= 30);
  for (const step of steps) await step();
}
