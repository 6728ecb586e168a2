import { wellArchitected } from "../frameworks";
import { blocksOf } from "../inputs";
import { byType, defineRule } from "../rule";

interface Config {
  /** Whether each stack must bring a budget. */
  readonly present: boolean;
  /** Highest budget of a month, US dollars. */
  readonly maxMonthlyUsd?: number;
}

const budget = "aws:budgets/budget:Budget";

export const budgetPresent = defineRule<Config>({
  name: "budget-present",
  description: "There is a budget that notifies people about money spent and money forecast.",
  rationale: "AWS sends the bill when the month is over.",
  severity: "high",
  framework: wellArchitected("MLCOST02", "Monitor usage and cost by budgets"),
  remediationSteps: "Create a Budget with an ACTUAL and a FORECASTED notification that reach somebody.",
  url: "https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-managing-costs.html",
  configSchema: { properties: { present: { type: "boolean" }, maxMonthlyUsd: { type: "number" } } },
  defaults: { present: false },
  ...byType<Config>({
    *[budget](props, { maxMonthlyUsd }) {
      if (
        maxMonthlyUsd !== undefined &&
        props["timeUnit"] === "MONTHLY" &&
        Number(props["limitAmount"]) > maxMonthlyUsd
      )
        yield `The budget of ${String(props["limitAmount"])} a month is higher than ${maxMonthlyUsd}.`;
      const notifications = blocksOf(props, "notifications");
      for (const kind of ["ACTUAL", "FORECASTED"])
        if (!notifications.some((one) => one["notificationType"] === kind))
          yield `Nobody is told about ${kind === "ACTUAL" ? "money that was spent" : "money that will be spent"} (${kind}).`;
      for (const one of notifications)
        if (blocksOf(one, "subscriberEmailAddresses").length + blocksOf(one, "subscriberSnsTopicArns").length === 0)
          yield "A notification reaches nobody.";
    },
  }),
  *checkStack(resources, { present }) {
    if (present && !resources.some(({ type }) => type === budget)) yield { message: "The stack has no budget." };
  },
});
