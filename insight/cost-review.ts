import type { Bill } from "../pricing/actual/bill";
import { isEstimated, total } from "../pricing/actual/bill";
import type { PlanAgainstBill } from "../pricing/actual/compare";
import type { budgetVerdict, MonthForecast } from "../pricing/actual/forecast";
import type { ArmCost, TrainingCost, UnitCost } from "../pricing/actual/units";
import { type Requests, requestsLine } from "./actual-cost";

/** What an environment was to cost, did cost, and will have cost. */
export interface ShownReview {
  readonly environment: string;
  readonly at: string;
  readonly bill: Bill;
  readonly plan: PlanAgainstBill | { readonly unknown: string };
  readonly forecast: MonthForecast;
  readonly budget: ReturnType<typeof budgetVerdict>;
  readonly per1000Images: UnitCost;
  readonly trainings: readonly TrainingCost[];
  readonly experiment: { readonly id: string; readonly arms: readonly ArmCost[] } | undefined;
  readonly requests: Requests;
}

/** The same for people. */
export function reviewText(shown: ShownReview): string {
  const { environment, bill, per1000Images, trainings, experiment, requests } = shown;
  return [
    `${environment} from ${bill.from} until before ${bill.to}: ${usd(total(bill.lines))} USD were paid${isEstimated(bill) ? ", estimated" : ""}`,
    "",
    ...planLines(shown.plan),
    "",
    ...forecastLines(shown),
    "",
    `1,000 images: ${unit(per1000Images)}`,
    ...(trainings.length > 0
      ? trainings.map(({ name, cost }) => `training ${name}: ${unit(cost)}`)
      : ["No training ended in that time."]),
    ...(experiment
      ? experiment.arms.flatMap(({ arm, cost, per1000 }) => [
          `experiment ${experiment.id}, ${arm}: ${unit(cost)}`,
          `${" ".repeat(14)}1,000 requests: ${unit(per1000)}`,
        ])
      : ["No experiment began in that time."]),
    "",
    requestsLine(requests),
    "",
  ].join("\n");
}

function planLines(plan: ShownReview["plan"]): string[] {
  if ("unknown" in plan) return [`Not compared with the plan: ${plan.unknown}`];
  const { hours, groups, plannedUsd, billedUsd } = plan;
  const row = (name: string, planned: number, billed: number) =>
    `${name.padEnd(14)}${usd(planned).padStart(12)}${usd(billed).padStart(12)}${signed(billed - planned).padStart(12)}`;
  return [
    `Plan against bill, for ${hours.toFixed(1)} hours (the first day on the bill counts whole):`,
    `${"".padEnd(14)}${"planned".padStart(12)}${"billed".padStart(12)}${"difference".padStart(12)}`,
    ...groups.map((one) => row(one.group, one.plannedUsd, one.billedUsd)),
    row("all", plannedUsd, billedUsd),
  ];
}

function forecastLines({ forecast, budget }: ShownReview): string[] {
  const { month, spentUsd, byDays, byPlanUsd, budgetUsd } = forecast;
  return [
    `${month}: ${usd(spentUsd)} USD spent${budgetUsd === undefined ? "" : ` of a budget of ${usd(budgetUsd)}`}; the budget's end is ${budget.verdict}: ${budget.reasons.join("; ")}`,
    byDays
      ? `If it goes on like the last ${byDays.days} whole days: ${usd(byDays.usd)} USD at the end (${usd(byDays.range[0])} to ${usd(byDays.range[1])})`
      : "There is no whole day on the bill yet to go by.",
    byPlanUsd === undefined
      ? "The plan has no price to go by."
      : `If it goes on as the plan says: ${usd(byPlanUsd)} USD at the end`,
  ];
}

function unit(cost: UnitCost): string {
  return "unknown" in cost ? `unknown: ${cost.unknown}` : `${usd(cost.usd)} USD (${cost.how})`;
}

const usd = (amount: number): string =>
  amount.toLocaleString("en-US", {
    minimumFractionDigits: 2,
    maximumFractionDigits: amount !== 0 && Math.abs(amount) < 1 ? 4 : 2,
  });
const signed = (amount: number): string => `${amount < 0 ? "-" : "+"}${usd(Math.abs(amount))}`;
