import type { EndpointInput, ScheduleConfig } from "@aws-sdk/client-sagemaker";
import { monitoringChecks } from "../../../checks/monitoring";
import type { Validated } from "../../../operation";
import type { Timetable } from "./timetable";

const hourMs = 3_600_000;

/** The time that an execution looks at, cloud time in milliseconds; the end is not in it. */
export interface Window {
  readonly startMs: number;
  readonly endMs: number;
}

/** How the window lies to the time of an execution, milliseconds; negative before it. */
interface Offsets {
  readonly start: number;
  readonly end: number;
}

/**
 * Offsets of the schedule, or of its input (`StartTimeOffset`), which count where both are given (believed); without
 * any the window is the time since the execution before. The guide's example of a daily job begins an hour later.
 * @throws AwsError ValidationException for what is no duration, or a window of no time or of more than a day.
 */
export function offsetsOf(
  timetable: Timetable,
  schedule: Validated<ScheduleConfig> | undefined,
  input: Validated<EndpointInput> | undefined,
): Offsets {
  const start = input?.StartTimeOffset ?? schedule?.DataAnalysisStartTime;
  const end = input?.EndTimeOffset ?? schedule?.DataAnalysisEndTime;
  const since = timetable.kind === "hours" ? -timetable.everyHours * hourMs : -hourMs;
  const offsets = {
    start: start === undefined ? since : durationMs(start),
    end: end === undefined ? 0 : durationMs(end),
  };
  const length = offsets.end - offsets.start;
  if (length <= 0 || length > 24 * hourMs) throw monitoringChecks.windowLength();
  return offsets;
}

/** The window of an execution at a time. */
export function windowAt(scheduledMs: number, { start, end }: Offsets): Window {
  return { startMs: scheduledMs + start, endMs: scheduledMs + end };
}

/** The folders `yyyy/mm/dd/hh` of captured data that a window touches, the oldest first. */
export function hourFolders({ startMs, endMs }: Window): string[] {
  const folders: string[] = [];
  for (let at = Math.floor(startMs / hourMs) * hourMs; at < endMs; at += hourMs) folders.push(folderOf(at));
  return folders;
}

/** `yyyy/mm/dd/hh` of a time, UTC. */
export function folderOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 13).replace("T", "/").replaceAll("-", "/");
}

/** ISO 8601 with a sign before it: days, hours, minutes, seconds. */
function durationMs(text: string): number {
  const match = /^([+-]?)P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(text);
  if (!match) throw monitoringChecks.duration(text);
  const [days, hours, minutes, seconds] = match.slice(2).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
  ];
  const ms = (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
  return match[1] === "-" ? -ms : ms;
}
