import type { Members } from "../../members";
import type { Context, ResourceType } from "../resource-type";
import type { Properties } from "../values";

const alarmTags = {
  add: "TagResource",
  remove: "UntagResource",
  identity: ({ state, inputs, session }: Context): Members => ({
    ResourceARN: state.arn ?? session.arn("cloudwatch", `alarm:${String(inputs.name ?? inputs.alarmName)}`),
  }),
};

/** `metric` inside a metric query: Terraform flattens what CloudWatch nests (MetricStat.Metric). */
function metricQueries({ inputs }: Context): Members {
  const queries = inputs.metricQueries as Properties[] | undefined;
  if (!queries) return {};
  return {
    Metrics: queries.map((query) => {
      const metric = query.metric as Properties | undefined;
      return {
        Id: query.id,
        ...(query.accountId ? { AccountId: query.accountId } : {}),
        ...(query.expression ? { Expression: query.expression } : {}),
        ...(query.label ? { Label: query.label } : {}),
        ...(query.period && !metric ? { Period: query.period } : {}),
        ReturnData: query.returnData ?? false,
        ...(metric ? { MetricStat: metricStat(metric) } : {}),
      };
    }),
  };
}

function metricStat(metric: Properties): Members {
  const dimensions = Object.entries((metric.dimensions ?? {}) as Properties).map(([Name, Value]) => ({
    Name,
    Value: String(Value),
  }));
  return {
    Metric: {
      ...(metric.namespace ? { Namespace: metric.namespace } : {}),
      MetricName: metric.metricName,
      ...(dimensions.length > 0 ? { Dimensions: dimensions } : {}),
    },
    Period: metric.period,
    Stat: metric.stat,
    ...(metric.unit ? { Unit: metric.unit } : {}),
  };
}

/** Alarms, dashboards and log groups. Name limits: CloudWatch (255) and CloudWatch Logs (512) API references. */
export const cloudwatch: readonly ResourceType[] = [
  {
    token: "aws:cloudwatch/metricAlarm:MetricAlarm",
    service: "cloudwatch",
    title: "CloudWatch Metric Alarm",
    name: { property: "name", limit: 255 },
    rename: {
      name: "AlarmName",
      evaluateLowSampleCountPercentiles: "EvaluateLowSampleCountPercentile",
      metricQueries: null,
    },
    replace: ["name"],
    defaults: { actionsEnabled: true, treatMissingData: "missing" },
    create: [{ operation: "PutMetricAlarm", request: metricQueries }],
    update: [{ operation: "PutMetricAlarm", request: (context) => ({ ...metricQueries(context), Tags: undefined }) }],
    read: {
      operation: "DescribeAlarms",
      only: [],
      request: ({ id }) => ({ AlarmNames: [id], AlarmTypes: ["MetricAlarm"] }),
      result: (answer) => answer.MetricAlarms?.[0],
    },
    delete: [{ operation: "DeleteAlarms", only: [], request: ({ id }) => ({ AlarmNames: [id] }) }],
    id: (_answer, { inputs }) => String(inputs.name),
    outputs: (_answer, { inputs, session }) => ({ arn: session.arn("cloudwatch", `alarm:${String(inputs.name)}`) }),
    tags: alarmTags,
  },
  {
    token: "aws:cloudwatch/compositeAlarm:CompositeAlarm",
    service: "cloudwatch",
    title: "CloudWatch Composite Alarm",
    name: { property: "alarmName", limit: 255, required: true },
    rename: { "actionsSuppressor.alarm": "ActionsSuppressor" },
    replace: ["alarmName"],
    defaults: { actionsEnabled: true },
    create: [{ operation: "PutCompositeAlarm", request: suppressor }],
    update: [{ operation: "PutCompositeAlarm", request: (context) => ({ ...suppressor(context), Tags: undefined }) }],
    read: {
      operation: "DescribeAlarms",
      only: [],
      request: ({ id }) => ({ AlarmNames: [id], AlarmTypes: ["CompositeAlarm"] }),
      result: (answer) => answer.CompositeAlarms?.[0],
    },
    delete: [{ operation: "DeleteAlarms", only: [], request: ({ id }) => ({ AlarmNames: [id] }) }],
    id: (_answer, { inputs }) => String(inputs.alarmName),
    outputs: (_answer, { inputs, session }) => ({
      arn: session.arn("cloudwatch", `alarm:${String(inputs.alarmName)}`),
    }),
    tags: alarmTags,
  },
  {
    token: "aws:cloudwatch/dashboard:Dashboard",
    service: "cloudwatch",
    title: "CloudWatch Dashboard",
    name: { property: "dashboardName", limit: 255, required: true },
    replace: ["dashboardName"],
    create: [{ operation: "PutDashboard" }],
    read: { operation: "GetDashboard" },
    delete: [{ operation: "DeleteDashboards", only: [], request: ({ id }) => ({ DashboardNames: [id] }) }],
    id: (_answer, { inputs }) => String(inputs.dashboardName),
    outputs: (_answer, { inputs, session }) => ({
      dashboardArn: `arn:aws:cloudwatch::${session.accountId}:dashboard/${String(inputs.dashboardName)}`,
    }),
  },
  {
    token: "aws:cloudwatch/logGroup:LogGroup",
    service: "logs",
    title: "CloudWatch Logs Log Group",
    name: { property: "name", limit: 512 },
    rename: { name: "logGroupName" },
    local: ["namePrefix", "skipDestroy"],
    replace: ["name", "logGroupClass"],
    defaults: { retentionInDays: 0, skipDestroy: false },
    create: [
      { operation: "CreateLogGroup" },
      { operation: "PutRetentionPolicy", if: ({ inputs }) => Number(inputs.retentionInDays) > 0 },
    ],
    update: [
      {
        operation: "PutRetentionPolicy",
        when: ["retentionInDays"],
        if: ({ inputs }) => Number(inputs.retentionInDays) > 0,
      },
      {
        operation: "DeleteRetentionPolicy",
        when: ["retentionInDays"],
        if: ({ inputs }) => !(Number(inputs.retentionInDays) > 0),
      },
      { operation: "AssociateKmsKey", when: ["kmsKeyId"], if: ({ inputs }) => inputs.kmsKeyId !== undefined },
      { operation: "DisassociateKmsKey", when: ["kmsKeyId"], if: ({ inputs }) => inputs.kmsKeyId === undefined },
    ],
    read: {
      operation: "DescribeLogGroups",
      only: [],
      request: ({ id }) => ({ logGroupNamePrefix: id }),
      result: (answer, { id }) =>
        ((answer.logGroups ?? []) as Members[]).find(({ logGroupName }) => logGroupName === id),
    },
    delete: [{ operation: "DeleteLogGroup", if: ({ inputs }) => inputs.skipDestroy !== true }],
    id: (_answer, { inputs }) => String(inputs.name),
    outputs: (_answer, { inputs, session }) => ({ arn: session.arn("logs", `log-group:${String(inputs.name)}`) }),
    tags: { add: "TagResource", remove: "UntagResource", identity: ({ state }) => ({ resourceArn: state.arn }) },
  },
];

function suppressor({ inputs }: Context): Members {
  const given = inputs.actionsSuppressor as Properties | undefined;
  if (!given) return {};
  return {
    ActionsSuppressor: given.alarm,
    ActionsSuppressorWaitPeriod: given.waitPeriod,
    ActionsSuppressorExtensionPeriod: given.extensionPeriod,
  };
}
