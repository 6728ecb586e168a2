import type { Cloud } from "../../../cloud";
import type { Members } from "../../../members";
import type { Handler } from "../../../operation";
import { AwsError } from "../../../errors";
import { alarmPeriod, type AlarmEngine } from "./engine";
import { COMPARISONS } from "./evaluate";
import { parseAlarmRule } from "./rule";
import type { Alarm, AlarmBase, AlarmState, CompositeAlarm, MetricAlarm } from "./state";
import type { Table } from "../../../journal";
import { page, timestampMs } from "../../pages";
import { isStatistic } from "../aggregate";
import { dimensionRecord, keyOf } from "../metric-store";
import type { MetricQuery } from "../queries";
import { checkPeriod, checkQueries } from "../queries";

function invalid(message: string): AwsError {
  return new AwsError("ValidationError", message);
}

/** Creating, showing and changing alarms. */
export function alarmOperations(
  cloud: Cloud,
  engine: AlarmEngine,
  tags: Table<Record<string, string>>,
): Record<string, Handler> {
  const { alarms } = engine;

  const put = (alarm: Alarm, requestTags: readonly { Key: string; Value: string }[] | undefined): void => {
    const existing = alarms.get(alarm.name);
    // A changed alarm keeps its state until the next evaluation; its tags stay as they are (PutMetricAlarm).
    alarms.put(alarm.name, alarm);
    if (!existing) tags.put(alarm.arn, Object.fromEntries((requestTags ?? []).map(({ Key, Value }) => [Key, Value])));
    engine.note(
      alarm,
      "ConfigurationUpdate",
      existing ? `Alarm "${alarm.name}" updated` : `Alarm "${alarm.name}" created`,
      {
        version: "1.0",
        type: existing ? "Update" : "Create",
        [existing ? "updatedAlarm" : "createdAlarm"]: described(alarm),
      },
    );
  };

  const base = (input: Members, kind: Alarm["kind"]): AlarmBase => {
    const name = input["AlarmName"] as string;
    const existing = alarms.get(name);
    if (existing && existing.kind !== kind) throw invalid(`An alarm of another type with the name ${name} exists.`);
    const now = cloud.clock.nowMs();
    const actions = (member: string): string[] => {
      const given = (input[member] as string[] | undefined) ?? [];
      const wrong = given.find((arn) => !/^arn:aws[\w-]*:(sns|lambda):/.test(arn));
      if (wrong !== undefined)
        throw invalid(
          `Invalid alarm action ${wrong}: the local cloud runs actions on SNS topics and Lambda functions.`,
        );
      return given;
    };
    return {
      name,
      arn: cloud.arn("cloudwatch", `alarm:${name}`),
      description: input["AlarmDescription"],
      actionsEnabled: input["ActionsEnabled"] ?? true,
      okActions: actions("OKActions"),
      alarmActions: actions("AlarmActions"),
      insufficientDataActions: actions("InsufficientDataActions"),
      state: existing?.state ?? "INSUFFICIENT_DATA",
      reason: existing?.reason ?? "Unchecked: Initial alarm creation",
      reasonData: existing?.reasonData,
      configuredMs: now,
      stateUpdatedMs: existing?.stateUpdatedMs ?? now,
      stateTransitionedMs: existing?.stateTransitionedMs ?? now,
    };
  };

  const get = (name: string): Alarm => {
    const found = alarms.get(name);
    if (!found) throw new AwsError("ResourceNotFound", `Alarm ${name} does not exist.`, 404);
    return found;
  };

  const enable =
    (actionsEnabled: boolean): Handler =>
    (input) => {
      for (const name of input["AlarmNames"] as string[]) {
        const alarm = alarms.get(name);
        if (alarm) alarms.put(name, { ...alarm, actionsEnabled });
      }
    };

  return {
    PutMetricAlarm(input) {
      const settings = metricSettings(input);
      put({ ...base(input, "MetricAlarm"), ...settings, kind: "MetricAlarm" }, input["Tags"]);
    },
    PutCompositeAlarm(input) {
      const rule = parseAlarmRule(input["AlarmRule"]);
      const missing = rule.children.filter((name) => !alarms.has(name));
      if (missing.length > 0)
        throw invalid(
          `Could not save the composite alarm as alarms [${missing.map((name) => cloud.arn("cloudwatch", `alarm:${name}`)).join(", ")}] in the alarm rule do not exist`,
        );
      if (rule.children.includes(input["AlarmName"]))
        throw invalid("Could not save the composite alarm as its alarm rule refers to itself");
      const alarm: CompositeAlarm = {
        ...base(input, "CompositeAlarm"),
        kind: "CompositeAlarm",
        rule: input["AlarmRule"],
        suppressor: input["ActionsSuppressor"],
        suppressorWaitSeconds: input["ActionsSuppressorWaitPeriod"],
        suppressorExtensionSeconds: input["ActionsSuppressorExtensionPeriod"],
      };
      put(alarm, input["Tags"]);
      engine.evaluateComposite(alarm);
    },
    DescribeAlarms(input) {
      const types = (input["AlarmTypes"] as string[] | undefined) ?? ["MetricAlarm"];
      const names = input["AlarmNames"] as string[] | undefined;
      const actionsOf = (alarm: Alarm): string[] => [
        ...alarm.alarmActions,
        ...alarm.okActions,
        ...alarm.insufficientDataActions,
      ];
      const children =
        input["ChildrenOfAlarmName"] === undefined ? undefined : childrenOf(get(input["ChildrenOfAlarmName"]));
      const rows = [...alarms.values()]
        .filter(
          (alarm) =>
            types.includes(alarm.kind) &&
            (names === undefined || names.includes(alarm.name)) &&
            alarm.name.startsWith(input["AlarmNamePrefix"] ?? ""),
        )
        .filter(
          (alarm) =>
            (input["StateValue"] ?? alarm.state) === alarm.state &&
            (input["ActionPrefix"] === undefined ||
              actionsOf(alarm).some((arn) => arn.startsWith(input["ActionPrefix"]))),
        )
        .filter(
          (alarm) =>
            (children === undefined || children.includes(alarm.name)) &&
            (input["ParentsOfAlarmName"] === undefined || childrenOf(alarm).includes(input["ParentsOfAlarmName"])),
        )
        .sort((a, b) => a.name.localeCompare(b.name));
      const { items, next } = page(rows, input["NextToken"], input["MaxRecords"] ?? 50);
      return {
        MetricAlarms: items.filter((alarm) => alarm.kind === "MetricAlarm").map(described),
        CompositeAlarms: items.filter((alarm) => alarm.kind === "CompositeAlarm").map(described),
        NextToken: next,
      };
    },
    DescribeAlarmsForMetric(input) {
      const wanted = keyOf({
        namespace: input["Namespace"],
        name: input["MetricName"],
        dimensions: dimensionRecord(input["Dimensions"]),
      });
      const rows = [...alarms.values()].filter(
        (alarm): alarm is MetricAlarm =>
          alarm.kind === "MetricAlarm" &&
          alarm.metricName !== undefined &&
          keyOf({
            namespace: alarm.namespace!,
            name: alarm.metricName,
            dimensions: dimensionRecord(alarm.dimensions),
          }) === wanted &&
          (input["Statistic"] ?? alarm.statistic) === alarm.statistic &&
          (input["Period"] ?? alarm.period) === alarm.period,
      );
      return { MetricAlarms: rows.map(described) };
    },
    DescribeAlarmHistory(input) {
      const types = (input["AlarmTypes"] as string[] | undefined) ?? ["MetricAlarm", "CompositeAlarm"];
      const [startMs, endMs] = [
        timestampMs(input["StartDate"]) ?? -Infinity,
        timestampMs(input["EndDate"]) ?? Infinity,
      ];
      const sign = input["ScanBy"] === "TimestampAscending" ? 1 : -1;
      const all = input["AlarmName"] === undefined ? engine.allHistory() : [...engine.historyOf(input["AlarmName"])];
      const rows = all
        .filter(
          (item) =>
            types.includes(item.alarmType) &&
            (input["HistoryItemType"] ?? item.type) === item.type &&
            item.ms >= startMs &&
            item.ms < endMs,
        )
        .map((item, index) => ({ item, index }))
        .sort((a, b) => sign * (a.item.ms - b.item.ms || a.index - b.index));
      const { items, next } = page(rows, input["NextToken"], input["MaxRecords"] ?? 100);
      return {
        AlarmHistoryItems: items.map(({ item }) => ({
          AlarmName: item.alarmName,
          AlarmType: item.alarmType,
          Timestamp: new Date(item.ms),
          HistoryItemType: item.type,
          HistorySummary: item.summary,
          HistoryData: item.data,
        })),
        NextToken: next,
      };
    },
    SetAlarmState(input) {
      const alarm = get(input["AlarmName"]);
      if (input["StateReasonData"] !== undefined) checkJson(input["StateReasonData"]);
      engine.setState(alarm, input["StateValue"] as AlarmState, input["StateReason"], input["StateReasonData"]);
    },
    DeleteAlarms(input) {
      const names = input["AlarmNames"] as string[];
      const user = [...alarms.values()].find(
        (alarm) =>
          !names.includes(alarm.name) && childrenOf(alarm).some((child) => names.includes(child) && alarms.has(child)),
      );
      if (user) throw invalid(`Cannot delete the alarm(s) as composite alarm ${user.name} refers to one of them`);
      for (const name of names) {
        const alarm = alarms.get(name);
        if (!alarm) continue;
        engine.note(alarm, "ConfigurationUpdate", `Alarm "${name}" deleted`, {
          version: "1.0",
          type: "Delete",
          deletedAlarm: described(alarm),
        });
        engine.forget(name);
        tags.delete(alarm.arn);
      }
    },
    EnableAlarmActions: enable(true),
    DisableAlarmActions: enable(false),
  };
}

function childrenOf(alarm: Alarm): readonly string[] {
  return alarm.kind === "CompositeAlarm" ? parseAlarmRule(alarm.rule).children : [];
}

function checkJson(text: string): void {
  try {
    JSON.parse(text);
  } catch {
    throw new AwsError("InvalidFormatFault", "StateReasonData was not valid JSON");
  }
}

/** What PutMetricAlarm says about the metric and its evaluation. */
function metricSettings(input: Members): Omit<MetricAlarm, keyof AlarmBase | "kind"> {
  const metrics = input["Metrics"] as MetricQuery[] | undefined;
  if (input["EvaluationCriteria"] !== undefined || input["ThresholdMetricId"] !== undefined)
    throw invalid("The local cloud evaluates alarms on metrics and metric math, not on PromQL or anomaly detection.");
  if (metrics !== undefined && input["MetricName"] !== undefined)
    throw invalid("Exactly one of MetricName and Metrics must be specified.");
  if (metrics === undefined) {
    for (const member of ["MetricName", "Namespace", "Period"])
      if (input[member] === undefined) throw invalid(`The parameter ${member} is required.`);
    if ((input["Statistic"] === undefined) === (input["ExtendedStatistic"] === undefined))
      throw invalid("Exactly one of Statistic and ExtendedStatistic must be specified.");
    if (input["ExtendedStatistic"] !== undefined && !isStatistic(input["ExtendedStatistic"]))
      throw invalid(`The value ${input["ExtendedStatistic"]} for parameter ExtendedStatistic is not supported.`);
    checkPeriod(input["Period"]);
  } else {
    checkQueries(metrics);
    if (metrics.filter((query) => query.ReturnData !== false).length !== 1)
      throw invalid("Exactly one element of the metrics list should return data.");
  }
  for (const member of ["EvaluationPeriods", "Threshold", "ComparisonOperator"])
    if (input[member] === undefined) throw invalid(`The parameter ${member} is required.`);
  if (!COMPARISONS.includes(input["ComparisonOperator"]))
    throw invalid(
      `The local cloud does not evaluate ComparisonOperator ${input["ComparisonOperator"]}; it evaluates ${COMPARISONS.join(", ")}.`,
    );
  const datapointsToAlarm = (input["DatapointsToAlarm"] as number | undefined) ?? input["EvaluationPeriods"];
  if (datapointsToAlarm > input["EvaluationPeriods"])
    throw invalid("DatapointsToAlarm must not be greater than EvaluationPeriods.");
  const treatMissingData = (input["TreatMissingData"] ?? "missing") as MetricAlarm["treatMissingData"];
  if (!["missing", "ignore", "breaching", "notBreaching"].includes(treatMissingData))
    throw invalid(
      `The value ${treatMissingData} is not supported for TreatMissingData parameter. Supported values are [breaching, notBreaching, ignore, missing].`,
    );
  return {
    namespace: input["Namespace"],
    metricName: input["MetricName"],
    dimensions: input["Dimensions"],
    statistic: input["Statistic"],
    extendedStatistic: input["ExtendedStatistic"],
    unit: input["Unit"],
    period: metrics === undefined ? input["Period"] : alarmPeriod(metrics),
    metrics,
    evaluationPeriods: input["EvaluationPeriods"],
    datapointsToAlarm,
    threshold: input["Threshold"],
    comparison: input["ComparisonOperator"],
    treatMissingData,
    lowSamplePercentile: input["EvaluateLowSampleCountPercentile"],
  };
}

/** An alarm as DescribeAlarms shows it. */
function described(alarm: Alarm): Members {
  const common = {
    AlarmName: alarm.name,
    AlarmArn: alarm.arn,
    AlarmDescription: alarm.description,
    AlarmConfigurationUpdatedTimestamp: new Date(alarm.configuredMs),
    ActionsEnabled: alarm.actionsEnabled,
    OKActions: alarm.okActions,
    AlarmActions: alarm.alarmActions,
    InsufficientDataActions: alarm.insufficientDataActions,
    StateValue: alarm.state,
    StateReason: alarm.reason,
    StateReasonData: alarm.reasonData,
    StateUpdatedTimestamp: new Date(alarm.stateUpdatedMs),
    StateTransitionedTimestamp: new Date(alarm.stateTransitionedMs),
  };
  if (alarm.kind === "CompositeAlarm")
    return {
      ...common,
      AlarmRule: alarm.rule,
      ActionsSuppressor: alarm.suppressor,
      ActionsSuppressorWaitPeriod: alarm.suppressorWaitSeconds,
      ActionsSuppressorExtensionPeriod: alarm.suppressorExtensionSeconds,
    };
  return {
    ...common,
    Namespace: alarm.namespace,
    MetricName: alarm.metricName,
    Dimensions: alarm.metrics ? undefined : (alarm.dimensions ?? []),
    Statistic: alarm.statistic,
    ExtendedStatistic: alarm.extendedStatistic,
    Unit: alarm.unit,
    Period: alarm.metrics ? undefined : alarm.period,
    Metrics: alarm.metrics,
    EvaluationPeriods: alarm.evaluationPeriods,
    DatapointsToAlarm: alarm.datapointsToAlarm,
    Threshold: alarm.threshold,
    ComparisonOperator: alarm.comparison,
    TreatMissingData: alarm.treatMissingData,
    EvaluateLowSampleCountPercentile: alarm.lowSamplePercentile,
  };
}
