import assert from "node:assert/strict";
import { budgetPresent as rule } from "../../../policies/rules/budget-present";
import { describeRule, judgeStack, unknownText } from "../../support/policy";

const budget = "aws:budgets/budget:Budget";
const told = (notificationType: string) => ({ notificationType, subscriberEmailAddresses: ["a@example.org"] });
const good = { timeUnit: "MONTHLY", limitAmount: "100", notifications: [told("ACTUAL"), told("FORECASTED")] };

describeRule(
  rule,
  {
    refuses: {
      "a budget that tells nobody": [budget, { ...good, notifications: [] }, /money that was spent \(ACTUAL\)/],
      "a budget without a forecast": [budget, { ...good, notifications: [told("ACTUAL")] }, /money that will be spent/],
      "a notification without a reader": [
        budget,
        { ...good, notifications: [told("ACTUAL"), { notificationType: "FORECASTED" }] },
        /reaches nobody/,
      ],
      "a budget above what is granted": [
        budget,
        good,
        /of 100 a month is higher than 50/,
        { config: { maxMonthlyUsd: 50 } },
      ],
    },
    accepts: {
      "a budget": [budget, good, , { config: { maxMonthlyUsd: 100 } }],
      "topics that a preview does not know yet": [
        budget,
        {
          ...good,
          notifications: [told("ACTUAL"), { notificationType: "FORECASTED", subscriberSnsTopicArns: [unknownText] }],
        },
      ],
    },
    ignores: ["aws:budgets/budgetAction:BudgetAction"],
    stoppedBy: {
      "notifications that a preview does not know": [budget, { ...good, notifications: unknownText }, /notifications/],
    },
  },
  () => {
    it("refuses a stack without a budget, where one is demanded", () => {
      assert.match(judgeStack(rule, [], { config: { present: true } }).join(), /^stack: The stack has no budget/);
      assert.deepEqual(judgeStack(rule, [{ type: budget }], { config: { present: true } }), []);
      assert.deepEqual(judgeStack(rule, [], { config: { present: false } }), []);
    });
  },
);
