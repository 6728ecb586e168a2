import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../component";
import type { Scope } from "../scope";
import { environmentDashboard } from "./body";

export interface EnvironmentDashboardArgs {
  readonly alarms: readonly aws.cloudwatch.MetricAlarm[];
  readonly variant: string;
  readonly functions: readonly pulumi.Input<string>[];
  /** Rules on the default bus. */
  readonly rules: readonly pulumi.Input<string>[];
}

/** One dashboard for the whole environment, beside the endpoint's own. */
export class EnvironmentDashboard extends Component {
  constructor(
    name: string,
    scope: Scope,
    { alarms, variant, functions, rules }: EnvironmentDashboardArgs,
    options: pulumi.ComponentResourceOptions,
  ) {
    super("dashboards", "EnvironmentDashboard", name, scope, options);
    new aws.cloudwatch.Dashboard(
      this.named("environment"),
      {
        dashboardName: scope.names.of("dashboard", "environment"),
        dashboardBody: pulumi
          .all([pulumi.all(alarms.map(({ arn }) => arn)), pulumi.all([...functions]), pulumi.all([...rules])])
          .apply(([alarmArns, known, watched]) =>
            environmentDashboard(scope, { alarmArns, variant, functions: known, rules: watched }),
          ),
      },
      this.child(),
    );
    this.registerOutputs({});
  }
}
