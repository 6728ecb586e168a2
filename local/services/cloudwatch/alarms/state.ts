import type { MetricQuery } from "../queries";

export type AlarmState = "OK" | "ALARM" | "INSUFFICIENT_DATA";

/** What all alarms have. */
export interface AlarmBase {
  readonly name: string;
  readonly arn: string;
  readonly description?: string;
  readonly actionsEnabled: boolean;
  readonly okActions: readonly string[];
  readonly alarmActions: readonly string[];
  readonly insufficientDataActions: readonly string[];
  readonly state: AlarmState;
  readonly reason: string;
  /** JSON text. */
  readonly reasonData?: string;
  readonly configuredMs: number;
  readonly stateUpdatedMs: number;
  readonly stateTransitionedMs: number;
}

export interface MetricAlarm extends AlarmBase {
  readonly kind: "MetricAlarm";
  readonly namespace?: string;
  readonly metricName?: string;
  readonly dimensions?: readonly { readonly Name: string; readonly Value: string }[];
  readonly statistic?: string;
  readonly extendedStatistic?: string;
  readonly unit?: string;
  /** Seconds. */
  readonly period: number;
  readonly metrics?: readonly MetricQuery[];
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly threshold: number;
  readonly comparison: string;
  readonly treatMissingData: "missing" | "ignore" | "breaching" | "notBreaching";
  readonly lowSamplePercentile?: string;
}

export interface CompositeAlarm extends AlarmBase {
  readonly kind: "CompositeAlarm";
  readonly rule: string;
  readonly suppressor?: string;
  readonly suppressorWaitSeconds?: number;
  readonly suppressorExtensionSeconds?: number;
}

export type Alarm = MetricAlarm | CompositeAlarm;

export interface AlarmHistoryItem {
  readonly alarmName: string;
  readonly alarmType: Alarm["kind"];
  readonly ms: number;
  readonly type: "ConfigurationUpdate" | "StateUpdate" | "Action";
  readonly summary: string;
  /** JSON text. */
  readonly data: string;
}
