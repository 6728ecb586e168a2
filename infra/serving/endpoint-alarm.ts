import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { writeAlarmDescription } from "../../contract/alarm-description";
import type { AlarmDescription } from "./alarm-description";

export interface EndpointAlarmArgs {
  readonly alarmName: string;
  readonly description: AlarmDescription;
  readonly dimensions: Readonly<Record<string, pulumi.Input<string>>>;
  /** Who is called when it is raised and when it ends. */
  readonly action: pulumi.Input<string>;
}

/** An alarm on a metric of the endpoint, or on an expression over several. */
export function endpointAlarm(
  name: string,
  { alarmName, description, dimensions, action }: EndpointAlarmArgs,
  options: pulumi.CustomResourceOptions,
): aws.cloudwatch.MetricAlarm {
  return new aws.cloudwatch.MetricAlarm(
    name,
    {
      name: alarmName,
      alarmDescription: writeAlarmDescription(description),
      ...watched(description, dimensions),
      comparisonOperator: description.below ? "LessThanThreshold" : "GreaterThanThreshold",
      threshold: description.threshold,
      evaluationPeriods: description.evaluationPeriods,
      datapointsToAlarm: description.datapointsToAlarm,
      treatMissingData: description.missing,
      alarmActions: [action],
      okActions: [action],
    },
    options,
  );
}

function watched(
  { namespace, metricName, statistic, extendedStatistic, expression, periodSeconds: period }: AlarmDescription,
  dimensions: EndpointAlarmArgs["dimensions"],
): Partial<aws.cloudwatch.MetricAlarmArgs> {
  if (expression)
    return {
      metricQueries: [
        { id: "result", expression: expression.text, label: metricName, returnData: true },
        ...Object.entries(expression.metrics).map(([id, { namespace, metricName, statistic }]) => ({
          id,
          metric: { namespace, metricName, dimensions, period, stat: statistic },
        })),
      ],
    };
  return { namespace, metricName, dimensions, period, ...(statistic ? { statistic } : { extendedStatistic }) };
}
