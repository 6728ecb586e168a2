import type { ReportKind } from "../../contract/report";

/** The time that a report is about; its end is the only date of the report. */
export interface Period {
  readonly kind: ReportKind;
  /** ISO 8601, UTC. */
  readonly start: string;
  readonly end: string;
}

const dayMs = 86_400_000;

/** The seven days, or the month, that end at a time. A month ends on the day that it began on, or on the last there is. */
export function periodUntil(kind: ReportKind, until: Date): Period {
  const end = until.toISOString();
  if (kind === "week") return { kind, start: new Date(until.getTime() - 7 * dayMs).toISOString(), end };
  const start = new Date(until);
  const day = start.getUTCDate();
  start.setUTCDate(1);
  start.setUTCMonth(start.getUTCMonth() - 1);
  const lastDay = new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1, 0)).getUTCDate();
  start.setUTCDate(Math.min(day, lastDay));
  return { kind, start: start.toISOString(), end };
}

/** Whole days of a period, for texts. */
export function daysOf({ start, end }: Period): number {
  return Math.round((Date.parse(end) - Date.parse(start)) / dayMs);
}

/** Whether something happened in a period. */
export function within(at: string, { start, end }: Period): boolean {
  return at >= start && at <= end;
}

/** ISO 8601 date so many days after a time. */
export function dayAfter(at: string, days: number): string {
  return new Date(Date.parse(at) + days * dayMs).toISOString().slice(0, 10);
}
