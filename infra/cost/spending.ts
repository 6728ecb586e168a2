import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { Alerts } from "../alerts/alerts";
import { Component } from "../component";
import type { Role } from "../identity/identity";
import { Scope } from "../scope";
import { environmentCosts, monitorSpecification, notifications, stopPercent } from "./budget";

/** Stopping new launches: what is attached, by whom, and to which roles, by name. */
export interface BudgetStop {
  readonly policy: aws.iam.Policy;
  readonly role: Role;
  readonly launching: readonly pulumi.Input<string>[];
}

export interface SpendingArgs {
  readonly alerts: Alerts;
  /** What a spent budget does; undefined where it only alerts. */
  readonly stop: BudgetStop | undefined;
}

/** Money: a budget that alerts and stops new launches, and anomalies. */
export class Spending extends Component {
  readonly budget: aws.budgets.Budget;

  constructor(
    name: string,
    scope: Scope,
    private readonly args: SpendingArgs,
    options: pulumi.ComponentResourceOptions,
  ) {
    super("cost", "Spending", name, scope, options);
    const { cost } = scope.settings;
    const topic = args.alerts.arn("warning");
    this.budget = new aws.budgets.Budget(
      this.named("budget"),
      {
        name: scope.names.of("budget", "monthly"),
        budgetType: "COST",
        timeUnit: "MONTHLY",
        limitAmount: String(cost.monthlyBudgetUsd),
        limitUnit: "USD",
        metrics: "UnblendedCost",
        filterExpression: environmentCosts(scope),
        notifications: topic.apply(notifications),
      },
      this.child(),
    );
    if (args.stop) this.stopLaunches(args.stop, cost.stop === "automatic");
    if (cost.anomalies.monitor !== "off") this.watchAnomalies(topic);
    if (cost.activateTags) this.activateTags();
    this.registerOutputs({ budgetName: this.budget.name });
  }

  private stopLaunches({ policy, role, launching }: BudgetStop, automatic: boolean): void {
    new aws.budgets.BudgetAction(
      this.named("stop"),
      {
        budgetName: this.budget.name,
        actionType: "APPLY_IAM_POLICY",
        approvalModel: automatic ? "AUTOMATIC" : "MANUAL",
        notificationType: "ACTUAL",
        actionThreshold: { actionThresholdType: "PERCENTAGE", actionThresholdValue: stopPercent },
        definition: { iamActionDefinition: { policyArn: policy.arn, roles: [...launching] } },
        executionRoleArn: role.arn,
        subscribers: [{ subscriptionType: "SNS", address: this.args.alerts.arn("critical") }],
      },
      this.child({ dependsOn: [role.duties] }),
    );
  }

  private watchAnomalies(topicArn: pulumi.Input<string>): void {
    const { names, settings } = this.scope;
    const { monitor, minUsd } = settings.cost.anomalies;
    const anomalies = new aws.costexplorer.AnomalyMonitor(
      this.named("anomalies"),
      {
        name: names.of("anomalyMonitor", "anomalies"),
        ...(monitor === "account"
          ? { monitorType: "DIMENSIONAL", monitorDimension: "SERVICE" }
          : { monitorType: "CUSTOM", monitorSpecification: monitorSpecification(this.scope) }),
      },
      this.child(),
    );
    new aws.costexplorer.AnomalySubscription(
      this.named("anomaly-alerts"),
      {
        name: names.of("anomalyMonitor", "anomaly-alerts"),
        // Topics are told at once or not at all; daily and weekly are for e-mail (Cost Explorer API,
        // AnomalySubscription).
        frequency: "IMMEDIATE",
        monitorArnLists: [anomalies.arn],
        subscribers: [{ type: "SNS", address: topicArn }],
        thresholdExpression: {
          dimension: {
            key: "ANOMALY_TOTAL_IMPACT_ABSOLUTE",
            values: [String(minUsd)],
            matchOptions: ["GREATER_THAN_OR_EQUAL"],
          },
        },
      },
      this.child(),
    );
  }

  private activateTags(): void {
    for (const tagKey of Object.keys(Scope.tagsOf(this.scope.settings)))
      new aws.costexplorer.CostAllocationTag(this.named(`tag-${tagKey}`), { tagKey, status: "Active" }, this.child());
  }
}
