import assert from "node:assert/strict";
import type { Members } from "../../../../local/members";
import { evaluate } from "../../../../local/services/cloudwatch/alarms/evaluate";
import { parseAlarmRule } from "../../../../local/services/cloudwatch/alarms/rule";
import { createCloudWatch } from "../../../../local/services/cloudwatch";
import { fakeService, permissiveCloud, send, until } from "../permissive-cloud";

/**
 * The tables of "Configuring how CloudWatch alarms treat missing data": five datapoints (0 does not breach, X breaches,
 * - is missing), and the state for missing, ignore, breaching, notBreaching; R keeps the current state.
 */
const tables: readonly [datapointsToAlarm: number, rows: readonly [string, string, string, string, string][]][] = [
  [
    3,
    [
      ["0-X-X", "OK", "OK", "OK", "OK"],
      ["----0", "OK", "OK", "OK", "OK"],
      ["-----", "INSUFFICIENT_DATA", "R", "ALARM", "OK"],
      ["0XX-X", "ALARM", "ALARM", "ALARM", "ALARM"],
      ["--X--", "ALARM", "R", "ALARM", "OK"],
    ],
  ],
  [
    2,
    [
      ["0-X-X", "ALARM", "ALARM", "ALARM", "ALARM"],
      ["00X0X", "ALARM", "ALARM", "ALARM", "ALARM"],
      ["0-X--", "OK", "OK", "ALARM", "OK"],
      ["----0", "OK", "OK", "ALARM", "OK"],
      ["---X-", "ALARM", "R", "ALARM", "OK"],
    ],
  ],
];

describe("alarm evaluation", () => {
  for (const [datapointsToAlarm, rows] of tables) {
    for (const [points, ...expected] of rows) {
      for (const [index, treatMissingData] of (["missing", "ignore", "breaching", "notBreaching"] as const).entries()) {
        it(`${points}, ${datapointsToAlarm} of 3, ${treatMissingData}: ${expected[index]}`, () => {
          const datapoints = [...points].map((point) => (point === "-" ? undefined : point === "X" ? 2 : 0));
          const input = {
            datapoints,
            evaluationPeriods: 3,
            datapointsToAlarm,
            threshold: 1,
            comparison: "GreaterThanThreshold",
            treatMissingData,
          };
          for (const state of ["OK", "ALARM", "INSUFFICIENT_DATA"] as const)
            assert.equal(evaluate({ ...input, state }).state, expected[index] === "R" ? state : expected[index]);
        });
      }
    }
  }
});

describe("composite alarm rules", () => {
  const states: Record<string, any> = { a: "ALARM", b: "OK", "c d": "INSUFFICIENT_DATA" };
  const table: readonly [string, boolean][] = [
    ["ALARM(a)", true],
    ['ALARM("a") AND OK(b)', true],
    ["ALARM(a) AND ALARM(b)", false],
    ['ALARM(b) OR INSUFFICIENT_DATA("c d")', true],
    ["NOT (ALARM(a) OR ALARM(b))", false],
    ["ALARM(b) OR ALARM(a) AND NOT OK(b)", false],
    ["TRUE AND NOT FALSE", true],
    ["ALARM(arn:aws:cloudwatch:eu-central-1:111122223333:alarm:a)", true],
    ['AT_LEAST(2, ALARM, (a, b, "c d"))', false],
    ["AT_LEAST(50%, OK, (a, b))", true],
  ];
  for (const [rule, holds] of table)
    it(`${rule} is ${holds}`, () =>
      assert.equal(
        parseAlarmRule(rule).holds((name) => states[name]),
        holds,
      ));
  for (const rule of ["", "ALARM(", "ALARM(a) AND", "RED(a)", "ALARM(a) OK(b)"])
    it(`'${rule}' is refused`, () => assert.throws(() => parseAlarmRule(rule), { name: "ValidationError" }));
});

describe("alarms", () => {
  function setUp(speed = 600) {
    const { cloud, recorded } = permissiveCloud({ speed });
    const watch = createCloudWatch(cloud);
    cloud.register(watch);
    const published: Members[] = [];
    fakeService(cloud, "sns", {
      Publish: (input, call) => void published.push({ ...input, principal: call.principal.arn }),
    });
    void watch.start!();
    open.push(() => watch.stop!());
    return { cloud, recorded, published };
  }
  const open: (() => unknown)[] = [];
  afterEach(() => {
    for (const close of open.splice(0)) void close();
  });
  const topic = "arn:aws:sns:eu-central-1:111122223333:alerts";
  const alarm = {
    AlarmName: "errors",
    Namespace: "Peregrine",
    MetricName: "Errors",
    Dimensions: [{ Name: "Endpoint", Value: "e" }],
    Statistic: "Sum",
    Period: 60,
    EvaluationPeriods: 1,
    Threshold: 3,
    ComparisonOperator: "GreaterThanThreshold",
    TreatMissingData: "notBreaching",
    AlarmActions: [topic],
    OKActions: [topic],
  };
  const stateOf = async (cloud: any, name: string) =>
    (
      await send(cloud, "cloudwatch", "DescribeAlarms", {
        AlarmNames: [name],
        AlarmTypes: ["MetricAlarm", "CompositeAlarm"],
      })
    )[name.startsWith("all") ? "CompositeAlarms" : "MetricAlarms"][0]["StateValue"];

  it("go to ALARM and back in cloud time, telling the topic, EventBridge, the history and composite alarms", async () => {
    const { cloud, recorded, published } = setUp();
    await send(cloud, "cloudwatch", "PutMetricAlarm", alarm);
    await send(cloud, "cloudwatch", "PutCompositeAlarm", {
      AlarmName: "all",
      AlarmRule: "ALARM(errors)",
      AlarmActions: [topic],
    });
    assert.equal(await stateOf(cloud, "errors"), "INSUFFICIENT_DATA");
    await until(async () => (await stateOf(cloud, "errors")) === "OK", "no data is not breaching");
    for (let at = 0; at < 5; at++)
      cloud.internals.measure([
        { namespace: "Peregrine", name: "Errors", dimensions: { Endpoint: "e" }, value: 1, unit: "Count" },
      ]);
    await send(cloud, "cloudwatch", "PutMetricData", {
      Namespace: "Peregrine",
      MetricData: [{ MetricName: "Errors", Dimensions: alarm.Dimensions, Value: 4 }],
    });
    await until(async () => (await stateOf(cloud, "errors")) === "ALARM", "the sum is over the threshold");
    assert.equal(await stateOf(cloud, "all"), "ALARM");
    await until(async () => (await stateOf(cloud, "errors")) === "OK", "the errors are over");

    const messages = published
      .filter((one) => JSON.parse(one["Message"]).AlarmName === "errors")
      .map((one) => ({ ...JSON.parse(one["Message"]), subject: one["Subject"], principal: one["principal"] }));
    assert.deepEqual(
      messages.map(({ OldStateValue, NewStateValue }) => [OldStateValue, NewStateValue]),
      [
        ["INSUFFICIENT_DATA", "OK"],
        ["OK", "ALARM"],
        ["ALARM", "OK"],
      ],
    );
    assert.equal(messages[1].subject, 'ALARM: "errors" in EU (Frankfurt)');
    assert.equal(messages[1].principal, "cloudwatch.amazonaws.com");
    assert.equal(messages[1].Trigger.Statistic, "SUM");
    assert.match(
      messages[1].NewStateReason,
      /^Threshold Crossed: 1 out of the last 1 datapoint \[\d+\.0 \(\d\d\/\d\d\/\d\d \d\d:\d\d:00\)\] was greater than the threshold \(3\.0\) \(minimum 1 datapoint for OK -> ALARM transition\)\.$/,
    );
    const events = recorded.events.filter(
      (event) => event.detailType === "CloudWatch Alarm State Change" && event.detail["alarmName"] === "errors",
    );
    assert.deepEqual(
      events.map(({ detail }) => detail["state"].value),
      ["OK", "ALARM", "OK"],
    );
    assert.equal(events[1]!.detail["configuration"].metrics[0].metricStat.metric.name, "Errors");
    const history = (await send(cloud, "cloudwatch", "DescribeAlarmHistory", { AlarmName: "errors" }))[
      "AlarmHistoryItems"
    ].map((item: Members) => item["HistorySummary"]);
    assert.ok(history.includes("Alarm updated from OK to ALARM"));
    assert.ok(history.includes(`Successfully executed action ${topic}`));
  });

  it("evaluate percentiles and metric math", async () => {
    const { cloud } = setUp();
    await send(cloud, "cloudwatch", "PutMetricAlarm", {
      ...alarm,
      AlarmName: "slow",
      MetricName: "Latency",
      Statistic: undefined,
      ExtendedStatistic: "p90",
      Threshold: 85,
      AlarmActions: [],
    });
    await send(cloud, "cloudwatch", "PutMetricAlarm", {
      AlarmName: "rate",
      Metrics: [
        {
          Id: "e",
          ReturnData: false,
          MetricStat: {
            Metric: { Namespace: "Peregrine", MetricName: "Errors", Dimensions: alarm.Dimensions },
            Period: 60,
            Stat: "Sum",
          },
        },
        {
          Id: "n",
          ReturnData: false,
          MetricStat: {
            Metric: { Namespace: "Peregrine", MetricName: "Latency", Dimensions: alarm.Dimensions },
            Period: 60,
            Stat: "SampleCount",
          },
        },
        { Id: "r", Expression: "100 * FILL(e, 0) / n" },
      ],
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: "GreaterThanOrEqualToThreshold",
      TreatMissingData: "notBreaching",
    });
    const now = new Date(cloud.clock.nowMs());
    const values = Array.from({ length: 100 }, (_none, index) => index + 1);
    await send(cloud, "cloudwatch", "PutMetricData", {
      Namespace: "Peregrine",
      MetricData: [
        { MetricName: "Latency", Dimensions: alarm.Dimensions, Values: values, Timestamp: now },
        { MetricName: "Errors", Dimensions: alarm.Dimensions, Value: 1, Timestamp: now },
      ],
    });
    await until(
      async () => (await stateOf(cloud, "slow")) === "ALARM" && (await stateOf(cloud, "rate")) === "ALARM",
      "both are over their thresholds",
    );
  });

  it("can be set by hand, and do nothing while actions are disabled", async () => {
    const { cloud, published } = setUp(1);
    await send(cloud, "cloudwatch", "PutMetricAlarm", alarm);
    await send(cloud, "cloudwatch", "DisableAlarmActions", { AlarmNames: ["errors"] });
    await send(cloud, "cloudwatch", "SetAlarmState", {
      AlarmName: "errors",
      StateValue: "ALARM",
      StateReason: "drill",
    });
    assert.equal(await stateOf(cloud, "errors"), "ALARM");
    assert.equal(published.length, 0);
    await send(cloud, "cloudwatch", "DeleteAlarms", { AlarmNames: ["errors"] });
    assert.deepEqual((await send(cloud, "cloudwatch", "DescribeAlarms", {}))["MetricAlarms"], []);
  });
});
