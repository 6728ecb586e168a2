const dayMs = 86_400_000;

/** Days since 1970-01-01 of an ISO 8601 date or time; undefined for what is none. */
export function parseDay(text: string): number | undefined {
  const match = /^(\d{4}-\d{2}-\d{2})(T|$)/.exec(text);
  const ms = match ? Date.parse(`${match[1]}T00:00:00Z`) : NaN;
  return Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== match![1] ? undefined : ms / dayMs;
}

/** ISO 8601 date of a day. */
export function isoDay(day: number): string {
  return new Date(day * dayMs).toISOString().slice(0, 10);
}

/** 0 to 6, Monday first. */
export function weekdayOf(day: number): number {
  // 1970-01-01 was a Thursday.
  return (((day + 3) % 7) + 7) % 7;
}

/** `yyyy-mm` of a day. */
export function monthOf(day: number): string {
  return isoDay(day).slice(0, 7);
}

/** Days of the month that come after a day. */
export function daysLeftInMonth(day: number): number {
  const date = new Date(day * dayMs);
  const end = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0) / dayMs;
  return end - day;
}
