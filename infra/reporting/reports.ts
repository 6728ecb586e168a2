import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type AlertArea, alertAreas } from "../../contract/alerts";
import type { ReportKind } from "../../contract/report";
import type { Alerts } from "../alerts/alerts";
import { teamOf } from "../alerts/routes";
import { Component } from "../component";
import type { Role } from "../identity/identity";
import { HandlerFunction, unhurried } from "../reactions/function";
import type { Scope } from "../scope";

export interface ReportsArgs {
  readonly roles: Readonly<Record<"report" | "report-start", Role>>;
  readonly alerts: Alerts;
  readonly keyArn: pulumi.Input<string>;
  readonly artifactsBucket: pulumi.Input<string>;
  /** URL of the front door; undefined where clients ask the endpoint itself. */
  readonly door: pulumi.Input<string> | undefined;
  readonly schedules: aws.scheduler.ScheduleGroup;
  readonly deadLetters: aws.sqs.Queue;
}

/** When reports are made, and what they are of. Six o'clock: the days that they are of are over everywhere in Europe. */
const schedules: Readonly<Record<"weekly" | "monthly", { readonly kind: ReportKind; readonly cron: string }>> = {
  weekly: { kind: "week", cron: "cron(0 6 ? * MON *)" },
  monthly: { kind: "month", cron: "cron(0 6 1 * ? *)" },
};

/** The executive report by schedule: made, kept, and told to people with a link. */
export class Reports extends Component {
  readonly handler: HandlerFunction<"report">;

  constructor(
    name: string,
    scope: Scope,
    schedule: keyof typeof schedules,
    args: ReportsArgs,
    options: pulumi.ComponentResourceOptions,
  ) {
    super("reporting", "Reports", name, scope, options);
    const { kind, cron } = schedules[schedule];
    this.handler = new HandlerFunction(
      this.named("handler"),
      scope,
      {
        handler: "report",
        description: "Makes the executive report, keeps it, and tells people where it is",
        role: args.roles.report,
        keyArn: args.keyArn,
        timeoutSeconds: 120,
        memoryMb: 512,
        environment: {
          ENVIRONMENT: scope.environment,
          ENDPOINT: scope.endpointName,
          ARTIFACTS_BUCKET: args.artifactsBucket,
          TOPIC_ARN: args.alerts.arn("info"),
          KIND: kind,
          OBJECTIVES: JSON.stringify(objectivesOf(scope)),
          OWNERS: JSON.stringify(ownersOf(scope)),
          DOOR: args.door ?? "",
        },
      },
      { parent: this },
    );
    this.handler.callOnSchedule(
      this.named("schedule"),
      {
        schedule: {
          name: scope.names.of("schedule", "report"),
          description: `Makes the report of the ${kind}`,
          scheduleExpression: cron,
          flexibleTimeWindow: unhurried.window,
        },
        group: args.schedules,
        start: args.roles["report-start"],
        deadLetters: args.deadLetters,
        retryPolicy: unhurried.retryPolicy,
      },
      this.child(),
    );
    this.registerOutputs({});
  }
}

/** What the report holds the environment to (`Objectives` in `insight/read-model/facts.ts`). */
export function objectivesOf({ settings: { cost, monitoring, serving } }: Scope): Readonly<Record<string, number>> {
  const { map50, f1, labelLagHours } = monitoring.objectives;
  return {
    ...{ map50, f1, labelLagHours },
    latencyP90Ms: serving.latencyP90Ms,
    errorPercent: serving.errorPercent,
    monthlyBudgetUsd: cost.monthlyBudgetUsd,
  };
}

/** Who answers for each area: the team that hears its warnings, else whose the environment is. */
export function ownersOf({ settings: { alertRoutes, owner } }: Scope): Readonly<Record<AlertArea, string>> {
  const team = (area: AlertArea) => teamOf(alertRoutes, "warning", area) ?? owner;
  return Object.fromEntries(alertAreas.map((area) => [area, team(area)])) as Record<AlertArea, string>;
}
