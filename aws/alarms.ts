import {
  CloudWatchClient,
  type MetricAlarm,
  paginateDescribeAlarms,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
} from "@aws-sdk/client-cloudwatch";
import { type AwsSession, clientSettings } from "./session";

/** Alarms, as they are described and made. */
export class AlarmSettings {
  private readonly client: CloudWatchClient;

  constructor(session: AwsSession) {
    this.client = new CloudWatchClient(clientSettings(session));
  }

  /** Metric alarms whose names start so. */
  async named(AlarmNamePrefix: string): Promise<MetricAlarm[]> {
    const found: MetricAlarm[] = [];
    for await (const page of paginateDescribeAlarms(
      { client: this.client },
      { AlarmNamePrefix, AlarmTypes: ["MetricAlarm"] },
    ))
      found.push(...(page.MetricAlarms ?? []));
    return found;
  }

  async put(alarm: PutMetricAlarmCommandInput): Promise<void> {
    await this.client.send(new PutMetricAlarmCommand(alarm));
  }
}
