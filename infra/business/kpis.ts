import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../component";
import type { Role } from "../identity/identity";
import { HandlerFunction, unhurried } from "../reactions/function";
import type { Scope } from "../scope";

export interface KpisArgs {
  readonly roles: Readonly<Record<"publish-kpis" | "publish-kpis-start", Role>>;
  readonly keyArn: pulumi.Input<string>;
  readonly artifactsBucket: pulumi.Input<string>;
  readonly schedules: aws.scheduler.ScheduleGroup;
  readonly deadLetters: aws.sqs.Queue;
}

/** Publishes the environment's business metrics once a day, and keeps what their sources forget. */
export class Kpis extends Component {
  readonly handler: HandlerFunction<"publish-kpis">;

  constructor(
    name: string,
    scope: Scope,
    private readonly args: KpisArgs,
    options: pulumi.ComponentResourceOptions,
  ) {
    super("business", "Kpis", name, scope, options);
    const { kpis, monitoring } = scope.settings;
    this.handler = new HandlerFunction(
      this.named("handler"),
      scope,
      {
        handler: "publish-kpis",
        description: "Publishes business metrics of the days that are over",
        role: args.roles["publish-kpis"],
        keyArn: args.keyArn,
        // A year of labelled flights is read as a whole.
        memoryMb: 512,
        timeoutSeconds: 120,
        environment: {
          ENVIRONMENT: scope.environment,
          ENDPOINT: scope.endpointName,
          ARTIFACTS_BUCKET: args.artifactsBucket,
          KPIS: JSON.stringify(kpis),
          SETTLE_DAYS: String(Math.ceil(monitoring.objectives.labelLagHours / 24)),
        },
      },
      { parent: this },
    );
    this.callDaily(args.roles["publish-kpis-start"]);
    this.registerOutputs({});
  }

  private callDaily(start: Role): void {
    const { args, scope } = this;
    this.handler.callOnSchedule(
      this.named("schedule"),
      {
        schedule: {
          name: scope.names.of("schedule", "kpis"),
          description: "Starts the day's publication of business metrics",
          // After the forecast, when the business has delivered the day before.
          scheduleExpression: "cron(0 5 * * ? *)",
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
