import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import AdmZip from "adm-zip";
import { writeAlarmDescription } from "../../../contract/alarm-description";
import { alertStateKey } from "../../../contract/alert-state";
import { alertTopic } from "../../../contract/names";
import { topicPolicy } from "../../../infra/alerts/alerts";
import { topicSuffixes } from "../../../infra/alerts/routes";
import { targetsOf } from "../../../infra/alerts/telling";
import { toldPattern } from "../../../infra/events/bus";
import { policyDocument } from "../../../infra/identity/document";
import { allRoles, statementsOf } from "../../../infra/identity/roles/all-roles";
import { Scope } from "../../../infra/scope";
import { type AlarmDescription, endpointAlarms, rolloutAlarms } from "../../../infra/serving/alarms";
import type { Members } from "../../../local/members";
import { Account, ACCOUNT } from "../../local/services/codebuild/account";
import { eventually } from "../../support/eventually";
import { settingsOf } from "../../support/scope";

const scope = new Scope(
  settingsOf("prod", {
    "peregrine:monitoringMode": "self-hosted",
    "peregrine:monitoringEnabled": "true",
    "peregrine:alertRoutes": JSON.stringify([
      "operators serving critical,warning arn:aws:sqs:eu-central-1:111122223333:operators",
      "detectors model critical,warning arn:aws:sqs:eu-central-1:111122223333:detectors",
    ]),
  }),
  { accountId: ACCOUNT, partition: "aws" },
);
const { alertRoutes } = scope.settings;
const FunctionName = scope.names.of("function", "tell");
const bus = scope.names.of("eventBus", "events");
const bundle = join(__dirname, "..", "..", "..", "functions", "dist", "tell", "index.js");
const dimensions = { EndpointName: scope.endpointName, VariantName: "champion" };

/** Nobody but AWS writes in its namespaces; here the alarms read the same names in another one. */
const ours = (namespace: string): string => namespace.replace(/^AWS\//, "Test/");

interface Message {
  readonly subject: string;
  readonly body: string;
}

/**
 * The way of an alert as the program makes it: alarms that call the function, the bus with its rule, the function with
 * its role, its state in the bucket, topics by team, and a real queue for each team.
 */
describe("alerts, from metrics and events to their teams", function () {
  this.slow(60_000);
  let account: Account;
  const queues: Record<string, string> = {};
  const got: Record<string, Message[]> = {};
  const { "rollout-golden": golden } = rolloutAlarms(scope);
  const alarms: Readonly<Record<string, AlarmDescription>> = { ...endpointAlarms(scope), "rollout-golden": golden! };
  const minute = () => account.local.cloud.clock.nowMs() / 60_000;

  before(async () => {
    account = await Account.open({ speed: 30 });
    for (const [team, suffixes] of Object.entries({
      operators: ["operators-critical", "operators-warning"],
      detectors: ["detectors-critical", "detectors-warning"],
      owner: ["critical", "warning", "info"],
    })) {
      const { QueueUrl } = await account.call("sqs", "CreateQueue", {
        QueueName: team,
        Attributes: {
          Policy: JSON.stringify({
            Version: "2012-10-17",
            Statement: [
              {
                Effect: "Allow",
                Principal: { Service: "sns.amazonaws.com" },
                Action: "sqs:SendMessage",
                Resource: "*",
              },
            ],
          }),
        },
      });
      [queues[team], got[team]] = [QueueUrl as string, []];
      for (const suffix of suffixes) {
        assert.ok(topicSuffixes(alertRoutes).includes(suffix), suffix);
        const Name = alertTopic("prod", suffix);
        const { TopicArn } = await account.call("sns", "CreateTopic", {
          Name,
          Attributes: { Policy: policyDocument(topicPolicy(scope, Name, true)) },
        });
        await account.call("sns", "Subscribe", { TopicArn, Protocol: "sqs", Endpoint: scope.arns.queue(team) });
      }
    }
    await account.call("s3", "CreateBucket", {
      Bucket: scope.artifactsBucket,
      CreateBucketConfiguration: { LocationConstraint: "eu-central-1" },
    });
    const duties = statementsOf(allRoles(scope)["tell"]!).map(({ Effect, Action, Resource, Condition }) => ({
      Effect,
      Action,
      Resource,
      Condition,
    }));
    const zip = new AdmZip();
    zip.addFile("index.js", readFileSync(bundle));
    const { FunctionArn } = await account.call("lambda", "CreateFunction", {
      FunctionName,
      Role: await account.role("tell", duties, "lambda.amazonaws.com"),
      Runtime: "nodejs22.x",
      Handler: "index.handler",
      Timeout: 30,
      Code: { ZipFile: zip.toBuffer() },
      Environment: {
        Variables: {
          ENVIRONMENT: "prod",
          STATE_BUCKET: scope.artifactsBucket,
          TARGETS: JSON.stringify(targetsOf(scope)),
        },
      },
    });
    const permit = (StatementId: string, Principal: string, SourceArn: string) =>
      account.call("lambda", "AddPermission", {
        FunctionName,
        StatementId,
        Action: "lambda:InvokeFunction",
        Principal,
        SourceArn,
      });
    await permit("alarms", "lambda.alarms.cloudwatch.amazonaws.com", scope.arns.alarm("peregrine-prod-*"));
    await account.call("events", "CreateEventBus", { Name: bus });
    const rules = [
      { Name: "tell", EventBusName: bus, EventPattern: JSON.stringify(toldPattern) },
      { Name: "digests", EventBusName: "default", ScheduleExpression: "rate(5 minutes)" },
    ];
    for (const rule of rules) {
      const { RuleArn } = await account.call("events", "PutRule", rule);
      await permit(rule.Name, "events.amazonaws.com", RuleArn as string);
      const { EventBusName } = rule;
      await account.call("events", "PutTargets", {
        Rule: rule.Name,
        EventBusName,
        Targets: [{ Id: "tell", Arn: FunctionArn }],
      });
    }
    // Warm, as a function is that is called every five minutes.
    await tick(account.local.cloud.clock.nowMs());
    for (const [name, description] of Object.entries(alarms)) await putAlarm(name, description, FunctionArn as string);
  });
  after(() => account?.close());

  async function putAlarm(name: string, alarm: AlarmDescription, action: string): Promise<void> {
    const metric = (of: { namespace: string; metricName: string }) => ({
      Namespace: ours(of.namespace),
      MetricName: of.metricName,
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
    });
    await account.call("cloudwatch", "PutMetricAlarm", {
      AlarmName: scope.names.of("alarm", "detector", name),
      AlarmDescription: writeAlarmDescription(alarm),
      ...(alarm.expression
        ? {
            Metrics: [
              { Id: "result", Expression: alarm.expression.text, ReturnData: true },
              ...Object.entries(alarm.expression.metrics).map(([Id, of]) => ({
                Id,
                MetricStat: { Metric: metric(of), Period: alarm.periodSeconds, Stat: of.statistic },
                ReturnData: false,
              })),
            ],
          }
        : {
            ...metric(alarm),
            Period: alarm.periodSeconds,
            ...(alarm.statistic ? { Statistic: alarm.statistic } : { ExtendedStatistic: alarm.extendedStatistic }),
          }),
      Threshold: alarm.threshold,
      ComparisonOperator: alarm.below ? "LessThanThreshold" : "GreaterThanThreshold",
      EvaluationPeriods: alarm.evaluationPeriods,
      ...(alarm.datapointsToAlarm ? { DatapointsToAlarm: alarm.datapointsToAlarm } : {}),
      TreatMissingData: alarm.missing,
      AlarmActions: [action],
      OKActions: [action],
    });
  }

  /** One value in the middle of each of the last periods. */
  async function measure(
    of: { readonly namespace: string; readonly metricName: string },
    value: number,
    periodSeconds: number,
    periods: number,
  ): Promise<void> {
    const now = account.local.cloud.clock.nowMs();
    const MetricData = Array.from({ length: periods }, (_none, index) => ({
      MetricName: of.metricName,
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      Value: value,
      Timestamp: new Date(now - (index + 0.5) * periodSeconds * 1000),
      ...(periodSeconds < 60 ? { StorageResolution: 1 } : {}),
    }));
    await account.call("cloudwatch", "PutMetricData", { Namespace: ours(of.namespace), MetricData });
  }

  async function receive(): Promise<void> {
    for (const [team, QueueUrl] of Object.entries(queues)) {
      const { Messages = [] } = await account.call("sqs", "ReceiveMessage", { QueueUrl, MaxNumberOfMessages: 10 });
      for (const { Body, ReceiptHandle } of Messages as Members[]) {
        const { Subject, Message } = JSON.parse(Body) as { Subject: string; Message: string };
        got[team]!.push({ subject: Subject, body: Message });
        await account.call("sqs", "DeleteMessage", { QueueUrl, ReceiptHandle });
      }
    }
  }
  const heard = (team: string, text: RegExp) =>
    eventually(async () => {
      await receive();
      const found = got[team]!.find(({ body, subject }) => text.test(`${subject}\n${body}`));
      assert.ok(found, `${team} got ${got[team]!.map(({ subject }) => subject).join(" | ")}`);
      return found;
    }, 180_000);
  const put = (Source: string, DetailType: string, detail: object, Time?: Date) =>
    account.call("events", "PutEvents", {
      Entries: [{ EventBusName: bus, Source, DetailType, Detail: JSON.stringify(detail), Time }],
    });
  /** What the rule for digests sends. */
  const tick = (atMs: number) =>
    account.call("lambda", "Invoke", {
      FunctionName,
      Payload: Buffer.from(
        JSON.stringify({
          source: "aws.events",
          "detail-type": "Scheduled Event",
          time: new Date(atMs).toISOString(),
        }),
      ),
    });
  /** By itself or in a digest: a busy machine is so slow that the cap strikes elsewhere. */
  const begun = (severity: string, what: RegExp) => new RegExp(`${severity}(: | \\S+: )${what.source}`);
  const times = (team: string, text: RegExp) =>
    got[team]!.map(({ subject, body }) => `${subject}\n${body}`)
      .join("\n")
      .match(new RegExp(text, "g"))?.length ?? 0;
  const alertState = async () => {
    const { Body } = await account.call("s3", "GetObject", { Bucket: scope.artifactsBucket, Key: alertStateKey });
    return Buffer.from(Body as Uint8Array).toString("utf8");
  };

  /** Values that raise an alarm, or that end it. */
  async function move(name: string, bad: boolean): Promise<void> {
    const { namespace, metricName, expression, below, threshold, periodSeconds, evaluationPeriods } = alarms[name]!;
    const [worse, better] = below ? [threshold / 2, 1] : [threshold * 1.05 + 0.01, 0];
    if (expression) await measure(expression.metrics["requests"]!, bad ? 100 : 0, periodSeconds, evaluationPeriods);
    if (name !== "unwatched")
      await measure({ namespace, metricName }, bad ? worse : better, periodSeconds, evaluationPeriods);
  }

  /** Each alarm with the team that it is for, and how many cloud minutes may pass from the values to the message. */
  const first: [alarm: string, team: string, text: RegExp][] = [
    ["errors", "operators", begun("CRITICAL", /More than 1 % of requests are answered with 5xx/)],
    ["latency", "operators", begun("CRITICAL", /The model takes longer than 2000 ms/)],
    ["cpu", "operators", begun("WARNING", /The processors of the instances are busier than 90 %/)],
    ["disk", "operators", begun("WARNING", /A disk is three quarters full/)],
    ["quality-f1", "detectors", begun("WARNING", /Measured on labelled answers, F1 is below 0.3/)],
    ["quality-estimated", "detectors", begun("WARNING", /Estimated without labels, mAP50 is below 0.25/)],
    ["label-lag", "detectors", begun("WARNING", /Labels come later than 168 hours/)],
    ["unwatched", "detectors", begun("WARNING", /Requests come, and no monitoring run looked at them/)],
  ];

  it("each reach the team that answers for them, and nobody else, within minutes, with all that is needed to act", async () => {
    const started = minute();
    for (const [alarm] of first) await move(alarm, true);
    const taken: string[] = [];
    for (const [alarm, team, text] of first) {
      const { subject, body } = await heard(team, text);
      taken.push(`${alarm} ${(minute() - started).toFixed(1)}`);
      const labels = ["What", "Since", "Severity", "Team", "About", "Evidence", "Runbook", "Next"];
      if (!subject.includes("digest"))
        for (const label of labels) assert.match(body, new RegExp(`^${label}: +\\S`, "m"), `${alarm}: ${label}`);
      assert.equal(times(team, text), 1, alarm);
      for (const other of Object.keys(got))
        if (other !== team) assert.equal(times(other, text), 0, `${other}: ${alarm}`);
    }
    // Evaluated every minute; the rest is this machine's time, of which a second is half a minute.
    assert.ok(minute() - started < 15, `minutes: ${taken.join(", ")}`);
  });

  it("of one endpoint with one cause are one, be they alarms or events, and end when the last of them does", async () => {
    await put("peregrine.model", "Quality Below Objective", {
      severity: "warning",
      message: "Recall fell.",
      area: "model",
      cause: "quality",
      endpoint: scope.endpointName,
    });
    for (const alarm of ["quality-map50", "gpu", "memory", "gpu-memory", "capture-gap", "rollout-golden"])
      await move(alarm, true);
    await move("quality-estimated", false);
    // Some of it waits for the digests: the teams had messages before.
    const news: [team: string, text: RegExp][] = [
      ["operators", begun("CRITICAL", /The new fleet answers images of known content wrongly/)],
      ["operators", begun("WARNING", /More than 90 % of (an instance's|a GPU's) memory is in use/)],
      ["operators", begun("WARNING", /Requests come, and none was captured for more than 60 minutes/)],
      ["detectors", begun("ENDED", /Estimated without labels/)],
    ];
    for (const [team, text] of news) {
      await heard(team, text);
      assert.equal(times(team, text), 1, `${text}`);
    }
    // Of alarms with one cause one was told, and all are raised. A busy machine sees one end before another one begins.
    for (const alarm of ["quality-map50", "memory", "gpu-memory"])
      await eventually(async () => {
        await move(alarm, true);
        const AlarmNames = [scope.names.of("alarm", "detector", alarm)];
        const { MetricAlarms } = await account.call("cloudwatch", "DescribeAlarms", { AlarmNames });
        assert.equal((MetricAlarms as Members[])[0]!.StateValue, "ALARM", alarm);
      });
    assert.equal(times("operators", begun("WARNING", /The GPUs of the instances/)), 0, "load is known");
    assert.equal(
      times("detectors", /Recall fell|WARNING(: | \S+: )Measured on labelled answers, mAP50/),
      0,
      "quality is known",
    );
  });

  it("in a storm are five messages in ten minutes and a digest: nothing is lost, and least of all what is critical", async () => {
    await receive();
    const before = got["detectors"]!.length;
    const causes = Array.from({ length: 12 }, (_none, index) => `cause-${index}`);
    // The function takes the time from what it is called with; half an hour later there is room.
    const later = account.local.cloud.clock.nowMs() + 30 * 60_000;
    for (const cause of [...causes, ...causes])
      await put(
        "peregrine.model",
        "Drift Detected",
        {
          severity: cause === "cause-11" ? "critical" : "warning",
          message: `Something moved: ${cause}.`,
          area: "model",
          cause,
          endpoint: scope.endpointName,
          runbook: "docs/runbooks/drift.md",
        },
        new Date(later),
      );
    const told = () => got["detectors"]!.slice(before).filter(({ subject, body }) => /cause-\d/.test(subject + body));
    await eventually(async () => {
      await receive();
      assert.equal(told().length, 5);
      assert.equal((await alertState()).match(/Something moved: cause-\d+/g)?.length, 7);
    });
    assert.ok(told().some(({ subject }) => /CRITICAL: Something moved: cause-11/.test(subject)));
    await tick(later + 5 * 60_000);
    await receive();
    assert.equal(told().length, 5, "there is no room yet");
    await tick(later + 11 * 60_000);
    await heard("detectors", /digest of \d+ alerts for detectors[^]*cause-/);
    for (const cause of causes) {
      const hits = told().filter(({ body }) => new RegExp(`: ${cause}\\.`).test(body));
      assert.equal(hits.length, 1, `${cause} was told ${hits.length} times`);
    }
  });

  it("that no team takes go to the owner of the environment, those for information as well", async () => {
    await put("peregrine.model", "Retraining Decided", {
      severity: "info",
      message: "Verdict wait: no new labels.",
      area: "model",
      cause: "retraining",
    });
    const { subject, body } = await heard("owner", /Verdict wait/);
    assert.equal(subject, "[prod] INFO: Verdict wait: no new labels.");
    assert.match(body, /^Team: +\S+ \(model\)$/m);
  });

  it("leave a state that stays small, and no dead letter", async () => {
    assert.ok((await alertState()).length < 20_000);
    const { Datapoints } = await account.call("cloudwatch", "GetMetricStatistics", {
      Namespace: "AWS/Lambda",
      MetricName: "Errors",
      Dimensions: [{ Name: "FunctionName", Value: FunctionName }],
      StartTime: new Date(account.local.cloud.clock.nowMs() - 3 * 3_600_000),
      EndTime: new Date(account.local.cloud.clock.nowMs()),
      Period: 3600,
      Statistics: ["Sum"],
    });
    assert.equal(
      (Datapoints as Members[]).reduce((sum, { Sum }) => sum + Number(Sum), 0),
      0,
    );
  });
});
