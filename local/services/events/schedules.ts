import { validationException } from "../../errors";

/** When a schedule fires: the first time strictly after `afterMs`, or undefined when never again. */
export type Schedule = (afterMs: number) => number | undefined;

const RATE_UNITS_MS: Readonly<Record<string, number>> = {
  minute: 60_000,
  minutes: 60_000,
  hour: 3_600_000,
  hours: 3_600_000,
  day: 86_400_000,
  days: 86_400_000,
};
const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/**
 * Reads `rate(5 minutes)` or `cron(0 8 ? * MON-FRI *)` (EventBridge's six fields, UTC).
 * @param anchorMs the time from which a rate counts. @throws ValidationException as EventBridge words it.
 */
export function parseSchedule(expression: string, anchorMs: number): Schedule {
  const rate = /^rate\((\d+) (minutes?|hours?|days?)\)$/.exec(expression);
  if (rate) {
    const every = Number(rate[1]) * RATE_UNITS_MS[rate[2]!]!;
    // EventBridge refuses rate(1 minutes) and rate(5 minute).
    if (every === 0 || (Number(rate[1]) === 1) === rate[2]!.endsWith("s")) throw invalid();
    return (afterMs) => anchorMs + every * (Math.floor(Math.max(0, afterMs - anchorMs) / every) + 1);
  }
  const fields = /^cron\((.+)\)$/.exec(expression)?.[1]?.trim().split(/\s+/);
  if (fields?.length !== 6) throw invalid();
  return cron(fields as [string, string, string, string, string, string]);
}

function invalid(): Error {
  return validationException("Parameter ScheduleExpression is not valid.");
}

function cron([minute, hour, dayOfMonth, month, dayOfWeek, year]: [
  string,
  string,
  string,
  string,
  string,
  string,
]): Schedule {
  // One of the two day fields must be `?`.
  if ((dayOfMonth === "?") === (dayOfWeek === "?")) throw invalid();
  const minutes = values(minute, 0, 59);
  const hours = values(hour, 0, 23);
  const months = values(month, 1, 12, MONTHS, 1);
  const years = values(year, 1970, 2199);
  const onDay = dayOfMonth === "?" ? weekday(dayOfWeek) : monthday(dayOfMonth);
  return (afterMs) => {
    const at = new Date(Math.floor(afterMs / 60_000) * 60_000 + 60_000);
    const end = at.getTime() + 5 * 366 * 86_400_000;
    while (at.getTime() < end) {
      if (!years.has(at.getUTCFullYear()) || !months.has(at.getUTCMonth() + 1))
        at.setTime(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 1));
      else if (!onDay(at)) at.setTime(Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate() + 1));
      else if (!hours.has(at.getUTCHours())) at.setTime(Math.floor(at.getTime() / 3_600_000) * 3_600_000 + 3_600_000);
      else if (!minutes.has(at.getUTCMinutes())) at.setTime(at.getTime() + 60_000);
      else return at.getTime();
    }
    return undefined;
  };
}

/** The numbers of a field: `*`, `1,2`, `1-5`, `0/15`, names. */
function values(field: string, low: number, high: number, names: readonly string[] = [], first = 0): Set<number> {
  const number = (text: string): number => {
    const named = names.indexOf(text.toUpperCase());
    const value = named >= 0 ? named + first : Number(text);
    if (!Number.isInteger(value) || value < low || value > high) throw invalid();
    return value;
  };
  const found = new Set<number>();
  for (const part of field.split(",")) {
    const [range = "", step] = part.split("/");
    const [from, to] =
      range === "*"
        ? [low, high]
        : range.includes("-")
          ? (range.split("-").map(number) as [number, number])
          : [number(range), step === undefined ? number(range) : high];
    const by = step === undefined ? 1 : Number(step);
    if (!Number.isInteger(by) || by < 1 || from > to) throw invalid();
    for (let value = from; value <= to; value += by) found.add(value);
  }
  return found;
}

function lastOfMonth(at: Date): number {
  return new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 0)).getUTCDate();
}

function monthday(field: string): (at: Date) => boolean {
  if (field === "L") return (at) => at.getUTCDate() === lastOfMonth(at);
  const near = /^(\d{1,2})W$/.exec(field)?.[1];
  if (near !== undefined) return (at) => at.getUTCDate() === nearestWeekday(at, Number(near));
  const days = values(field, 1, 31);
  return (at) => days.has(at.getUTCDate());
}

/** The weekday nearest to a day, within its month. */
function nearestWeekday(at: Date, day: number): number {
  const last = lastOfMonth(at);
  const wanted = Math.min(day, last);
  const weekdayOf = (date: number): number =>
    new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), date)).getUTCDay();
  if (weekdayOf(wanted) === 6) return wanted > 1 ? wanted - 1 : wanted + 2;
  if (weekdayOf(wanted) === 0) return wanted < last ? wanted + 1 : wanted - 2;
  return wanted;
}

function weekday(field: string): (at: Date) => boolean {
  const nth = /^([A-Za-z]{3}|[1-7])#([1-5])$/.exec(field);
  if (nth) {
    const [day] = values(nth[1]!, 1, 7, DAYS, 1);
    return (at) => at.getUTCDay() + 1 === day && Math.ceil(at.getUTCDate() / 7) === Number(nth[2]);
  }
  const last = /^([A-Za-z]{3}|[1-7])?L$/.exec(field);
  if (last) {
    const [day] = values(last[1] ?? "7", 1, 7, DAYS, 1);
    return (at) => at.getUTCDay() + 1 === day && (last[1] === undefined || at.getUTCDate() > lastOfMonth(at) - 7);
  }
  const days = values(field, 1, 7, DAYS, 1);
  return (at) => days.has(at.getUTCDay() + 1);
}
