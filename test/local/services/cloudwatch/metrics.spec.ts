import assert from "node:assert/strict";
import { addSample, emptyAggregate, isStatistic, statistic } from "../../../../local/services/cloudwatch/aggregate";
import { evaluateExpression } from "../../../../local/services/cloudwatch/expressions";
import { createCloudWatch } from "../../../../local/services/cloudwatch";
import { permissiveCloud, send } from "../permissive-cloud";
import { makeTemporaryFolder } from "../../../support/temporary-folder";

describe("metrics", () => {
  const setUp = (stateDir?: string) => {
    const { cloud } = permissiveCloud({ stateDir });
    const watch = createCloudWatch(cloud);
    cloud.register(watch);
    return { cloud, watch };
  };
  const start = Math.floor(Date.now() / 300_000) * 300_000 - 600_000;
  const at = (minute: number) => new Date(start + minute * 60_000 + 1000);
  const range = { StartTime: new Date(start), EndTime: new Date(start + 600_000) };
  const Dimensions = [
    { Name: "A", Value: "1" },
    { Name: "B", Value: "2" },
  ];

  it("aggregate by period, whatever the order of dimensions", async () => {
    const { cloud } = setUp();
    await send(cloud, "cloudwatch", "PutMetricData", {
      Namespace: "N",
      MetricData: [
        { MetricName: "M", Dimensions, Value: 1, Timestamp: at(0), Unit: "Count" },
        { MetricName: "M", Dimensions: [...Dimensions].reverse(), Values: [2, 3], Counts: [2, 1], Timestamp: at(1) },
        {
          MetricName: "M",
          Dimensions,
          StatisticValues: { SampleCount: 2, Sum: 20, Minimum: 5, Maximum: 15 },
          Timestamp: at(6),
        },
      ],
    });
    const byMinute = await send(cloud, "cloudwatch", "GetMetricStatistics", {
      Namespace: "N",
      MetricName: "M",
      Dimensions,
      ...range,
      Period: 60,
      Statistics: ["Sum", "SampleCount"],
    });
    assert.deepEqual(
      byMinute["Datapoints"].map((point: any) => [point.Sum, point.SampleCount]),
      [
        [1, 1],
        [7, 3],
        [20, 2],
      ],
    );
    const byFive = await send(cloud, "cloudwatch", "GetMetricStatistics", {
      Namespace: "N",
      MetricName: "M",
      Dimensions,
      ...range,
      Period: 300,
      Statistics: ["Average", "Minimum", "Maximum"],
      ExtendedStatistics: ["p50"],
    });
    assert.deepEqual(
      byFive["Datapoints"].map((point: any) => [point.Average, point.Minimum, point.Maximum, point.ExtendedStatistics]),
      [
        [2, 1, 3, { p50: 2 }],
        [10, 5, 15, {}],
      ],
    );
    const other = await send(cloud, "cloudwatch", "GetMetricStatistics", {
      Namespace: "N",
      MetricName: "M",
      Dimensions: [Dimensions[0]],
      ...range,
      Period: 60,
      Statistics: ["Sum"],
    });
    assert.deepEqual(other["Datapoints"], []);
  });

  it("are computed with metric math", async () => {
    const { cloud } = setUp();
    await send(cloud, "cloudwatch", "PutMetricData", {
      Namespace: "N",
      MetricData: [
        { MetricName: "errors", Value: 1, Timestamp: at(1) },
        { MetricName: "all", Values: [1], Counts: [50], Timestamp: at(1) },
        { MetricName: "all", Values: [1], Counts: [10], Timestamp: at(2) },
      ],
    });
    const metric = (Id: string, MetricName: string) => ({
      Id,
      ReturnData: false,
      MetricStat: { Metric: { Namespace: "N", MetricName }, Period: 60, Stat: "Sum" },
    });
    const answer = await send(cloud, "cloudwatch", "GetMetricData", {
      ...range,
      ScanBy: "TimestampAscending",
      MetricDataQueries: [
        metric("e", "errors"),
        metric("n", "all"),
        { Id: "r", Expression: "100 * FILL(e, 0) / n", Label: "rate" },
      ],
    });
    assert.deepEqual(
      answer["MetricDataResults"].map((result: any) => [result.Label, result.Values]),
      [["rate", [2, 0]]],
    );
  });

  it("of many different values have percentiles within one percent", () => {
    const aggregate = emptyAggregate();
    for (let value = 1; value <= 10_000; value++) addSample(aggregate, value);
    for (const [name, exact] of [
      ["p50", 5000],
      ["p99", 9900],
      ["p99.9", 9990],
    ] as const)
      assert.ok(Math.abs(statistic(aggregate, name)! / exact - 1) < 0.011, name);
    assert.ok(aggregate.values!.size < 1200);
  });

  it("are counted within a range: above the first limit, up to the second", () => {
    const aggregate = emptyAggregate();
    for (let value = 1; value <= 100; value++) addSample(aggregate, value);
    const counts = ["TC(90:)", "TC(:10)", "TC(10:20)", "TC(0.5:1000)", "TC(100:)"].map((name) =>
      statistic(aggregate, name),
    );
    assert.deepEqual(counts, [10, 10, 10, 100, 0]);
    for (const name of ["TC(:)", "TC(a:b)", "TC(1)"]) assert.equal(isStatistic(name), false, name);
    const set = { count: 5, sum: 50, min: 5, max: 20 };
    assert.deepEqual(
      ["TC(30:)", "TC(1:)", "TC(10:)"].map((name) => statistic(set, name)),
      [0, 5, undefined],
    );
  });

  it("survive a restart", async () => {
    const stateDir = makeTemporaryFolder("metrics");
    const first = setUp(stateDir);
    await send(first.cloud, "cloudwatch", "PutMetricData", {
      Namespace: "N",
      MetricData: [{ MetricName: "M", Values: [1, 9], Timestamp: at(0) }],
    });
    await first.watch.stop!();
    const second = setUp(stateDir);
    const answer = await send(second.cloud, "cloudwatch", "GetMetricStatistics", {
      Namespace: "N",
      MetricName: "M",
      ...range,
      Period: 60,
      Statistics: ["Sum"],
      ExtendedStatistics: ["p90"],
    });
    assert.deepEqual(
      answer["Datapoints"].map((point: any) => [point.Sum, point.ExtendedStatistics.p90]),
      [[10, 9]],
    );
  });

  it("are refused in AWS's namespaces, out of time, or with counts that do not fit", async () => {
    const { cloud } = setUp();
    const put = (Namespace: string, datum: object) =>
      send(cloud, "cloudwatch", "PutMetricData", { Namespace, MetricData: [{ MetricName: "M", ...datum }] });
    await assert.rejects(put("AWS/SageMaker", { Value: 1 }), /must not start with AWS/);
    await assert.rejects(
      put("N", { Value: 1, Timestamp: new Date(Date.now() + 3 * 3_600_000) }),
      /two hours in the future/,
    );
    await assert.rejects(put("N", { Values: [1, 2], Counts: [1] }), /same size/);
    await assert.rejects(put("N", { Value: 1, Values: [1] }), /Exactly one/);
  });

  const scope = {
    series: (id: string) =>
      new Map(
        id === "a"
          ? [
              [0, 1],
              [60_000, 4],
            ]
          : [
              [60_000, 2],
              [120_000, 0],
            ],
      ),
    metricIds: () => ["a", "b"],
    periodSeconds: 60,
    startMs: 0,
    endMs: 180_000,
  };
  const math: readonly [string, [number, number][]][] = [
    [
      "a + 1",
      [
        [0, 2],
        [60_000, 5],
      ],
    ],
    ["a / b", [[60_000, 2]]],
    [
      "SUM([a, b])",
      [
        [0, 1],
        [60_000, 6],
        [120_000, 0],
      ],
    ],
    [
      "SUM(METRICS())",
      [
        [0, 1],
        [60_000, 6],
        [120_000, 0],
      ],
    ],
    [
      "MAX([FILL(a, 0), FILL(b, 9)])",
      [
        [0, 9],
        [60_000, 4],
        [120_000, 0],
      ],
    ],
    [
      "FILL(a, REPEAT)",
      [
        [0, 1],
        [60_000, 4],
        [120_000, 4],
      ],
    ],
    [
      "IF(a > 2, 1, 0)",
      [
        [0, 0],
        [60_000, 1],
      ],
    ],
    [
      "-(2 ^ 2) + AVG(a) * 2",
      [
        [0, 1],
        [60_000, 1],
        [120_000, 1],
      ],
    ],
    ["RATE(a)", [[60_000, 0.05]]],
  ];
  for (const [expression, points] of math)
    it(`compute ${expression}`, () => assert.deepEqual([...evaluateExpression(expression, scope)], points));
  for (const expression of ["a +", "a b", "NOPE(a)", "[a, b]"])
    it(`refuse ${expression}`, () =>
      assert.throws(() => evaluateExpression(expression, scope), { name: "ValidationError" }));
});
