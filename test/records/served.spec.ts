import assert from "node:assert/strict";
import type { MetricQuery } from "../../aws/cloudwatch";
import type { LogLine } from "../../aws/logs";
import { answersByMinute, minutesTogether, requestsByMinute } from "../../records/served";

const at = (clock: string): Date => new Date(`2026-11-29T${clock}Z`);
const query = { endpoint: "detector", variant: "champion", from: at("12:00:00"), to: at("12:03:00") };
const line = (clock: string, changes: object = {}): LogLine => ({
  stream: "champion/i-1",
  at: at(clock),
  text: JSON.stringify({ event: "answered", answers: 10, empty: 1, unsure: 2, package: "arn:7", ...changes }),
});

describe("what an endpoint served", () => {
  const asked: MetricQuery[] = [];
  const metrics = {
    points: async (one: MetricQuery, from: Date, to: Date) => {
      assert.deepEqual([from, to], [query.from, query.to]);
      asked.push(one);
      const value = { Invocations: 20, Invocation5XXErrors: 3, ModelLatency: 25 }[one.name]!;
      return [
        { time: at("12:00:00"), value },
        ...(one.name === "Invocation5XXErrors" ? [] : [{ time: at("12:02:00"), value: 0 }]),
      ];
    },
  };
  beforeEach(() => asked.splice(0));

  it("is counted by the minute: requests, those that failed, and those beyond the objective", async () => {
    const minutes = await requestsByMinute(metrics, query, 1500);
    assert.deepEqual(
      asked.map(({ name, statistic }) => [name, statistic]),
      [
        ["Invocations", "Sum"],
        ["Invocation5XXErrors", "Sum"],
        ["ModelLatency", "TC(1500000:)"],
      ],
    );
    // CloudWatch may have more of one metric than of another: no more were slow than there were requests.
    assert.deepEqual(
      [...minutes],
      [
        [at("12:00:00").getTime(), { requests: 20, answers: 0, errors: 3, slow: 20, empty: 0, unsure: 0 }],
        [at("12:02:00").getTime(), { requests: 0, answers: 0, errors: 0, slow: 0, empty: 0, unsure: 0 }],
      ],
    );
  });

  it("is that of one configuration where it is named, as AWS tells fleets apart", async () => {
    await requestsByMinute(metrics, query, 1500);
    await requestsByMinute(metrics, query, 1500, "config-new");
    const common = { EndpointName: "detector", VariantName: "champion" };
    assert.deepEqual(asked[0]!.dimensions, common);
    assert.deepEqual(asked[3]!.dimensions, { ...common, EndpointConfigName: "config-new" });
  });

  it("is what containers say of their answers, by package and minute", async () => {
    let filter: unknown;
    const logs = {
      linesBetween: async (group: string, options: object) => {
        filter = { group, ...options };
        return [
          line("12:00:01"),
          line("12:00:59"),
          line("12:01:00", { empty: 12 }),
          line("12:00:30", { package: "arn:8" }),
          { ...line("12:00:02"), text: '{"event":"ready"}' },
          { ...line("12:00:02"), text: "listening" },
        ];
      },
    };
    const said = await answersByMinute(logs, query);
    assert.deepEqual(filter, {
      group: "/aws/sagemaker/Endpoints/detector",
      streams: "champion/",
      pattern: '{ $.event = "answered" }',
      from: query.from,
      to: query.to,
    });
    const [first, second] = [at("12:00:00").getTime(), at("12:01:00").getTime()];
    const counted = { requests: 0, errors: 0, slow: 0 };
    assert.deepEqual(
      [...said].map(([name, minutes]) => [name, [...minutes]]),
      [
        [
          "arn:7",
          [
            [first, { ...counted, answers: 20, empty: 2, unsure: 4 }],
            // More than there were cannot be empty.
            [second, { ...counted, answers: 10, empty: 10, unsure: 2 }],
          ],
        ],
        ["arn:8", [[first, { ...counted, answers: 10, empty: 1, unsure: 2 }]]],
      ],
    );
    const whole = minutesTogether(await requestsByMinute(metrics, query, 1500), ...said.values());
    assert.deepEqual(whole.get(first), { requests: 20, answers: 30, errors: 3, slow: 20, empty: 3, unsure: 6 });
  });
});
