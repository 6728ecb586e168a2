import { hoursPerMonth } from "../assumptions";
import type { StackPrice } from "../stack";
import { type BillLine, byGroup } from "./bill";
import { groupOfType, type ResourceGroup, resourceGroups } from "./groups";

/** What a group was to cost in some time, and what it did. */
export interface GroupComparison {
  readonly group: ResourceGroup;
  readonly plannedUsd: number;
  readonly billedUsd: number;
  /** Above 0 where more was paid than planned. */
  readonly differenceUsd: number;
}

export interface PlanAgainstBill {
  readonly environment: string;
  /** The part of the plan's month that the bill is about. */
  readonly hours: number;
  readonly groups: readonly GroupComparison[];
  readonly plannedUsd: number;
  readonly billedUsd: number;
}

/**
 * An environment's price for some hours against what it was billed in them, group by group. Groups that cost nothing on
 * both sides are left out.
 * @param lines of the environment alone.
 */
export function planAgainstBill(
  environment: string,
  plan: StackPrice,
  lines: readonly BillLine[],
  hours: number,
): PlanAgainstBill {
  const billed = byGroup(lines);
  const planned = (group: ResourceGroup) =>
    plan.resources
      .filter(({ type }) => groupOfType(type) === group)
      .reduce((sum, { monthlyUsd }) => sum + (monthlyUsd * hours) / hoursPerMonth, 0);
  const groups = resourceGroups
    .map((group): GroupComparison => {
      const [plannedUsd, billedUsd] = [planned(group), billed.get(group)!];
      return { group, plannedUsd, billedUsd, differenceUsd: billedUsd - plannedUsd };
    })
    .filter(({ plannedUsd, billedUsd }) => plannedUsd > 0 || billedUsd > 0);
  const sum = (of: (one: GroupComparison) => number) => groups.reduce((total, one) => total + of(one), 0);
  return {
    ...{ environment, hours, groups },
    plannedUsd: sum(({ plannedUsd }) => plannedUsd),
    billedUsd: sum(({ billedUsd }) => billedUsd),
  };
}

/**
 * Hours of a plan that a bill is about: from the first day that something was paid until now, or until the bill ends.
 * Bills have days, so the first one counts whole.
 * @param now ISO 8601, by AWS's clock.
 */
export function billedHours(lines: readonly BillLine[], to: string, now: string): number {
  const first = lines.map(({ day }) => day).sort()[0];
  if (first === undefined) return 0;
  const end = Math.min(Date.parse(to), Date.parse(now));
  return Math.max(0, (end - Date.parse(first)) / 3_600_000);
}
