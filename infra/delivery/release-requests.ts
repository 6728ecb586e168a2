import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { requestQueue } from "../../contract/release-request";
import { Component } from "../component";
import { onlyFrom } from "../events/told-queue";
import { policyDocument, type Statement } from "../identity/document";
import type { Role } from "../identity/identity";
import { HandlerFunction } from "../reactions/function";
import type { Scope } from "../scope";
import { approvedPattern, releaseRule, retryPolicy } from "./rules";
import { waitingQueue } from "./waiting-queue";

export interface ReleaseRequestsArgs {
  readonly role: Role;
  readonly keyArn: pulumi.Input<string>;
  /** Queue of requests and approvals that came to nothing. */
  readonly deadLetters: aws.sqs.Queue;
}

/**
 * What starts release builds: the registry's approvals, and people who ask for a release or a rollback. Each is a
 * message in a queue, which a function turns into a build: a build that runs already makes the next one wait, and loses
 * none. Nobody starts builds by hand, so nobody overrides what a build is.
 */
export class ReleaseRequests extends Component {
  private readonly start: HandlerFunction;

  constructor(
    name: string,
    scope: Scope,
    private readonly args: ReleaseRequestsArgs,
    options: pulumi.ComponentResourceOptions,
  ) {
    super("delivery", "ReleaseRequests", name, scope, options);
    const { targets } = scope.settings.delivery;
    const { role, keyArn } = args;
    this.start = new HandlerFunction(
      this.named("start"),
      scope,
      {
        handler: "start-release",
        description: "Starts the release build that was approved or asked for",
        role,
        keyArn,
        environment: {
          RELEASE_PROJECT: scope.releaseProject,
          REGISTRY: scope.environment,
          RELEASE_TARGETS: targets.join(","),
        },
      },
      { parent: this },
    );
    for (const target of targets) this.queue(target, requestQueue(target));
    this.takeApprovals(this.queue("approvals", scope.approvalQueue));
    this.registerOutputs({});
  }

  private queue(part: string, name: string): aws.sqs.Queue {
    const queue = waitingQueue(this.named(part), name, this.args.deadLetters, this.child());
    new aws.lambda.EventSourceMapping(
      this.named(`${part}-source`),
      {
        eventSourceArn: queue.arn,
        functionName: this.start.arn,
        batchSize: 1,
        functionResponseTypes: ["ReportBatchItemFailures"],
      },
      this.child({ dependsOn: [this.args.role.duties] }),
    );
    return queue;
  }

  private takeApprovals(queue: aws.sqs.Queue): void {
    const {
      scope,
      args: { deadLetters },
    } = this;
    const name = releaseRule(scope, "approved");
    const rule = new aws.cloudwatch.EventRule(
      this.named("approved"),
      {
        name,
        description: "A model package was approved: release it",
        eventPattern: JSON.stringify(approvedPattern(scope)),
      },
      this.child(),
    );
    const policy = new aws.sqs.QueuePolicy(
      this.named("approvals-policy"),
      { queueUrl: queue.url, policy: policyDocument(approvalQueuePolicy(scope)) },
      this.child(),
    );
    new aws.cloudwatch.EventTarget(
      this.named("approved-target"),
      { rule: rule.name, targetId: "release", arn: queue.arn, deadLetterConfig: { arn: deadLetters.arn }, retryPolicy },
      this.child({ dependsOn: [policy] }),
    );
  }
}

/**
 * Approvals come by their rule and by nothing else: a message of a person, the administrator included, is never taken
 * for one.
 */
export function approvalQueuePolicy(scope: Scope): Statement[] {
  const { arns, approvalQueue } = scope;
  return onlyFrom(arns.eventRule(releaseRule(scope, "approved")), arns.queue(approvalQueue), "ApprovalsArrive");
}
