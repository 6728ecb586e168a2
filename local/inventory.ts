import type { InventoryItem } from "./service";

/**
 * What is left of a platform after its teardown: everything that exists now, did not exist before, and was not opened
 * by a service for its own lines.
 * @internal a test asks it of the services behind.
 */
export function leftovers(before: readonly InventoryItem[], after: readonly InventoryItem[]): InventoryItem[] {
  const known = new Set(before.map((item) => item.arn));
  return after
    .filter((item) => !known.has(item.arn) && item.madeBy !== "service")
    .sort((a, b) => a.arn.localeCompare(b.arn));
}

/** Number of items by type. */
export function countByType(items: readonly InventoryItem[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[item.type] = (counts[item.type] ?? 0) + 1;
  return counts;
}
