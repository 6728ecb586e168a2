import { validationException } from "../../errors";
import { parseSchedule, type Schedule } from "../events/schedules";

/**
 * Reads Scheduler's expressions: `rate(5 minutes)`, `cron(0 8 ? * MON-FRI *)` and `at(2026-11-26T04:00:00)`, the latter
 * two in a time zone.
 * @param anchorMs the time from which a rate counts.
 * @throws ValidationException.
 */
export function parseExpression(expression: string, timezone: string, anchorMs: number): Schedule {
  const offset = offsets(timezone);
  const at = /^at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)$/.exec(expression)?.[1];
  if (at) {
    const wall = Date.parse(`${at}Z`);
    if (Number.isNaN(wall)) throw validationException("Invalid Schedule Expression.");
    const once = fromWall(wall, offset);
    return (afterMs) => (afterMs < once ? once : undefined);
  }
  const next = parseSchedule(expression, anchorMs);
  if (expression.startsWith("rate")) return next;
  return (afterMs) => {
    // A wall clock that is put back shows a minute twice: only the first counts.
    for (let wall = next(afterMs + offset(afterMs)); wall !== undefined; wall = next(wall)) {
      const real = fromWall(wall, offset);
      if (real > afterMs) return real;
    }
    return undefined;
  };
}

/**
 * Milliseconds that a zone's wall clock is ahead of UTC at a moment.
 * @throws ValidationException for a zone that does not exist.
 */
function offsets(timezone: string): (ms: number) => number {
  if (timezone === "UTC") return () => 0;
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: timezone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  } catch {
    throw validationException("The ScheduleExpressionTimezone is not valid.");
  }
  return (ms) => {
    const part = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)])) as Record<
      string,
      number
    >;
    return (
      Date.UTC(part["year"]!, part["month"]! - 1, part["day"], part["hour"], part["minute"], part["second"]) -
      Math.floor(ms / 1000) * 1000
    );
  };
}

function fromWall(wallMs: number, offset: (ms: number) => number): number {
  const guess = wallMs - offset(wallMs);
  return wallMs - offset(guess);
}
