import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  type GetMetricDataCommandInput,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
} from "@aws-sdk/client-cloudwatch";
import { type AwsSession, clientSettings } from "./session";
import { tagList } from "./tagging";

/** What to read: one statistic of one metric. */
export interface MetricQuery {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: string;
  readonly periodSeconds: number;
}

/** A value, and when its period begins. */
export interface MetricPoint {
  readonly time: Date;
  readonly value: number;
}

/** One value of a metric that is published. */
export interface MetricValue {
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly value: number;
  /** No more than two weeks ago (PutMetricData, `Timestamp`). */
  readonly time: Date;
}

/** Values in a request (PutMetricData, `MetricData`). */
const maxValues = 1000;

/** CloudWatch: metrics and the state of alarms. */
export class Metrics {
  private readonly client: CloudWatchClient;

  constructor(session: AwsSession) {
    this.client = new CloudWatchClient(clientSettings(session));
  }

  /** Values per period between two times, oldest first. */
  async values(query: MetricQuery, start: Date, end: Date): Promise<number[]> {
    const answer = await this.client.send(new GetMetricDataCommand(requestOf([query], start, end)));
    return answer.MetricDataResults?.[0]?.Values ?? [];
  }

  /**
   * Values with the beginning of their periods, oldest first. Beyond 63 days back only periods of whole hours have any,
   * beyond 455 days none (GetMetricData, "Period" and retention).
   */
  async points(query: MetricQuery, start: Date, end: Date): Promise<MetricPoint[]> {
    return (await this.pointsOfAll([query], start, end))[0]!;
  }

  /** The same of several queries, in their order: 500 at most, in one request and one for each further page. */
  async pointsOfAll(queries: readonly MetricQuery[], start: Date, end: Date): Promise<MetricPoint[][]> {
    const found = queries.map((): MetricPoint[] => []);
    let NextToken: string | undefined;
    do {
      const page = await this.client.send(new GetMetricDataCommand({ ...requestOf(queries, start, end), NextToken }));
      for (const { Id = "", Timestamps = [], Values = [] } of page.MetricDataResults ?? [])
        found[Number(Id.slice(1))]!.push(...Timestamps.map((time, index) => ({ time, value: Values[index]! })));
      NextToken = page.NextToken;
    } while (NextToken);
    return found;
  }

  /** Sends one value, with a resolution of one second, as of now by the service's clock. */
  async publish(
    namespace: string,
    name: string,
    dimensions: Readonly<Record<string, string>>,
    value: number,
  ): Promise<void> {
    const list = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
    await this.client.send(
      new PutMetricDataCommand({
        Namespace: namespace,
        MetricData: [{ MetricName: name, Dimensions: list, Value: value, Unit: "None", StorageResolution: 1 }],
      }),
    );
  }

  /** Sends values of times that are over, with a resolution of a minute. */
  async publishAll(namespace: string, values: readonly MetricValue[]): Promise<void> {
    for (let from = 0; from < values.length; from += maxValues)
      await this.client.send(
        new PutMetricDataCommand({
          Namespace: namespace,
          MetricData: values.slice(from, from + maxValues).map(({ name, dimensions, value, time }) => ({
            MetricName: name,
            Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
            Value: value,
            Unit: "None",
            Timestamp: time,
          })),
        }),
      );
  }

  /** State (`OK`, `ALARM`, `INSUFFICIENT_DATA`) of each alarm whose name starts with the prefix. */
  async alarmStates(prefix: string): Promise<Record<string, string>> {
    const answer = await this.client.send(
      new DescribeAlarmsCommand({ AlarmNamePrefix: prefix, AlarmTypes: ["MetricAlarm", "CompositeAlarm"] }),
    );
    const alarms = [...(answer.MetricAlarms ?? []), ...(answer.CompositeAlarms ?? [])];
    return Object.fromEntries(alarms.map((alarm) => [alarm.AlarmName!, alarm.StateValue!]));
  }

  /** Reasons for which an alarm went into ALARM since a time, newest first. */
  async alarmReasons(name: string, since: Date): Promise<string[]> {
    const answer = await this.client.send(
      new DescribeAlarmHistoryCommand({
        AlarmName: name,
        HistoryItemType: "StateUpdate",
        StartDate: since,
        ScanBy: "TimestampDescending",
      }),
    );
    const changes = (answer.AlarmHistoryItems ?? []).map(
      ({ HistoryData }) =>
        JSON.parse(HistoryData ?? "{}") as { newState?: { stateValue?: string; stateReason?: string } },
    );
    return changes
      .filter(({ newState }) => newState?.stateValue === "ALARM")
      .map(({ newState }) => newState?.stateReason ?? "");
  }

  /** An alarm of a metric that has no data yet: above 0 within a minute. */
  async putAlarm(
    name: string,
    namespace: string,
    metric: string,
    tags: Readonly<Record<string, string>>,
  ): Promise<void> {
    const Tags = tagList(tags);
    await this.client.send(
      new PutMetricAlarmCommand({
        AlarmName: name,
        Namespace: namespace,
        MetricName: metric,
        Statistic: "Sum",
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 0,
        ComparisonOperator: "GreaterThanThreshold",
        TreatMissingData: "missing",
        Tags,
      }),
    );
  }

  async deleteAlarm(name: string): Promise<void> {
    await this.client.send(new DeleteAlarmsCommand({ AlarmNames: [name] }));
  }
}

function requestOf(queries: readonly MetricQuery[], start: Date, end: Date): GetMetricDataCommandInput {
  return {
    StartTime: start,
    EndTime: end,
    ScanBy: "TimestampAscending",
    MetricDataQueries: queries.map(({ namespace, name, dimensions, statistic, periodSeconds }, index) => ({
      Id: `m${index}`,
      MetricStat: {
        Metric: {
          Namespace: namespace,
          MetricName: name,
          Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
        },
        Period: periodSeconds,
        Stat: statistic,
      },
    })),
  };
}
