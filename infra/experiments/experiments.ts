import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../component";
import type { Role } from "../identity/identity";
import { HandlerFunction } from "../reactions/function";
import { rate } from "../reactions/rate";
import type { Scope } from "../scope";

export interface ExperimentsArgs {
  readonly roles: Readonly<Record<"look-at-experiment" | "look-at-experiment-start", Role>>;
  readonly keyArn: pulumi.Input<string>;
  readonly artifactsBucket: pulumi.Input<string>;
  readonly bus: pulumi.Input<string>;
  readonly schedules: aws.scheduler.ScheduleGroup;
  readonly deadLetters: aws.sqs.Queue;
}

/**
 * A look every few minutes at the experiment that runs on the endpoint, if one does: it moves traffic, takes it away
 * from what does harm, and says how the experiment ends.
 */
export class Experiments extends Component {
  readonly look: HandlerFunction<"look-at-experiment">;

  constructor(
    name: string,
    scope: Scope,
    private readonly args: ExperimentsArgs,
    options: pulumi.ComponentResourceOptions,
  ) {
    super("experiments", "Experiments", name, scope, options);
    this.look = new HandlerFunction(
      this.named("look"),
      scope,
      {
        handler: "look-at-experiment",
        description: "Looks at the endpoint's experiment, decides and acts",
        role: args.roles["look-at-experiment"],
        keyArn: args.keyArn,
        // Weeks of looks are judged as a whole.
        timeoutSeconds: 120,
        environment: {
          ENVIRONMENT: scope.environment,
          ENDPOINT: scope.endpointName,
          ARTIFACTS_BUCKET: args.artifactsBucket,
          EVENT_BUS: args.bus,
          LATENCY_MS: String(scope.settings.serving.latencyP90Ms),
        },
      },
      { parent: this },
    );
    this.call(args.roles["look-at-experiment-start"]);
    this.registerOutputs({});
  }

  private call(start: Role): void {
    const { args, scope } = this;
    const { everyMinutes } = scope.settings.experiments;
    this.look.callOnSchedule(
      this.named("schedule"),
      {
        schedule: {
          name: scope.names.of("schedule", "experiment"),
          description: "Starts the look at the experiment",
          scheduleExpression: rate(everyMinutes),
          flexibleTimeWindow: { mode: "OFF" },
        },
        group: args.schedules,
        start,
        deadLetters: args.deadLetters,
        // The next look does what this one could not.
        retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 },
      },
      this.child(),
    );
  }
}
