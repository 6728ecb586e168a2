import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { awsSource, detailType } from "../../contract/events";
import { Component } from "../component";
import type { Role } from "../identity/identity";
import { HandlerFunction } from "../reactions/function";
import type { Scope } from "../scope";
import { requestAlarms } from "../serving/alarms";

export interface FallBackArgs {
  readonly role: Role;
  readonly keyArn: pulumi.Input<string>;
  readonly artifactsBucket: pulumi.Input<string>;
  readonly bus: pulumi.Input<string>;
  readonly deadLetters: aws.sqs.Queue;
}

/**
 * Where no front door stands before the endpoint: its users' alarms ask for the way back to the release before. The
 * names of the function and of the rule begin as those of all that starts releases do, so that what keeps deployers
 * from those keeps them from these.
 */
export class FallBack extends Component {
  readonly handler: HandlerFunction;
  readonly rule: aws.cloudwatch.EventRule;

  constructor(name: string, scope: Scope, args: FallBackArgs, options: pulumi.ComponentResourceOptions) {
    super("frontDoor", "FallBack", name, scope, options);
    const { role, keyArn, artifactsBucket, bus, deadLetters } = args;
    this.handler = new HandlerFunction(
      this.named("start"),
      scope,
      {
        handler: "start-release-before",
        description: "Asks for the release before when the endpoint fails its users",
        role,
        keyArn,
        deadLettersArn: deadLetters.arn,
        environment: { ENVIRONMENT: scope.environment, ARTIFACTS_BUCKET: artifactsBucket, EVENT_BUS: bus },
      },
      { parent: this },
    );
    this.rule = new aws.cloudwatch.EventRule(
      this.named("rule"),
      {
        name: scope.names.of("eventRule", "release-before"),
        description: "The endpoint fails its users: go back to the release before",
        eventPattern: JSON.stringify(raisedPattern(scope)),
      },
      this.child(),
    );
    new aws.cloudwatch.EventTarget(
      this.named("target"),
      {
        rule: this.rule.name,
        targetId: "start",
        arn: this.handler.arn,
        deadLetterConfig: { arn: deadLetters.arn },
        // Later, the alarm says nothing about what is live then.
        retryPolicy: { maximumRetryAttempts: 20, maximumEventAgeInSeconds: 900 },
      },
      this.child({ dependsOn: [this.handler.letCall(this.named("permission"), this.rule, this.child())] }),
    );
    this.registerOutputs({});
  }
}

/** Alarms of the endpoint as its users feel it, when they are raised. */
export function raisedPattern(scope: Scope): Readonly<Record<string, unknown>> {
  return {
    source: [awsSource.cloudwatch],
    "detail-type": [detailType.alarm],
    detail: {
      alarmName: Object.keys(requestAlarms(scope)).map((alarm) => scope.names.of("alarm", "detector", alarm)),
      state: { value: ["ALARM"] },
    },
  };
}
