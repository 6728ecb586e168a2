import type { Cloud } from "../../../cloud";
import type { Table } from "../../../journal";
import { percent } from "../aggregate";
import type { Values } from "../expressions";
import { dimensionRecord, type MetricStore } from "../metric-store";
import type { MetricQuery } from "../queries";
import { evaluateQuery, periodOf } from "../queries";
import { alarmTime, emitAlarmState, runAction } from "./actions";
import { EXTRA_PERIODS, evaluate } from "./evaluate";
import { parseAlarmRule } from "./rule";
import type { Alarm, AlarmHistoryItem, AlarmState, CompositeAlarm, MetricAlarm } from "./state";

/** Alarms of short periods are evaluated every ten seconds, all others every minute, of cloud time. */
const SHORT_TICK_MS = 10_000;
const TICK_MS = 60_000;
/** However fast the clock runs, evaluations are this far apart in real time. */
const SHORTEST_REAL_MS = 100;
/** History items kept per alarm. */
const HISTORY_KEPT = 100;

/** Evaluates alarms in cloud time, changes their states, and tells topics, functions and EventBridge. */
export class AlarmEngine {
  readonly alarms: Table<Alarm>;
  private readonly history: Table<AlarmHistoryItem[]>;
  private timer: NodeJS.Timeout | undefined;
  private evaluatedMs = 0;

  constructor(
    private readonly cloud: Cloud,
    private readonly store: MetricStore,
  ) {
    this.alarms = cloud.journal.table("cloudwatch/alarms");
    this.history = cloud.journal.table("cloudwatch/history");
  }

  start(): void {
    this.evaluatedMs = Math.floor(this.cloud.clock.nowMs() / SHORT_TICK_MS) * SHORT_TICK_MS;
    this.schedule();
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  historyOf(alarmName: string): readonly AlarmHistoryItem[] {
    return this.history.get(alarmName) ?? [];
  }

  /** All history, for DescribeAlarmHistory without a name. */
  allHistory(): AlarmHistoryItem[] {
    return [...this.history.values()].flat();
  }

  forget(alarmName: string): void {
    this.alarms.delete(alarmName);
  }

  note(alarm: Alarm, type: AlarmHistoryItem["type"], summary: string, data: unknown): void {
    const item: AlarmHistoryItem = {
      alarmName: alarm.name,
      alarmType: alarm.kind,
      ms: this.cloud.clock.nowMs(),
      type,
      summary,
      data: JSON.stringify(data),
    };
    this.history.put(alarm.name, [...this.historyOf(alarm.name), item].slice(-HISTORY_KEPT));
  }

  /** Changes the state of an alarm, with all that follows. Without a change of state only the reason is kept. */
  setState(alarm: Alarm, state: AlarmState, reason: string, reasonData?: string): void {
    const now = this.cloud.clock.nowMs();
    if (state === alarm.state) return;
    const next: Alarm = { ...alarm, state, reason, reasonData, stateUpdatedMs: now, stateTransitionedMs: now };
    this.alarms.put(next.name, next);
    const shown = (one: Alarm): object => ({
      stateValue: one.state,
      stateReason: one.reason,
      ...(one.reasonData ? { stateReasonData: JSON.parse(one.reasonData) as unknown } : {}),
    });
    this.note(next, "StateUpdate", `Alarm updated from ${alarm.state} to ${state}`, {
      version: "1.0",
      oldState: shown(alarm),
      newState: shown(next),
    });
    emitAlarmState(this.cloud, next, alarm);
    this.act(next, alarm);
    this.evaluateComposites(next.name);
  }

  /** Evaluates a composite alarm now, for instance after it was put. */
  evaluateComposite(alarm: CompositeAlarm): void {
    const rule = parseAlarmRule(alarm.rule);
    const state = rule.holds((name) => this.alarms.get(name)?.state) ? "ALARM" : "OK";
    const children = rule.children.map((name) => this.alarms.get(name)).filter((child) => child !== undefined);
    const newest = children.sort((a, b) => b.stateUpdatedMs - a.stateUpdatedMs)[0];
    const reason = newest
      ? `${newest.arn} transitioned to ${newest.state} at ${new Date(newest.stateUpdatedMs).toUTCString()}`
      : `The rule ${alarm.rule} was evaluated to ${state}.`;
    const data = {
      triggeringAlarms: children.map((child) => ({
        arn: child.arn,
        state: { value: child.state, timestamp: alarmTime(child.stateUpdatedMs) },
      })),
    };
    this.setState(alarm, state, reason, JSON.stringify(data));
  }

  /** Evaluates every alarm that is due at a time of the cloud's clock. */
  evaluateAt(atMs: number): void {
    for (const alarm of [...this.alarms.values()]) {
      if (alarm.kind !== "MetricAlarm") continue;
      if (atMs % (alarm.period < 60 ? SHORT_TICK_MS : TICK_MS) === 0) this.evaluateMetric(alarm, atMs);
    }
  }

  private schedule(): void {
    const next = this.evaluatedMs + SHORT_TICK_MS;
    const waitMs = Math.max(SHORTEST_REAL_MS, (next - this.cloud.clock.nowMs()) / this.cloud.clock.speed);
    this.timer = setTimeout(() => {
      const now = Math.floor(this.cloud.clock.nowMs() / SHORT_TICK_MS) * SHORT_TICK_MS;
      // A sleeping machine or a very fast clock skips evaluations rather than running behind; full minutes are not
      // skipped.
      if (now - this.evaluatedMs > 10 * TICK_MS) this.evaluatedMs = now - TICK_MS;
      for (let at = this.evaluatedMs + SHORT_TICK_MS; at <= now; at += SHORT_TICK_MS) this.evaluateAt(at);
      this.evaluatedMs = Math.max(this.evaluatedMs, now);
      this.schedule();
    }, waitMs).unref();
  }

  private evaluateMetric(alarm: MetricAlarm, atMs: number): void {
    const periodMs = alarm.period * 1000;
    const count = alarm.evaluationPeriods + EXTRA_PERIODS;
    const startMs = atMs - count * periodMs;
    const values = this.valuesOf(alarm, startMs, atMs);
    if (values === undefined) return;
    const times = Array.from({ length: count }, (_none, index) => startMs + index * periodMs);
    const datapoints = times.map((ms) => values.get(ms));
    const verdict = evaluate({ ...alarm, datapoints });
    if (verdict.state === alarm.state) return;
    const recent = verdict.decisive.map((at) => ({ ms: times[at]!, value: datapoints[at]! }));
    this.setState(
      alarm,
      verdict.state,
      reasonFor(alarm, verdict.state, recent, verdict.missing),
      JSON.stringify(reasonData(alarm, atMs, startMs, recent)),
    );
  }

  /** Values by the start of their period, or undefined when the alarm's state is to be left as it is. */
  private valuesOf(alarm: MetricAlarm, startMs: number, endMs: number): Values | undefined {
    const queries = alarm.metrics ?? [ownQuery(alarm)];
    const returned = queries.find((query) => query.ReturnData !== false) ?? queries[0]!;
    const wanted = percent(alarm.extendedStatistic ?? "");
    if (wanted !== undefined && alarm.lowSamplePercentile === "ignore") {
      const identity = {
        namespace: alarm.namespace!,
        name: alarm.metricName!,
        dimensions: dimensionRecord(alarm.dimensions),
      };
      const samples =
        this.store.points(identity, endMs - alarm.period * 1000, endMs, alarm.period, alarm.unit, false)[0]?.aggregate
          .count ?? 0;
      // Too few samples for the percentile to mean something (10 / (1 - p), for p above one half).
      if (samples > 0 && samples < 10 / (wanted >= 50 ? 1 - wanted / 100 : wanted / 100)) return undefined;
    }
    return evaluateQuery(this.store, queries, returned.Id, startMs, endMs, false);
  }

  private evaluateComposites(changed: string): void {
    for (const alarm of [...this.alarms.values()]) {
      if (
        alarm.kind === "CompositeAlarm" &&
        alarm.name !== changed &&
        parseAlarmRule(alarm.rule).children.includes(changed)
      )
        this.evaluateComposite(alarm);
    }
  }

  private act(alarm: Alarm, previous: Alarm): void {
    if (!alarm.actionsEnabled || this.suppressed(alarm)) return;
    const actions =
      alarm.state === "ALARM"
        ? alarm.alarmActions
        : alarm.state === "OK"
          ? alarm.okActions
          : alarm.insufficientDataActions;
    for (const action of actions) {
      runAction(this.cloud, alarm, previous, action).then(
        () =>
          this.note(alarm, "Action", `Successfully executed action ${action}`, {
            actionState: "Succeeded",
            stateUpdateTimestamp: alarm.stateUpdatedMs,
            notificationResource: action,
          }),
        (error: unknown) =>
          this.note(
            alarm,
            "Action",
            `Failed to execute action ${action}. Received error: "${error instanceof Error ? error.message : String(error)}"`,
            { actionState: "Failed", stateUpdateTimestamp: alarm.stateUpdatedMs, notificationResource: action },
          ),
      );
    }
  }

  /** A composite alarm keeps quiet while its suppressor is in ALARM. */
  private suppressed(alarm: Alarm): boolean {
    if (alarm.kind !== "CompositeAlarm" || alarm.suppressor === undefined) return false;
    const name = alarm.suppressor.replace(/^arn:.*:alarm:/, "");
    return this.alarms.get(name)?.state === "ALARM";
  }
}

/** The metric of an alarm that is not one of metric math. */
function ownQuery(alarm: MetricAlarm): MetricQuery {
  return {
    Id: "m1",
    MetricStat: {
      Metric: { Namespace: alarm.namespace!, MetricName: alarm.metricName!, Dimensions: alarm.dimensions },
      Period: alarm.period,
      Stat: alarm.statistic ?? alarm.extendedStatistic!,
      Unit: alarm.unit,
    },
  };
}

/** The period in which an alarm of metric math is evaluated. */
export function alarmPeriod(metrics: readonly MetricQuery[]): number {
  return periodOf(metrics, metrics.find((query) => query.ReturnData !== false) ?? metrics[0]!);
}

const WORDS: Readonly<Record<string, string>> = {
  GreaterThanThreshold: "greater than the threshold",
  GreaterThanOrEqualToThreshold: "greater than or equal to the threshold",
  LessThanThreshold: "less than the threshold",
  LessThanOrEqualToThreshold: "less than or equal to the threshold",
};

function reasonFor(
  alarm: MetricAlarm,
  state: AlarmState,
  recent: readonly { ms: number; value: number }[],
  missing: number,
): string {
  const number = (value: number): string => (Number.isInteger(value) ? value.toFixed(1) : String(value));
  const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? "" : "s"}`;
  if (state === "INSUFFICIENT_DATA")
    return `Insufficient Data: ${plural(alarm.evaluationPeriods, "datapoint")} ${alarm.evaluationPeriods === 1 ? "was" : "were"} unknown.`;
  if (recent.length === 0) {
    const treated = alarm.treatMissingData === "breaching" ? "Breaching" : "NonBreaching";
    return `Threshold Crossed: no datapoints were received for ${plural(alarm.evaluationPeriods, "period")} and ${plural(missing, "missing datapoint")} ${missing === 1 ? "was" : "were"} treated as [${treated}].`;
  }
  const crossed = recent.filter(
    ({ value }) =>
      evaluate({ ...alarm, datapoints: [value], evaluationPeriods: 1, datapointsToAlarm: 1 }).state === "ALARM",
  );
  const told = state === "ALARM" ? crossed : recent.filter((point) => !crossed.includes(point));
  const list = (told.length > 0 ? told : recent).map(
    ({ ms, value }) =>
      `${number(value)} (${new Date(ms).toISOString().replace(/^\d\d(\d\d)-(\d\d)-(\d\d)T(.{8}).*$/, "$3/$2/$1 $4")})`,
  );
  const verb = `${list.length === 1 ? "was" : "were"}${state === "ALARM" ? "" : " not"} ${WORDS[alarm.comparison]}`;
  return `Threshold Crossed: ${list.length} out of the last ${plural(alarm.evaluationPeriods, "datapoint")} [${list.join(", ")}] ${verb} (${number(alarm.threshold)}) (minimum ${plural(state === "ALARM" ? alarm.datapointsToAlarm : 1, "datapoint")} for ${state === "ALARM" ? "OK -> ALARM" : "ALARM -> OK"} transition).`;
}

function reasonData(
  alarm: MetricAlarm,
  atMs: number,
  startMs: number,
  recent: readonly { ms: number; value: number }[],
): object {
  return {
    version: "1.0",
    queryDate: alarmTime(atMs),
    startDate: alarmTime(recent.at(-1)?.ms ?? startMs),
    statistic: alarm.statistic ?? alarm.extendedStatistic,
    period: alarm.period,
    recentDatapoints: recent.map(({ value }) => value).reverse(),
    threshold: alarm.threshold,
    evaluatedDatapoints: recent.map(({ ms, value }) => ({ timestamp: alarmTime(ms), value })),
  };
}
