import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import AdmZip from "adm-zip";
import { alertTopic } from "../../../contract/names";
import { type Escalation, escalationQueue, escalationsKey, heartbeatMetric } from "../../../contract/escalation";
import { escalationQueuePolicy, levelSuffix, policyOf } from "../../../infra/alerts/escalation";
import { policyDocument } from "../../../infra/identity/document";
import { allRoles, statementsOf } from "../../../infra/identity/roles/all-roles";
import { alertMessage } from "../../../lifecycle/alert-message";
import type { Alert } from "../../../lifecycle/alerting";
import { GovernedAccount } from "../../automation/roles/account";
import { eventually } from "../../support/eventually";
import { scopeOf } from "../../support/scope";

const levels = ["critical", "warning"].flatMap((severity) => [
  `* ${severity} 1 mailto:lead@example.org`,
  `* ${severity} 2 https://events.example.org/owner`,
]);
const scope = scopeOf("staging", {
  "peregrine:escalation": JSON.stringify(levels),
  "peregrine:escalationLoops": "0",
});
const { arns, names, settings } = scope;
const bundle = join(__dirname, "..", "..", "..", "functions", "dist", "escalate", "index.js");
const FunctionName = names.of("function", "escalate");
const topic = (suffix: string) => arns.topic(alertTopic("staging", suffix));
const [first, second, dead, third] = settings.escalation.levels.map((level) => topic(levelSuffix(level)));
const patienceMs = 120_000;

const alert = (cause: string, kind: Alert["kind"] = "raised", severity: Alert["severity"] = "critical"): Alert => ({
  id: cause,
  kind,
  severity,
  area: "serving",
  team: "detectors",
  topicArn: topic(severity),
  subject: "peregrine-staging-detector",
  cause,
  what: "More than 1 % of requests fail.",
  sinceMs: 0,
  evidence: "an alarm",
  runbook: "docs/runbooks/endpoint-alarm.md",
  command: "npx peregrine doctor --stack staging",
});

/** The function as it is deployed, under the program's role, behind topics and a queue as the program makes them. */
describe("escalating on the local cloud", function () {
  this.timeout(300_000);
  let account: GovernedAccount;
  const call: GovernedAccount["administer"] = (...request) => account.administer(...request);
  const publish = (one: Alert) => {
    const { subject, body } = alertMessage("staging", one, { repeats: 0, full: false });
    return call("sns", "Publish", { TopicArn: one.topicArn, Subject: subject, Message: body });
  };
  const open = async (): Promise<Escalation[]> => {
    const { Body } = await call("s3", "GetObject", { Bucket: scope.artifactsBucket, Key: escalationsKey });
    return Object.values((JSON.parse(Buffer.from(Body as Uint8Array).toString()) as { open: object }).open);
  };
  const opened = (cause: string): Promise<Escalation> =>
    eventually(
      async () => (await open()).find(({ about }) => about.endsWith(`cause ${cause}`)) ?? assert.fail("not open yet"),
      patienceMs,
      200,
    );
  /** What the function published about an alert: to which topic, and how many cloud seconds after the alert. */
  const told = ({ id, atMs }: Escalation) =>
    account.local.cloud.audit
      .recent()
      .filter(
        ({ eventName, requestParameters, userIdentity }) =>
          eventName === "Publish" &&
          JSON.stringify(userIdentity).includes(FunctionName) &&
          JSON.stringify(requestParameters).includes(id),
      )
      .map(({ eventTime, requestParameters, errorCode }) => ({
        topic: requestParameters!["topicArn"] as string,
        seconds: (Date.parse(eventTime) - atMs) / 1000,
        errorCode,
      }))
      .reverse();
  const near = (seconds: number, expected: number) => assert.ok(Math.abs(seconds - expected) <= 5, `${seconds} s`);

  before(async () => {
    account = await GovernedAccount.start({ scopes: { staging: scope }, speed: 2 });
    const queue = escalationQueue("staging");
    const { QueueUrl } = await call("sqs", "CreateQueue", {
      QueueName: queue,
      Attributes: { VisibilityTimeout: "180", Policy: policyDocument(escalationQueuePolicy(scope)) },
      tags: scope.tags,
    });
    assert.ok(QueueUrl);
    for (const TopicArn of [
      ...["critical", "warning", "heartbeat", "watchdog"].map(topic),
      ...[first, second, third].map((arn) => arn!),
    ])
      await call("sns", "CreateTopic", { Name: TopicArn.split(":").at(-1) });
    for (const suffix of ["critical", "warning", "heartbeat"])
      await call("sns", "Subscribe", { TopicArn: topic(suffix), Protocol: "sqs", Endpoint: arns.queue(queue) });
    await call("logs", "CreateLogGroup", { logGroupName: `/aws/lambda/${FunctionName}` });
    const zip = new AdmZip();
    zip.addFile("index.js", readFileSync(bundle));
    await call("lambda", "CreateFunction", {
      FunctionName,
      Role: scope.roleArn("escalate"),
      Runtime: "nodejs22.x",
      Handler: "index.handler",
      Code: { ZipFile: zip.toBuffer() },
      Timeout: 30,
      Environment: {
        Variables: {
          ENVIRONMENT: "staging",
          ARTIFACTS_BUCKET: scope.artifactsBucket,
          POLICY: JSON.stringify(policyOf(scope)),
        },
      },
    });
    await call("lambda", "CreateEventSourceMapping", {
      EventSourceArn: arns.queue(queue),
      FunctionName,
      BatchSize: 1,
      FunctionResponseTypes: ["ReportBatchItemFailures"],
    });
  });
  after(() => account?.stop());

  /** Waits for what an alert comes to: so many messages that were taken. */
  const taken = (one: Escalation, messages: number) =>
    eventually(
      () => {
        const found = told(one).filter(({ errorCode }) => errorCode === undefined);
        assert.equal(found.length, messages, JSON.stringify(told(one)));
        return found;
      },
      patienceMs,
      200,
    );

  describe("four alerts at a time", () => {
    let all: Record<"errors" | "latency" | "disk" | "memory", Escalation>;

    before(async () => {
      for (const cause of ["errors", "latency", "disk"]) await publish(alert(cause));
      // The topic of its first level is not there.
      await publish(alert("memory", "raised", "warning"));
      const [errors, latency, disk, memory] = await Promise.all(["errors", "latency", "disk", "memory"].map(opened));
      all = { errors: errors!, latency: latency!, disk: disk!, memory: memory! };
      const { QueueUrl } = await call("sqs", "GetQueueUrl", { QueueName: escalationQueue("staging") });
      const MessageBody = JSON.stringify({ kind: "acknowledge", id: latency!.id });
      await call("sqs", "SendMessage", { QueueUrl, MessageBody });
      await publish(alert("disk", "ended"));
    });

    it("are told to each level at its minute, and then to nobody any more", async () => {
      const [one, two] = await taken(all.errors, 2);
      assert.deepEqual([one!.topic, two!.topic], [first, second]);
      near(one!.seconds, 60);
      near(two!.seconds, 120);
    });

    it("find another way where a level's topic is gone, and go on to the next level at its minute", async () => {
      const [one, two] = await taken(all.memory, 2);
      assert.deepEqual([one!.topic, two!.topic], [topic("watchdog"), third]);
      near(two!.seconds, 120);
      assert.ok(told(all.memory).some(({ topic: arn, errorCode }) => arn === dead && errorCode !== undefined));
    });

    it("are told to nobody where somebody looks after them, or they are over", async () => {
      assert.deepEqual([told(all.latency), told(all.disk)], [[], []]);
      const found = await open();
      assert.ok(found.find(({ id }) => id === all.latency.id)!.acknowledged?.by);
      assert.ok(found.find(({ id }) => id === all.disk.id)!.endedMs);
    });
  });

  it("says that it lives, and only what travelled the whole path says so", async () => {
    await call("sns", "Publish", { TopicArn: topic("heartbeat"), Message: '{"kind":"heartbeat"}' });
    const { namespace, name } = heartbeatMetric("staging");
    await eventually(
      async () => {
        const { Metrics } = await call("cloudwatch", "ListMetrics", { Namespace: namespace, MetricName: name });
        assert.equal((Metrics as object[]).length, 1);
      },
      patienceMs,
      200,
    );
  });

  it("publishes to the environment's alerts and writes its own object, and nothing else", () => {
    const statements = statementsOf(allRoles(scope)["escalate"]!);
    const of = (action: string) =>
      statements.filter(({ Action }) => Action.includes(action)).flatMap(({ Resource = [] }) => Resource);
    assert.deepEqual(of("s3:PutObject"), [arns.object(scope.artifactsBucket, escalationsKey)]);
    assert.deepEqual(of("sns:Publish"), [topic("*")]);
    assert.deepEqual(of("sqs:SendMessage"), [arns.queue(escalationQueue("staging"))]);
  });
});
