import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { AlertTelling } from "../alerts/telling";
import { Component } from "../component";
import type { Role } from "../identity/identity";
import type { Scope } from "../scope";
import { forwardPattern, toldPattern } from "./bus";

export interface EventsArgs {
  readonly telling: AlertTelling;
  /** Puts events of the default bus on ours. */
  readonly forwardRole: Role;
  /** Queue of events that no target took. */
  readonly deadLetters: aws.sqs.Queue;
}

/** Beyond a day nobody expects to hear of an event. */
const retryPolicy = { maximumRetryAttempts: 185, maximumEventAgeInSeconds: 86_400 };

/**
 * The environment's own event bus: its AWS events and what the platform says itself, archived and ready to be replayed,
 * with one group for all that is scheduled.
 */
export class Events extends Component {
  readonly bus: aws.cloudwatch.EventBus;
  readonly archive: aws.cloudwatch.EventArchive;
  readonly schedules: aws.scheduler.ScheduleGroup;

  constructor(
    name: string,
    scope: Scope,
    private readonly args: EventsArgs,
    options: pulumi.ComponentResourceOptions,
  ) {
    super("events", "Events", name, scope, options);
    const { environment, names, settings } = scope;
    this.bus = new aws.cloudwatch.EventBus(
      this.named("bus"),
      { name: names.of("eventBus", "events"), description: `Events of Peregrine's environment ${environment}` },
      this.child(),
    );
    this.archive = new aws.cloudwatch.EventArchive(
      this.named("archive"),
      {
        name: names.of("eventArchive", "events"),
        description: "Everything that came to the bus",
        eventSourceArn: this.bus.arn,
        retentionDays: settings.retention.eventDays,
      },
      this.child(),
    );
    this.schedules = new aws.scheduler.ScheduleGroup(
      this.named("schedules"),
      { name: names.of("scheduleGroup", "schedules"), tags: scope.tags },
      this.child(),
    );
    this.forward();
    this.tell();
    this.registerOutputs({ busName: this.bus.name });
  }

  private forward(): void {
    const { forwardRole, deadLetters } = this.args;
    const rule = new aws.cloudwatch.EventRule(
      this.named("forward"),
      {
        name: this.scope.names.of("eventRule", "forward"),
        description: "Events of this environment go on to its own bus",
        eventPattern: JSON.stringify(forwardPattern(this.scope)),
      },
      this.child(),
    );
    new aws.cloudwatch.EventTarget(
      this.named("forward-target"),
      {
        rule: rule.name,
        targetId: "bus",
        arn: this.bus.arn,
        roleArn: forwardRole.arn,
        deadLetterConfig: { arn: deadLetters.arn },
        retryPolicy,
      },
      this.child({ dependsOn: [forwardRole.duties] }),
    );
  }

  private tell(): void {
    const { telling, deadLetters } = this.args;
    const rule = new aws.cloudwatch.EventRule(
      this.named("tell"),
      {
        name: this.scope.names.of("eventRule", "tell"),
        eventBusName: this.bus.name,
        description: "People are told of the platform's own events",
        eventPattern: JSON.stringify(toldPattern),
      },
      this.child(),
    );
    new aws.cloudwatch.EventTarget(
      this.named("tell-target"),
      {
        rule: rule.name,
        eventBusName: this.bus.name,
        targetId: "tell",
        arn: telling.function.arn,
        deadLetterConfig: { arn: deadLetters.arn },
        retryPolicy,
      },
      this.child({ dependsOn: [telling.letCall("events", rule)] }),
    );
  }
}
