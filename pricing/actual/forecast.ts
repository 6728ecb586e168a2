import type { BillLine } from "./bill";
import { total } from "./bill";

/** What a month will have cost at its end, as far as that is known. */
export interface MonthForecast {
  readonly month: string;
  readonly spentUsd: number;
  /** Days of the month that are still to come, the rest of today included. */
  readonly daysLeft: number;
  /** If every day that is left costs what the last whole days did, on average; with the least and the most of them. */
  readonly byDays:
    { readonly usd: number; readonly range: readonly [number, number]; readonly days: number } | undefined;
  /** If all that is left goes by the plan's price. */
  readonly byPlanUsd: number | undefined;
  readonly budgetUsd: number | undefined;
}

export type BudgetVerdict = "within" | "at risk" | "over" | "unknown";

const dayMs = 86_400_000;
/** Days that the forecast goes by. */
const lookedAt = 7;

/**
 * Where the month ends if it goes on as it did. Whole days alone are looked at: today is not over, and the newest day may
 * not have come to the bill.
 * @param lines of this month, and of the one before as far as they are known.
 * @param now ISO 8601, by AWS's clock.
 */
export function forecastMonth(
  lines: readonly BillLine[],
  now: string,
  monthlyPlanUsd: number | undefined,
  budgetUsd: number | undefined,
): MonthForecast {
  const today = now.slice(0, 10);
  const month = today.slice(0, 7);
  const end = Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)), 1);
  const daysLeft = (end - Date.parse(now)) / dayMs;
  const daysOfMonth = (end - Date.parse(`${month}-01`)) / dayMs;
  const spentUsd = total(lines.filter(({ day }) => day.startsWith(month)));
  const first = lines.map(({ day }) => day).sort()[0];
  const whole = Array.from({ length: lookedAt }, (_, ago) =>
    new Date(Date.parse(today) - (ago + 1) * dayMs).toISOString().slice(0, 10),
  )
    // The first day on the bill may have begun late.
    .filter((day) => first !== undefined && day > first)
    .map((day) => total(lines.filter((line) => line.day === day)));
  const rest = (perDay: number) => spentUsd + perDay * daysLeft;
  return {
    ...{ month, spentUsd, daysLeft, budgetUsd },
    byDays:
      whole.length === 0
        ? undefined
        : {
            usd: rest(whole.reduce((sum, usd) => sum + usd, 0) / whole.length),
            range: [rest(Math.min(...whole)), rest(Math.max(...whole))],
            days: whole.length,
          },
    byPlanUsd: monthlyPlanUsd === undefined ? undefined : rest(monthlyPlanUsd / daysOfMonth),
  };
}

/** What becomes of the budget. *At risk*: one of the ways to look at it ends above it. */
export function budgetVerdict({ spentUsd, byDays, byPlanUsd, budgetUsd }: MonthForecast): {
  readonly verdict: BudgetVerdict;
  readonly reasons: readonly string[];
} {
  if (budgetUsd === undefined) return { verdict: "unknown", reasons: ["the environment has no budget"] };
  const budget = `the budget of ${budgetUsd.toFixed(2)} USD`;
  if (spentUsd > budgetUsd)
    return { verdict: "over", reasons: [`${spentUsd.toFixed(2)} USD are spent, above ${budget}`] };
  const above = [
    ...(byDays && byDays.range[1] > budgetUsd
      ? [`days like the dearest of the last ${byDays.days} end at ${byDays.range[1].toFixed(2)} USD, above ${budget}`]
      : []),
    ...(byPlanUsd !== undefined && byPlanUsd > budgetUsd
      ? [`the plan's price ends at ${byPlanUsd.toFixed(2)} USD, above ${budget}`]
      : []),
  ];
  if (above.length > 0) return { verdict: "at risk", reasons: above };
  if (byDays === undefined && byPlanUsd === undefined)
    return { verdict: "unknown", reasons: ["there is no whole day on the bill yet, and no price of the plan"] };
  return { verdict: "within", reasons: [`nothing that is known ends above ${budget}`] };
}
