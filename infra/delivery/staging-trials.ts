import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { Handler, HandlerVariables } from "../../contract/variables";
import { trialEnvironment } from "../../contract/environments";
import { Component } from "../component";
import type { Role } from "../identity/identity";
import { HandlerFunction } from "../reactions/function";
import type { Scope } from "../scope";
import { endedPattern, retryPolicy } from "./rules";
import { maxReceives, waitingQueue } from "./waiting-queue";

export interface StagingTrialsArgs {
  readonly role: Role;
  readonly keyArn: pulumi.Input<string>;
  /** Queue of messages and events that nobody took. */
  readonly deadLetters: aws.sqs.Queue;
}

/**
 * Candidates are tried in staging before anybody decides: the pipeline's `DeployStaging` step puts a message here and
 * waits, a function starts a release build for it, and the build ends the step. A build that cannot is ended by a
 * second function.
 */
export class StagingTrials extends Component {
  readonly queue: aws.sqs.Queue;

  constructor(
    name: string,
    scope: Scope,
    private readonly args: StagingTrialsArgs,
    options: pulumi.ComponentResourceOptions,
  ) {
    super("delivery", "StagingTrials", name, scope, options);
    this.queue = waitingQueue(this.named("queue"), scope.trialQueue, args.deadLetters, this.child());
    this.startBuilds();
    this.endLostTrials();
    this.registerOutputs({ queueUrl: this.queue.url });
  }

  private startBuilds(): void {
    const { releaseProject } = this.scope;
    const start = this.handler("start", "deploy-candidate", "Starts the build that tries a candidate in staging", {
      RELEASE_PROJECT: releaseProject,
      TRIAL_ENVIRONMENT: trialEnvironment,
      MAX_RECEIVES: String(maxReceives),
    });
    new aws.lambda.EventSourceMapping(
      this.named("source"),
      {
        eventSourceArn: this.queue.arn,
        functionName: start.arn,
        batchSize: 5,
        functionResponseTypes: ["ReportBatchItemFailures"],
      },
      this.child({ dependsOn: [this.args.role.duties] }),
    );
  }

  private endLostTrials(): void {
    const { names } = this.scope;
    const end = this.handler(
      "end",
      "end-trial",
      "Fails the pipeline's step when its build ended without an outcome",
      {},
    );
    const rule = new aws.cloudwatch.EventRule(
      this.named("ended"),
      {
        name: names.of("eventRule", "trial-ended"),
        description: "A release build ended badly or was stopped: nobody may wait for it",
        eventPattern: JSON.stringify(endedPattern(this.scope)),
      },
      this.child(),
    );
    new aws.cloudwatch.EventTarget(
      this.named("ended-target"),
      {
        rule: rule.name,
        targetId: "end",
        arn: end.arn,
        deadLetterConfig: { arn: this.args.deadLetters.arn },
        retryPolicy,
      },
      this.child({ dependsOn: [end.letCall(this.named("ended-permission"), rule, this.child())] }),
    );
  }

  private handler<Name extends Handler>(
    suffix: string,
    handler: Name,
    description: string,
    environment: HandlerVariables<Name>,
  ): HandlerFunction<Name> {
    const { role, keyArn } = this.args;
    return new HandlerFunction(
      this.named(suffix),
      this.scope,
      { handler, description, role, keyArn, environment },
      { parent: this },
    );
  }
}
