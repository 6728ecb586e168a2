import { isEstimated, total } from "../pricing/actual/bill";
import type { CostReview } from "../pricing/actual/review";
import type { UnitCost } from "../pricing/actual/units";
import { requestsLine } from "./actual-cost";
import { money } from "./money";

/** What an environment was to cost, did cost and will have cost, for people. */
export function reviewText(shown: CostReview): string {
  const { environment, bill, per1000Images, trainings, experiment, requests } = shown;
  return [
    `${environment} from ${bill.from} until before ${bill.to}: ${money(total(bill.lines))} USD were paid${isEstimated(bill) ? ", estimated" : ""}`,
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

function planLines(plan: CostReview["plan"]): string[] {
  if ("unknown" in plan) return [`Not compared with the plan: ${plan.unknown}`];
  const { hours, groups, plannedUsd, billedUsd } = plan;
  const row = (name: string, planned: number, billed: number) =>
    `${name.padEnd(14)}${money(planned).padStart(12)}${money(billed).padStart(12)}${signed(billed - planned).padStart(12)}`;
  return [
    `Plan against bill, for ${hours.toFixed(1)} hours (the first day on the bill counts whole):`,
    `${"".padEnd(14)}${"planned".padStart(12)}${"billed".padStart(12)}${"difference".padStart(12)}`,
    ...groups.map((one) => row(one.group, one.plannedUsd, one.billedUsd)),
    row("all", plannedUsd, billedUsd),
  ];
}

function forecastLines({ forecast, budget }: CostReview): string[] {
  const { month, spentUsd, byDays, byPlanUsd, budgetUsd } = forecast;
  return [
    `${month}: ${money(spentUsd)} USD spent${budgetUsd === undefined ? "" : ` of a budget of ${money(budgetUsd)}`}; the budget's end is ${budget.verdict}: ${budget.reasons.join("; ")}`,
    byDays
      ? `If it goes on like the last ${byDays.days} whole days: ${money(byDays.usd)} USD at the end (${money(byDays.range[0])} to ${money(byDays.range[1])})`
      : "There is no whole day on the bill yet to go by.",
    byPlanUsd === undefined
      ? "The plan has no price to go by."
      : `If it goes on as the plan says: ${money(byPlanUsd)} USD at the end`,
  ];
}

function unit(cost: UnitCost): string {
  return "unknown" in cost ? `unknown: ${cost.unknown}` : `${money(cost.usd)} USD (${cost.how})`;
}

const signed = (amount: number): string => `${amount < 0 ? "-" : "+"}${money(Math.abs(amount))}`;
