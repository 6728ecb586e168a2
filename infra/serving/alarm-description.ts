import type { AlarmFacts } from "../../contract/alarm-description";

/** What CloudWatch takes a period without a value for. */
export type Missing = "notBreaching" | "breaching" | "ignore" | "missing";

/** Several metrics of the endpoint, and an expression over them by their ids (CloudWatch metric math). */
export interface Expression {
  readonly text: string;
  readonly metrics: Readonly<
    Record<string, { readonly namespace: string; readonly metricName: string; readonly statistic: string }>
  >;
}

/** An alarm as data: what it watches, from where on, and what people are told. */
export interface AlarmDescription extends AlarmFacts {
  readonly severity: "critical" | "warning";
  /** Of the metric, or of the metric that the expression is about. */
  readonly namespace: string;
  readonly metricName: string;
  readonly statistic?: string;
  readonly extendedStatistic?: string;
  /** In place of the one metric. */
  readonly expression?: Expression;
  /** Raised above it, unless `below` is set. */
  readonly threshold: number;
  readonly below?: true;
  readonly periodSeconds: number;
  readonly evaluationPeriods: number;
  /** So many of them must breach; all when left out. */
  readonly datapointsToAlarm?: number;
  readonly missing: Missing;
}
