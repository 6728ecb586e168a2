import { createHash } from "node:crypto";
import type { ScheduleConfig } from "@aws-sdk/client-sagemaker";
import { monitoringChecks } from "../../../checks/monitoring";
import type { Validated } from "../../../operation";

const hourMs = 3_600_000;
const dayHours = 24;

/** When a schedule's executions are due: at full hours, every so many of them; or one time, at once. */
export type Timetable =
  { readonly kind: "once" } | { readonly kind: "hours"; readonly everyHours: number; readonly startHour: number };

/**
 * Reads the three forms that Model Monitor takes, and NOW (ScheduleConfig, SageMaker API reference). Without an
 * expression SageMaker picks a time for running every day.
 * @param name of the schedule, which decides that time here.
 * @throws AwsError ValidationException for any other form, and for NOW without a window.
 */
export function timetableOf(config: Validated<ScheduleConfig> | undefined, name: string): Timetable {
  const expression = config?.ScheduleExpression;
  if (expression === undefined) return { kind: "hours", everyHours: dayHours, startHour: shareOf(name) * dayHours };
  if (expression === "NOW") {
    if (config?.DataAnalysisStartTime === undefined || config.DataAnalysisEndTime === undefined)
      throw monitoringChecks.windowOfNow();
    return { kind: "once" };
  }
  if (expression === "cron(0 * ? * * *)") return { kind: "hours", everyHours: 1, startHour: 0 };
  const [, hour, every] = /^cron\(0 (\d{1,2})(?:\/(\d{1,2}))? \? \* \* \*\)$/.exec(expression) ?? [];
  const [startHour, everyHours] = [Number(hour), Number(every ?? dayHours)];
  if (hour === undefined || startHour > 23 || everyHours < 1 || everyHours > dayHours)
    throw monitoringChecks.expression(expression);
  return { kind: "hours", everyHours, startHour };
}

/**
 * The first time after `afterMs`. Hours go on over midnight: from five in the afternoon every twelve hours is at five
 * and at seventeen ("The cron expression for monitoring schedule", SageMaker developer guide).
 */
export function nextTime({ everyHours, startHour }: Extract<Timetable, { kind: "hours" }>, afterMs: number): number {
  const first = Math.floor(startHour);
  for (let at = Math.floor(afterMs / hourMs) * hourMs + hourMs; ; at += hourMs)
    if (((new Date(at).getUTCHours() - first + dayHours) % dayHours) % everyHours === 0) return at;
}

/** The longest that an execution may run: it must not meet the next (MonitoringStoppingCondition, API reference). */
export function longestSeconds(timetable: Timetable, type: string): number {
  if (timetable.kind === "once") return dayHours * 3600;
  const whole = timetable.everyHours * 3600;
  const halved = timetable.everyHours === 1 && (type === "ModelQuality" || type === "ModelBias");
  return halved ? whole / 2 : whole;
}

/** AWS starts up to 20 minutes late; here how late is decided by schedule and time, so that each run meets the same. */
export function delayMs(name: string, scheduledMs: number): number {
  return Math.floor(shareOf(`${name} ${scheduledMs}`) * 20 * 60_000);
}

/** A number from 0 to 1, 1 excluded, that a text decides. */
function shareOf(text: string): number {
  return createHash("sha256").update(text).digest().readUInt32BE(0) / 2 ** 32;
}
