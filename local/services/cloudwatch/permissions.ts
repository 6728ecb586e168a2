import type { Call, Requirement } from "../../call";
import type { Cloud } from "../../cloud";
import type { Members } from "../../members";
import { tagContext } from "../sagemaker/tags";

/** What CloudWatch's operations require; most metric actions know no resource. */
export function cloudWatchPermissions(cloud: Cloud): Record<string, (input: Members, call: Call) => Requirement[]> {
  const alarm = (name: string): string => cloud.arn("cloudwatch", `alarm:${name}`);
  const dashboard = (name: string): string => `arn:aws:cloudwatch::${cloud.accountId}:dashboard/${name}`;
  const onAlarm = (input: Members, call: Call): Requirement[] => [
    { action: `cloudwatch:${call.operation}`, resource: alarm(input["AlarmName"]), context: tagContext(input["Tags"]) },
  ];
  const tagged = (input: Members, call: Call): Requirement[] => [
    ...onAlarm(input, call),
    ...(input["Tags"]?.length
      ? [{ action: "cloudwatch:TagResource", resource: alarm(input["AlarmName"]), context: tagContext(input["Tags"]) }]
      : []),
  ];
  const onAlarms = (input: Members, call: Call): Requirement[] =>
    ((input["AlarmNames"] as string[] | undefined) ?? ["*"]).map((name) => ({
      action: `cloudwatch:${call.operation}`,
      resource: alarm(name),
    }));
  const onDashboard = (input: Members, call: Call): Requirement[] => [
    { action: `cloudwatch:${call.operation}`, resource: dashboard(input["DashboardName"]) },
  ];
  const onArn = (input: Members, call: Call): Requirement[] => [
    { action: `cloudwatch:${call.operation}`, resource: input["ResourceARN"], context: tagContext(input["Tags"]) },
  ];
  return {
    PutMetricData: (input) => [
      { action: "cloudwatch:PutMetricData", resource: "*", context: { "cloudwatch:namespace": input["Namespace"] } },
    ],
    PutMetricAlarm: tagged,
    PutCompositeAlarm: tagged,
    SetAlarmState: onAlarm,
    DescribeAlarms: onAlarms,
    DescribeAlarmHistory: (input) => [
      { action: "cloudwatch:DescribeAlarmHistory", resource: alarm(input["AlarmName"] ?? "*") },
    ],
    DeleteAlarms: onAlarms,
    EnableAlarmActions: onAlarms,
    DisableAlarmActions: onAlarms,
    PutDashboard: onDashboard,
    GetDashboard: onDashboard,
    DeleteDashboards: (input) =>
      (input["DashboardNames"] as string[]).map((name) => ({
        action: "cloudwatch:DeleteDashboards",
        resource: dashboard(name),
      })),
    TagResource: onArn,
    UntagResource: onArn,
    ListTagsForResource: onArn,
  };
}
