import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { championVariant } from "../../contract/variants";
import { Component } from "../component";
import type { Role } from "../identity/identity";
import { HandlerFunction, unhurried } from "../reactions/function";
import type { Scope } from "../scope";
import { endpointAlarms } from "../serving/alarms";

export interface ForecastsArgs {
  readonly roles: Readonly<Record<"forecast" | "forecast-start", Role>>;
  readonly keyArn: pulumi.Input<string>;
  readonly artifactsBucket: pulumi.Input<string>;
  readonly bus: pulumi.Input<string>;
  readonly schedules: aws.scheduler.ScheduleGroup;
  readonly deadLetters: aws.sqs.Queue;
}

/**
 * A look a day at what is on its way to its limit: quality, latency, disks, instances, spend. In every environment,
 * whether anything is served there or not: money is spent all the same.
 */
export class Forecasts extends Component {
  readonly handler: HandlerFunction<"forecast">;

  constructor(
    name: string,
    scope: Scope,
    private readonly args: ForecastsArgs,
    options: pulumi.ComponentResourceOptions,
  ) {
    super("forecasting", "Forecasts", name, scope, options);
    this.handler = new HandlerFunction(
      this.named("handler"),
      scope,
      {
        handler: "forecast",
        description: "Forecasts when limits are passed, and judges earlier forecasts",
        role: args.roles.forecast,
        keyArn: args.keyArn,
        environment: {
          ENDPOINT: scope.endpointName,
          VARIANT: championVariant,
          ENVIRONMENT: scope.environment,
          ARTIFACTS_BUCKET: args.artifactsBucket,
          EVENT_BUS: args.bus,
          LIMITS: JSON.stringify(forecastLimits(scope)),
        },
      },
      { parent: this },
    );
    this.callDaily(args.roles["forecast-start"]);
    this.registerOutputs({});
  }

  private callDaily(start: Role): void {
    const { args, scope } = this;
    this.handler.callOnSchedule(
      this.named("schedule"),
      {
        schedule: {
          name: scope.names.of("schedule", "forecast"),
          description: "Starts the day's forecast",
          // The day before is over in UTC, and what came late has come.
          scheduleExpression: "cron(0 3 * * ? *)",
          flexibleTimeWindow: unhurried.window,
        },
        group: args.schedules,
        start,
        deadLetters: args.deadLetters,
        retryPolicy: unhurried.retryPolicy,
      },
      this.child(),
    );
  }
}

/** What the function holds the series against (`ForecastLimits` in `lifecycle/forecasting/watched.ts`). */
export function forecastLimits(scope: Scope): Readonly<Record<string, number>> {
  const { cost, monitoring, serving } = scope.settings;
  return {
    map50: monitoring.objectives.map50,
    latencyMs: serving.latencyP90Ms,
    diskPercent: endpointAlarms(scope)["disk"]!.threshold,
    maxInstances: serving.maxInstances,
    invocationsPerInstance: serving.invocationsPerInstance,
    monthlyUsd: cost.monthlyBudgetUsd,
  };
}
