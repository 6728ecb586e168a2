import { type KpiDefinition, type KpiRow, type KpiRowsDocument } from "../../contract/kpi";
import { canonicalJson } from "../canonical";
import { isoDay, parseDay } from "../forecasting/calendar";
import type { DailyValue } from "../forecasting/daily";
import { byDay } from "./effect";
import { mergedRows } from "./rows";

/** Days that rows are kept: as long as CloudWatch keeps metrics (15 months). */
const keptDays = 455;
/** CloudWatch takes values of two weeks back (PutMetricData, `Timestamp`); a day is left for clocks and retries. */
const publishableDays = 13;

/** What is to be published of a KPI, and what is remembered of it. */
export interface KpiPublication {
  readonly values: readonly DailyValue[];
  /** What is to be kept from now on. */
  readonly document: KpiRowsDocument;
  /** Days whose values came too late to be published. */
  readonly late: number;
}

/**
 * Values of days that are over and settled, each once; days that were published before stay as they were.
 * @param rows of the source as it is now. @param today the day that is not over.
 * @param settleDays days after which nothing more is expected of a day: labels come late.
 * @param keep whether rows are kept, as those of labels are: their source forgets.
 */
export function publicationOf(
  definition: KpiDefinition,
  before: KpiRowsDocument | undefined,
  rows: readonly KpiRow[],
  { today, settleDays, keep }: { readonly today: number; readonly settleDays: number; readonly keep: boolean },
): KpiPublication {
  const same = before !== undefined && canonicalJson(before.definition) === canonicalJson(definition);
  const kept = keep ? mergedRows(before?.rows ?? [], rows, isoDay(today - keptDays)) : [];
  const last = today - 1 - settleDays;
  const due = byDay(keep ? kept : rows).filter(({ day }) => {
    const at = parseDay(day)!;
    return at <= last && (before?.published === undefined || day > before.published);
  });
  const values = due.filter(({ day }) => parseDay(day)! >= today - publishableDays);
  const published = due.at(-1)?.day ?? before?.published;
  return {
    values,
    late: due.length - values.length,
    document: {
      version: 1,
      definition,
      since: same ? before.since : isoDay(today),
      ...(published === undefined ? {} : { published }),
      rows: kept,
    },
  };
}
