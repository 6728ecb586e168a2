import type { Cloud } from "../../../cloud";
import type { Members } from "../../../members";
import type { Principal } from "../../../iam/principal";
import type { Alarm, AlarmState, MetricAlarm } from "./state";

/** What an alarm tells when its state changes: messages to topics, calls of functions, the event. */

const REGION_NAMES: Readonly<Record<string, string>> = {
  "eu-central-1": "EU (Frankfurt)",
  "eu-west-1": "EU (Ireland)",
  "eu-north-1": "EU (Stockholm)",
  "us-east-1": "US East (N. Virginia)",
  "us-west-2": "US West (Oregon)",
};

/** AWS writes these timestamps with a numeric zone. */
export function alarmTime(ms: number): string {
  return new Date(ms).toISOString().replace("Z", "+0000");
}

/** Runs one action of an alarm. @throws AwsError when the target refuses. */
export async function runAction(cloud: Cloud, alarm: Alarm, previous: Alarm, actionArn: string): Promise<void> {
  const service = actionArn.split(":")[2];
  const principal = (host: string): Principal => ({
    type: "service",
    arn: host,
    accountId: cloud.accountId,
    id: host,
    sourceArn: alarm.arn,
  });
  if (service === "sns") {
    const subject = `${alarm.state}: "${alarm.name}" in ${REGION_NAMES[cloud.region] ?? cloud.region}`;
    await cloud.as(
      principal("cloudwatch.amazonaws.com"),
      "sns",
      "Publish",
      {
        TopicArn: actionArn,
        Subject: subject.slice(0, 100),
        Message: JSON.stringify(message(cloud, alarm, previous.state)),
      },
      "cloudwatch.amazonaws.com",
    );
  } else if (service === "lambda") {
    const event = {
      source: "aws.cloudwatch",
      alarmArn: alarm.arn,
      accountId: cloud.accountId,
      time: alarmTime(alarm.stateUpdatedMs),
      region: cloud.region,
      alarmData: { alarmName: alarm.name, ...details(alarm, previous) },
    };
    await cloud.as(
      principal("lambda.alarms.cloudwatch.amazonaws.com"),
      "lambda",
      "Invoke",
      { FunctionName: actionArn, InvocationType: "Event", Payload: Buffer.from(JSON.stringify(event)) },
      "cloudwatch.amazonaws.com",
    );
  } else {
    throw new Error(`the local cloud runs alarm actions on sns and lambda, not ${actionArn}`);
  }
}

/** The event `CloudWatch Alarm State Change`. */
export function emitAlarmState(cloud: Cloud, alarm: Alarm, previous: Alarm): void {
  cloud.internals.emit({
    source: "aws.cloudwatch",
    detailType: "CloudWatch Alarm State Change",
    resources: [alarm.arn],
    detail: { alarmName: alarm.name, ...details(alarm, previous) },
  });
}

function details(alarm: Alarm, previous: Alarm): Members {
  const state = (of: Alarm): Members => ({
    value: of.state,
    reason: of.reason,
    reasonData: of.reasonData,
    timestamp: alarmTime(of.stateUpdatedMs),
  });
  return { state: state(alarm), previousState: state(previous), configuration: configuration(alarm) };
}

function configuration(alarm: Alarm): Members {
  if (alarm.kind === "CompositeAlarm") return { alarmRule: alarm.rule, description: alarm.description };
  if (alarm.metrics) {
    return {
      description: alarm.description,
      metrics: alarm.metrics.map(
        ({ Id: id, Expression: expression, Label: label, ReturnData: returnData = true, MetricStat: stat }) => ({
          id,
          expression,
          label,
          returnData,
          metricStat: stat && {
            metric: metric(stat.Metric.Namespace, stat.Metric.MetricName, stat.Metric.Dimensions),
            period: stat.Period,
            stat: stat.Stat,
          },
        }),
      ),
    };
  }
  const own = {
    metric: metric(alarm.namespace!, alarm.metricName!, alarm.dimensions),
    period: alarm.period,
    stat: alarm.statistic ?? alarm.extendedStatistic,
  };
  return {
    description: alarm.description,
    metrics: [{ id: alarm.arn.split(":").at(-1), metricStat: own, returnData: true }],
  };
}

function metric(
  namespace: string,
  name: string,
  dimensions: readonly { Name: string; Value: string }[] | undefined,
): Members {
  return {
    namespace,
    name,
    dimensions: Object.fromEntries((dimensions ?? []).map(({ Name, Value }) => [Name, Value])),
  };
}

/** The JSON that a topic's subscribers receive. */
function message(cloud: Cloud, alarm: Alarm, oldState: AlarmState): Members {
  return {
    AlarmName: alarm.name,
    AlarmDescription: alarm.description ?? null,
    AWSAccountId: cloud.accountId,
    AlarmConfigurationUpdatedTimestamp: alarmTime(alarm.configuredMs),
    NewStateValue: alarm.state,
    NewStateReason: alarm.reason,
    StateChangeTime: alarmTime(alarm.stateUpdatedMs),
    Region: REGION_NAMES[cloud.region] ?? cloud.region,
    AlarmArn: alarm.arn,
    OldStateValue: oldState,
    OKActions: alarm.okActions,
    AlarmActions: alarm.alarmActions,
    InsufficientDataActions: alarm.insufficientDataActions,
    ...(alarm.kind === "CompositeAlarm" ? { AlarmRule: alarm.rule } : { Trigger: trigger(alarm) }),
  };
}

function trigger(alarm: MetricAlarm): Members {
  const common = {
    Period: alarm.period,
    EvaluationPeriods: alarm.evaluationPeriods,
    DatapointsToAlarm: alarm.datapointsToAlarm,
    ComparisonOperator: alarm.comparison,
    Threshold: alarm.threshold,
    TreatMissingData: alarm.treatMissingData,
    EvaluateLowSampleCountPercentile: alarm.lowSamplePercentile ?? "",
  };
  if (alarm.metrics) return { ...common, Metrics: alarm.metrics };
  const kind =
    alarm.statistic === undefined
      ? { StatisticType: "ExtendedStatistic", ExtendedStatistic: alarm.extendedStatistic }
      : { StatisticType: "Statistic", Statistic: alarm.statistic.replace("SampleCount", "SAMPLE_COUNT").toUpperCase() };
  return {
    MetricName: alarm.metricName,
    Namespace: alarm.namespace,
    ...kind,
    Unit: alarm.unit ?? null,
    Dimensions: (alarm.dimensions ?? []).map(({ Name, Value }) => ({ value: Value, name: Name })),
    ...common,
  };
}
