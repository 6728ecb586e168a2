import assert from "node:assert/strict";
import { readAlarmDescription, writeAlarmDescription } from "../../../contract/alarm-description";
import { targetsOf } from "../../../infra/alerts/telling";
import { allRoles, statementsOf } from "../../../infra/identity/roles/all-roles";
import { built } from "../../support/build";
import { releaseOf, scopeOf } from "../../support/scope";

const routes = {
  "peregrine:alertRoutes": JSON.stringify([
    "detectors serving,model critical,warning mailto:detectors@example.org",
    "platform platform critical https://pager.example.org/in",
  ]),
};
const release = { "/peregrine/prod/release": JSON.stringify(releaseOf()) };

describe("whoever tells people", () => {
  it("knows for each area and severity which team hears about it, and by which topic", () => {
    const topic = (suffix: string) => `arn:aws:sns:eu-central-1:123456789012:peregrine-prod-alerts-${suffix}`;
    const scope = scopeOf("prod", routes);
    const { serving, model, platform } = targetsOf(scope);
    assert.deepEqual(serving.critical, { team: "detectors", topicArn: topic("detectors-critical") });
    assert.deepEqual(model.warning, { team: "detectors", topicArn: topic("detectors-warning") });
    assert.deepEqual(platform.critical, { team: "platform", topicArn: topic("critical") });
    assert.deepEqual(model.info, { team: scope.settings.owner, topicArn: topic("info") }, "nobody takes it");
  });

  it("is called by every alarm of the endpoint and by the rule of the bus, and keeps what it gives up", async () => {
    const { recorder } = await built("prod", routes, release);
    const lambda = recorder.one("aws:lambda/function:Function", "peregrine-prod-telling-function-function").inputs;
    assert.match(lambda["deadLetterConfig"].targetArn, /dead-letters/);
    const { TARGETS, STATE_BUCKET } = lambda["environment"].variables as Record<string, string>;
    assert.deepEqual(JSON.parse(TARGETS!), targetsOf(scopeOf("prod", routes)));
    assert.match(STATE_BUCKET!, /^peregrine-prod-artifacts-/);
    assert.ok(JSON.stringify(lambda["environment"].variables).length < 4096, "Lambda's limit of variables");
    const permission = recorder.one("aws:lambda/permission:Permission", "peregrine-prod-telling-alarms-permission");
    assert.deepEqual(
      [permission.inputs["principal"], permission.inputs["sourceAccount"]],
      ["lambda.alarms.cloudwatch.amazonaws.com", "123456789012"],
    );
    assert.match(permission.inputs["sourceArn"], /:alarm:peregrine-prod-\*$/);
  });

  it("is watched by alarms that go past it", async () => {
    const { recorder } = await built("prod", routes, release);
    const untold = recorder.one("aws:cloudwatch/metricAlarm:MetricAlarm", "peregrine-prod-telling-errors-alarm").inputs;
    assert.match(untold["alarmActions"][0], /topic\/peregrine-prod-alerts-critical$/);
    assert.deepEqual(untold["dimensions"], { FunctionName: "peregrine-prod-tell" });
    const dead = recorder.one("aws:cloudwatch/metricAlarm:MetricAlarm", "peregrine-prod-reactions-dead-letters-alarm");
    assert.match(dead.inputs["alarmActions"][0], /topic\/peregrine-prod-alerts-warning$/);
  });

  it("may publish to people's topics and keep its state, and nothing else", () => {
    const statements = statementsOf(allRoles(scopeOf("prod"))["tell"]!);
    const on = (action: string) =>
      statements.filter(({ Action }) => Action.includes(action)).flatMap(({ Resource = [] }) => Resource);
    assert.deepEqual(on("sns:Publish"), ["arn:aws:sns:eu-central-1:123456789012:peregrine-prod-alerts-*"]);
    assert.deepEqual(on("s3:PutObject"), [
      "arn:aws:s3:::peregrine-prod-artifacts-123456789012/watch/alerts/state.json",
    ]);
    assert.deepEqual([...new Set(statements.flatMap(({ Action }) => Action))].sort(), [
      "kms:Decrypt",
      "kms:DescribeKey",
      "kms:GenerateDataKey",
      "logs:CreateLogStream",
      "logs:PutLogEvents",
      "s3:GetObject",
      "s3:ListBucket",
      "s3:PutObject",
      "sns:Publish",
      "sqs:SendMessage",
    ]);
  });
});

describe("an alarm's description", () => {
  const facts = {
    what: "More than 1 % of requests are answered with 5xx.",
    severity: "critical",
    area: "serving",
    cause: "errors",
    runbook: "docs/runbooks/endpoint-alarm.md",
    command: "npx peregrine doctor --stack prod",
  } as const;

  it("says to readers and to the function the same", () => {
    assert.deepEqual(readAlarmDescription(writeAlarmDescription(facts)), facts);
    assert.deepEqual(readAlarmDescription("My own.\nSeverity: loud"), {
      what: "My own.",
      severity: undefined,
      area: undefined,
      cause: undefined,
      runbook: undefined,
      command: undefined,
    });
  });

  it("that CloudWatch would refuse is refused before", () => {
    assert.throws(() => writeAlarmDescription({ ...facts, what: "x".repeat(1000) }), /1024/);
  });
});
