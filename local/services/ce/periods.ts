import type { DateInterval } from "@aws-sdk/client-cost-explorer";
import { costChecks } from "../../checks/costs";
import type { Validated } from "../../operation";

export interface Period {
  readonly startMs: number;
  /** Not part of it. */
  readonly endMs: number;
}

export const DAY_MS = 86_400_000;
/** Days after the end of a month until its bill is final; believed. */
const OPEN_DAYS = 5;

/**
 * The period of a report, checked as Cost Explorer checks it.
 * @throws AwsError
 */
export function reportPeriod(interval: Validated<DateInterval>, nowMs: number): Period {
  const period = periodOf(interval);
  if (period.startMs > nowMs) throw costChecks.periodStarted(interval.Start);
  if (period.endMs > monthAfter(nowMs, 1)) throw costChecks.periodEnd();
  if (period.startMs < monthAfter(nowMs, -14)) throw costChecks.periodAge();
  return period;
}

/** @throws AwsError for hours, and for a period that ends before it starts. */
export function periodOf({ Start: start, End: end }: Validated<DateInterval>): Period {
  const [startMs, endMs] = [dayOf(start), dayOf(end)];
  if (startMs >= endMs) throw costChecks.periodOrder();
  return { startMs, endMs };
}

/** A period's days, or its months, the first and last of which may be parts. */
export function steps({ startMs, endMs }: Period, granularity: "DAILY" | "MONTHLY"): Period[] {
  const found: Period[] = [];
  for (let at = startMs; at < endMs;) {
    const next = Math.min(endMs, granularity === "DAILY" ? at + DAY_MS : monthAfter(at, 1));
    found.push({ startMs: at, endMs: next });
    at = next;
  }
  return found;
}

/** As Cost Explorer writes it. */
export function interval({ startMs, endMs }: Period): { Start: string; End: string } {
  return { Start: dateOf(startMs), End: dateOf(endMs) };
}

/** Whether the bill of that time is not final yet. */
export function isEstimated({ endMs }: Period, nowMs: number): boolean {
  return endMs > monthAfter(nowMs - OPEN_DAYS * DAY_MS, 0);
}

/** The first of the month so many months away, at midnight UTC. */
function monthAfter(ms: number, months: number): number {
  const date = new Date(ms);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1);
}

function dateOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

function dayOf(text: string): number {
  const ms = Date.parse(text);
  if (text.includes("T") || Number.isNaN(ms)) throw costChecks.periodDays(text);
  return ms;
}
