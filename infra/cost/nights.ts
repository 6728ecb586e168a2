import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../component";
import type { Role } from "../identity/identity";
import type { Scope } from "../scope";
import type { MonitoredEndpoint } from "../serving/monitored-endpoint";
import type { OfficeHours } from "../settings/cost";

export interface NightsArgs {
  readonly detector: MonitoredEndpoint;
  readonly office: OfficeHours;
  /** Deletes and makes the endpoint; present where nights are off. */
  readonly role: Role | undefined;
  /** Keeps what a schedule could not do. */
  readonly deadLetters: aws.sqs.Queue;
}

/** The least that a SageMaker endpoint without inference components can run. */
const nightInstances = 1;

/**
 * Nights and weekends of an endpoint that nobody needs then. It scales in to one instance, or, where it has no more, is
 * deleted in the evening and made again in the morning from the same configuration; releases of such an environment are
 * for office hours.
 */
export class Nights extends Component {
  private readonly office: OfficeHours;

  constructor(name: string, scope: Scope, args: NightsArgs, options: pulumi.ComponentResourceOptions) {
    super("cost", "Nights", name, scope, options);
    this.office = args.office;
    if (args.role) this.close(args, args.role);
    else if (args.detector.scaling) this.scaleIn(args.detector.scaling);
    this.registerOutputs({});
  }

  private scaleIn(target: aws.appautoscaling.Target): void {
    const { minInstances, maxInstances } = this.scope.settings.serving;
    const { from, to } = this.office;
    const evening = this.bounds("evening", to, target, { min: nightInstances, max: nightInstances });
    // One after the other: Application Auto Scaling refuses two changes of a target at the same time.
    this.bounds("morning", from, target, { min: minInstances, max: maxInstances }, [evening]);
  }

  private bounds(
    name: string,
    time: string,
    target: aws.appautoscaling.Target,
    { min, max }: { readonly min: number; readonly max: number },
    dependsOn: pulumi.Resource[] = [],
  ): aws.appautoscaling.ScheduledAction {
    const { serviceNamespace, resourceId, scalableDimension } = target;
    return new aws.appautoscaling.ScheduledAction(
      this.named(name),
      {
        name: this.scope.names.of("scheduledAction", name),
        serviceNamespace,
        resourceId,
        scalableDimension,
        schedule: onWorkdays(time),
        timezone: this.office.timezone,
        scalableTargetAction: { minCapacity: min, maxCapacity: max },
      },
      this.child({ dependsOn }),
    );
  }

  private close({ detector, deadLetters }: NightsArgs, role: Role): void {
    const { endpointName: EndpointName, tags } = this.scope;
    const { from, to } = this.office;
    const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    this.call("evening", to, "deleteEndpoint", JSON.stringify({ EndpointName }), role, deadLetters);
    this.call(
      "morning",
      from,
      "createEndpoint",
      detector.configuration.name.apply((EndpointConfigName) =>
        JSON.stringify({ EndpointName, EndpointConfigName, Tags }),
      ),
      role,
      deadLetters,
    );
  }

  /** Calls an operation of SageMaker by a universal target, without a function in between. */
  private call(
    name: string,
    time: string,
    operation: string,
    input: pulumi.Input<string>,
    role: Role,
    deadLetters: aws.sqs.Queue,
  ): void {
    const { names, place } = this.scope;
    new aws.scheduler.Schedule(
      this.named(name),
      {
        name: names.of("schedule", name),
        description: `${operation} of the detector, outside of office hours`,
        scheduleExpression: onWorkdays(time),
        scheduleExpressionTimezone: this.office.timezone,
        flexibleTimeWindow: { mode: "OFF" },
        target: {
          arn: `arn:${place.partition}:scheduler:::aws-sdk:sagemaker:${operation}`,
          roleArn: role.arn,
          input,
          deadLetterConfig: { arn: deadLetters.arn },
          // Half an hour: an evening's call must not meet the morning's endpoint.
          retryPolicy: { maximumRetryAttempts: 10, maximumEventAgeInSeconds: 1800 },
        },
      },
      this.child({ dependsOn: [role.duties] }),
    );
  }
}

/** A time of day, Monday to Friday, as EventBridge Scheduler and Application Auto Scaling write it. */
export function onWorkdays(time: string): string {
  const [hours, minutes] = time.split(":").map(Number);
  return `cron(${minutes} ${hours} ? * MON-FRI *)`;
}
