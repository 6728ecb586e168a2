import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { writeAlarmDescription } from "../../contract/alarm-description";
import { heldQueue } from "../../contract/front-door";
import { Component } from "../component";
import { waitingQueue } from "../delivery/waiting-queue";
import type { Role } from "../identity/identity";
import { HandlerFunction } from "../reactions/function";
import type { Scope } from "../scope";
import type { FrontDoorSettings } from "../settings/front-door";
import { type DoorAlarm, doorAlarms } from "./alarms";

export interface FrontDoorArgs {
  readonly settings: FrontDoorSettings;
  readonly role: Role;
  readonly keyArn: pulumi.Input<string>;
  readonly artifactsBucket: pulumi.Input<string>;
  readonly bus: pulumi.Input<string>;
  /** Queue of held images that nobody could answer for a day. */
  readonly deadLetters: aws.sqs.Queue;
  /** Who is called by alarms: whoever tells people. */
  readonly alarmAction: pulumi.Input<string>;
}

/** Seconds beside the models': reading and keeping an image, noting and telling a switch. */
const ownSeconds = 20;

/**
 * Where clients send images: a URL that wants a signature, the queue of what nobody could answer, and the function that
 * answers it later. Both functions climb the same ladder (`lifecycle/failover/`).
 */
export class FrontDoor extends Component {
  readonly functions: readonly HandlerFunction[];
  readonly alarms: readonly aws.cloudwatch.MetricAlarm[];
  readonly url: aws.lambda.FunctionUrl;

  constructor(
    name: string,
    scope: Scope,
    private readonly args: FrontDoorArgs,
    options: pulumi.ComponentResourceOptions,
  ) {
    super("frontDoor", "FrontDoor", name, scope, options);
    const { role, deadLetters, settings } = args;
    const queue = waitingQueue(this.named("held"), heldQueue(scope.environment), deadLetters, this.child());
    const door = this.climber("front-door", "Has images answered by the best model that can, or holds them", {
      reservedConcurrency: settings.concurrency,
      // A door for images of megabytes: Lambda gives processor by memory.
      memoryMb: 1024,
    });
    const later = this.climber("answer-held", "Answers images that nobody could answer at once", {});
    new aws.lambda.EventSourceMapping(
      this.named("held-source"),
      {
        eventSourceArn: queue.arn,
        functionName: later.arn,
        batchSize: 1,
        functionResponseTypes: ["ReportBatchItemFailures"],
        // Two at a time: what has just come back is not to be knocked over by what waited for it.
        scalingConfig: { maximumConcurrency: 2 },
      },
      this.child({ dependsOn: [role.duties] }),
    );
    this.url = new aws.lambda.FunctionUrl(
      this.named("url"),
      { functionName: door.function.name, authorizationType: "AWS_IAM" },
      this.child(),
    );
    this.functions = [door, later];
    this.alarms = Object.entries(doorAlarms(scope)).map(([alarm, description]) => this.alarm(alarm, description));
    this.registerOutputs({ url: this.url.functionUrl });
  }

  private climber(
    handler: "front-door" | "answer-held",
    description: string,
    size: { readonly reservedConcurrency?: number | undefined; readonly memoryMb?: number },
  ): HandlerFunction {
    const { role, keyArn, artifactsBucket, bus, settings } = this.args;
    return new HandlerFunction(
      this.named(handler),
      this.scope,
      {
        handler,
        description,
        role,
        keyArn,
        timeoutSeconds: settings.rungs.length * settings.timeoutSeconds + ownSeconds,
        ...size,
        environment: {
          ENVIRONMENT: this.scope.environment,
          ARTIFACTS_BUCKET: artifactsBucket,
          EVENT_BUS: bus,
          RUNGS: settings.rungs.join(","),
          TIMEOUT_SECONDS: String(settings.timeoutSeconds),
        },
      },
      { parent: this },
    );
  }

  private alarm(alarm: string, { metric, ...facts }: DoorAlarm): aws.cloudwatch.MetricAlarm {
    return new aws.cloudwatch.MetricAlarm(
      this.named(`${alarm}-alarm`),
      {
        name: this.scope.names.of("alarm", "front-door", alarm),
        alarmDescription: writeAlarmDescription(facts),
        ...metric,
        comparisonOperator: "GreaterThanThreshold",
        // Without requests nothing fails, and nothing waits.
        treatMissingData: "notBreaching",
        alarmActions: [this.args.alarmAction],
        okActions: [this.args.alarmAction],
      },
      this.child(),
    );
  }
}
