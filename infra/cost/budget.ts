import type * as aws from "@pulumi/aws";
import { project } from "../../contract/names";
import type { Scope } from "../scope";

type Notification = aws.types.input.budgets.BudgetNotification;
type FilterExpression = aws.types.input.budgets.BudgetFilterExpression;

/** Shares of the budget that people are told about, per cent; the last is where launches stop. */
const spent = [50, 80, 100] as const;
export const stopPercent = 100;

/** Alerts when shares are spent, and when the month is forecast to spend all. */
export function notifications(topicArn: string): Notification[] {
  const at = (notificationType: "ACTUAL" | "FORECASTED", threshold: number): Notification => ({
    notificationType,
    threshold,
    thresholdType: "PERCENTAGE",
    comparisonOperator: "GREATER_THAN",
    subscriberSnsTopicArns: [topicArn],
  });
  return [...spent.map((percent) => at("ACTUAL", percent)), at("FORECASTED", 100)];
}

/** What the environment costs, by its tags. They count from the day they are activated for cost allocation. */
export function environmentCosts({ environment }: Scope): FilterExpression {
  const tag = (key: string, value: string) => ({ tags: { key, values: [value], matchOptions: ["EQUALS"] } });
  return { ands: [tag("project", project), tag("environment", environment)] };
}

/** The same for an anomaly monitor, which takes one tag: the JSON of a Cost Explorer expression. */
export function monitorSpecification({ environment }: Scope): string {
  return JSON.stringify({ Tags: { Key: "environment", Values: [environment], MatchOptions: ["EQUALS"] } });
}
