import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { requestQueue } from "../../lifecycle/release-request";
import { Component } from "../component";
import type { Role } from "../identity/identity";
import { HandlerFunction } from "../reactions/function";
import type { Scope } from "../scope";

export interface ReleaseRequestsArgs {
  readonly role: Role;
  readonly keyArn: pulumi.Input<string>;
  /** Queue of requests that came to nothing. */
  readonly deadLetters: aws.sqs.Queue;
}

/** Tries before a request is given up: two hours of them, since a project at its limit of builds may refuse another. */
const mostReceives = 40;
/** Six times the function's time-out (Lambda developer guide, "Using Lambda with Amazon SQS"). */
const visibilitySeconds = 180;

/**
 * How people release and roll back: a message to the queue of the environment, which a function turns into a release build. Nobody
 * starts builds by hand, so nobody overrides what a build is.
 */
export class ReleaseRequests extends Component {
  constructor(name: string, scope: Scope, { role, keyArn, deadLetters }: ReleaseRequestsArgs, options: pulumi.ComponentResourceOptions) {
    super("delivery", "ReleaseRequests", name, scope, options);
    const { targets } = scope.settings.delivery;
    const start = new HandlerFunction(
      this.named("start"),
      scope,
      { handler: "start-release", description: "Starts the release build that somebody asked for", role, keyArn, environment: { RELEASE_PROJECT: scope.releaseProject, RELEASE_TARGETS: targets.join(",") } },
      { parent: this },
    );
    for (const target of targets) {
      const queue = new aws.sqs.Queue(
        this.named(target),
        {
          name: requestQueue(target),
          visibilityTimeoutSeconds: visibilitySeconds,
          sqsManagedSseEnabled: true,
          redrivePolicy: deadLetters.arn.apply((deadLetterTargetArn) => JSON.stringify({ deadLetterTargetArn, maxReceiveCount: mostReceives })),
        },
        this.child(),
      );
      new aws.lambda.EventSourceMapping(
        this.named(`${target}-source`),
        { eventSourceArn: queue.arn, functionName: start.arn, batchSize: 1, functionResponseTypes: ["ReportBatchItemFailures"] },
        this.child({ dependsOn: [role.duties] }),
      );
    }
    this.registerOutputs({});
  }
}
