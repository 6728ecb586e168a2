import { UnknownInput } from "./inputs";

const hoursOf = { minute: 1 / 60, minutes: 1 / 60, hour: 1, hours: 1, day: 24, days: 24 } as const;
/** Days in a month, on average. */
export const daysPerMonth = 365 / 12;
const weekDays = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/**
 * How often a schedule fires in a month of `hoursPerMonth`: `rate(1 hour)`, `cron(0 * * * ? *)` (EventBridge and
 * SageMaker, the latter with ranges in brackets), `at(...)`. Days of the month, days of the week and months are
 * counted, not dated.
 * @throws UnknownInput when it cannot be read.
 */
export function runsPerMonth(expression: string, hoursPerMonth: number): number {
  const rate = /^rate\((\d+) (minutes?|hours?|days?)\)$/.exec(expression);
  if (rate) return hoursPerMonth / (Number(rate[1]) * hoursOf[rate[2] as keyof typeof hoursOf]);
  if (/^at\(.+\)$/.test(expression)) return 1;
  if (expression === "NOW") return 1;
  const cron = /^cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)$/.exec(expression);
  if (!cron) throw new UnknownInput(`schedule ${expression}`, "cannot be read");
  const [minutes, hours, monthDays, months, days] = cron.slice(1) as [string, string, string, string, string];
  const perDay = share(minutes, 0, 59) * 60 * share(hours, 0, 23) * 24;
  const daysAMonth = hoursPerMonth / 24;
  const byMonthDay =
    monthDays === "L" || monthDays.endsWith("W")
      ? 1 / daysPerMonth
      : Math.min(1, (share(monthDays, 1, 31) * 31) / daysPerMonth);
  const byWeekDay = /[#L]/.test(days) ? 1 / daysPerMonth : share(named(days), 1, 7);
  return perDay * daysAMonth * byMonthDay * byWeekDay * share(months, 1, 12);
}

/**
 * Hours a month between two schedules of every day on which they fire, such as from `cron(0 7 ? * MON-FRI *)` to
 * `cron(0 19 ? * MON-FRI *)`. All hours when they do not fire once on the same days.
 */
export function hoursBetween(from: string, to: string, hoursPerMonth: number): number {
  const time = /^cron\((\d+) (\d+) (\S+ \S+ \S+ \S+)\)$/;
  const [start, end] = [time.exec(from), time.exec(to)];
  if (!start || !end || start[3] !== end[3]) return hoursPerMonth;
  const hourOf = (match: RegExpExecArray) => Number(match[2]) + Number(match[1]) / 60;
  const hours = hourOf(end) - hourOf(start);
  return hours <= 0 ? hoursPerMonth : hours * runsPerMonth(from, hoursPerMonth);
}

function named(days: string): string {
  return days.toUpperCase().replace(/[A-Z]{3}/g, (name) => String(weekDays.indexOf(name) + 1));
}

/** Share of a field's values that it names: `*`, `?`, `5`, `1-5`, `0/6`, `[00-23]/4`, `1,15`. */
function share(field: string, first: number, last: number): number {
  const all = last - first + 1;
  const named = new Set<number>();
  for (const part of field.replace(/[[\]]/g, "").split(",")) {
    const match = /^(?:\*|\?|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(part);
    if (!match) throw new UnknownInput(`schedule field ${field}`, "cannot be read");
    const [, from, to, step] = match;
    const start = from === undefined ? first : Number(from);
    const end = to !== undefined ? Number(to) : from !== undefined && step === undefined ? start : last;
    for (let value = start; value <= end; value += Number(step ?? 1)) named.add(value);
  }
  return named.size / all;
}
