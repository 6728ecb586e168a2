import type { Bill, BillRequests } from "./bill";
import type { PlanAgainstBill } from "./compare";
import type { budgetVerdict, MonthForecast } from "./forecast";
import type { ArmCost, TrainingCost, UnitCost } from "./units";

/** What an environment was to cost, did cost, and will have cost at the end of the month. */
export interface CostReview {
  readonly project: string;
  readonly environment: string;
  /** ISO 8601, by AWS's clock. */
  readonly at: string;
  readonly bill: Bill;
  /** Undefined where the state has no price, and why. */
  readonly plan: PlanAgainstBill | { readonly unknown: string };
  readonly forecast: MonthForecast;
  readonly budget: ReturnType<typeof budgetVerdict>;
  readonly per1000Images: UnitCost;
  readonly trainings: readonly TrainingCost[];
  /** The newest experiment that began in the bill's time; none where there is none. */
  readonly experiment: { readonly id: string; readonly arms: readonly ArmCost[] } | undefined;
  readonly requests: BillRequests;
}
