import type { Members } from "../../members";
import { page, timestampMs } from "../pages";

/** What list operations can filter and sort by. */
export interface Listed {
  readonly name: string;
  readonly createdMs: number;
  readonly modifiedMs?: number;
  readonly status?: string;
}

/**
 * The filters, sort orders and pages that SageMaker's list operations share (`NameContains`, `CreationTimeAfter`,
 * `SortBy`, ...).
 * @param order the operation's own default.
 */
export function listed<T extends Listed>(
  rows: Iterable<T>,
  input: Members,
  order: "Ascending" | "Descending" = "Descending",
): { items: T[]; next?: string } {
  const bound = (name: string): number | undefined => timestampMs(input[name]);
  const [after, before] = [bound("CreationTimeAfter"), bound("CreationTimeBefore")];
  const [modifiedAfter, modifiedBefore] = [bound("LastModifiedTimeAfter"), bound("LastModifiedTimeBefore")];
  const modified = (row: T): number => row.modifiedMs ?? row.createdMs;
  const kept = [...rows].filter(
    (row) =>
      (!input.NameContains || row.name.toLowerCase().includes(String(input.NameContains).toLowerCase())) &&
      (!input.StatusEquals || row.status === input.StatusEquals) &&
      (after === undefined || row.createdMs > after) &&
      (before === undefined || row.createdMs < before) &&
      (modifiedAfter === undefined || modified(row) > modifiedAfter) &&
      (modifiedBefore === undefined || modified(row) < modifiedBefore),
  );
  const by = input.SortBy ?? "CreationTime";
  const compare = (a: T, b: T): number => {
    if (by === "Name") return a.name.localeCompare(b.name);
    if (by === "Status") return String(a.status).localeCompare(String(b.status));
    if (by === "LastModifiedTime") return modified(a) - modified(b);
    return a.createdMs - b.createdMs;
  };
  kept.sort(compare);
  if ((input.SortOrder ?? order) === "Descending") kept.reverse();
  return page(kept, input.NextToken, input.MaxResults ?? 100);
}

/** A timestamp member, or nothing. */
export function date(ms: number | undefined): Date | undefined {
  return ms === undefined ? undefined : new Date(ms);
}
