import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { recorder } from "../../contract/trail";
import { Component } from "../component";
import { onlyFrom } from "../events/told-queue";
import { policyDocument, type Statement } from "../identity/document";
import type { Role } from "../identity/identity";
import { HandlerFunction } from "../reactions/function";
import type { Scope } from "../scope";

export interface RecorderArgs {
  readonly role: Role;
  readonly keyArn: pulumi.Input<string>;
  readonly artifactsBucket: pulumi.Input<string>;
  readonly auditBucket: pulumi.Input<string>;
  readonly logKeyArn: pulumi.Input<string>;
  readonly deadLetters: aws.sqs.Queue;
}

/** A first call after a long time reads and appends some thousand entries. */
const timeoutSeconds = 120;
/** Six times as long, so that a message is not handed out twice at a time (Lambda, "Using Lambda with Amazon SQS"). */
const visibilitySeconds = 6 * timeoutSeconds;
/** A day of tries; messages stay for four. */
const maxReceives = (24 * 3600) / visibilitySeconds;
/** Log files come every five minutes, several at a time: one append for all of them. */
const batch = { size: 10, windowSeconds: 30 };

/**
 * Turns the trail's log files into entries of the log. S3 tells of each file by EventBridge; a queue keeps what it
 * tells until the function took it.
 */
export class Recorder extends Component {
  readonly handler: HandlerFunction<typeof recorder>;

  constructor(
    name: string,
    scope: Scope,
    private readonly args: RecorderArgs,
    options: pulumi.ComponentResourceOptions,
  ) {
    super("audit", "Recorder", name, scope, options);
    const queue = this.queue();
    this.handler = new HandlerFunction(
      this.named("handler"),
      scope,
      {
        handler: recorder,
        description: "Adds an entry to the log for each call that changed something",
        role: args.role,
        keyArn: args.keyArn,
        timeoutSeconds,
        memoryMb: 512,
        environment: {
          ENVIRONMENT: scope.environment,
          ARTIFACTS_BUCKET: args.artifactsBucket,
          AUDIT_BUCKET: args.auditBucket,
          LOG_KEY: args.logKeyArn,
          LOG_HEAD: scope.logHeadParameter,
        },
      },
      { parent: this },
    );
    new aws.lambda.EventSourceMapping(
      this.named("source"),
      {
        eventSourceArn: queue.arn,
        functionName: this.handler.arn,
        batchSize: batch.size,
        maximumBatchingWindowInSeconds: batch.windowSeconds,
        functionResponseTypes: ["ReportBatchItemFailures"],
      },
      this.child({ dependsOn: [args.role.duties] }),
    );
    this.registerOutputs({ queueUrl: queue.url });
  }

  private queue(): aws.sqs.Queue {
    const { args, scope } = this;
    const queue = new aws.sqs.Queue(
      this.named("queue"),
      {
        name: scope.trailFilesQueue,
        visibilityTimeoutSeconds: visibilitySeconds,
        sqsManagedSseEnabled: true,
        redrivePolicy: args.deadLetters.arn.apply((deadLetterTargetArn) =>
          JSON.stringify({ deadLetterTargetArn, maxReceiveCount: maxReceives }),
        ),
      },
      this.child(),
    );
    const policy = new aws.sqs.QueuePolicy(
      this.named("policy"),
      { queueUrl: queue.url, policy: policyDocument(trailFilesQueuePolicy(scope)) },
      this.child(),
    );
    const rule = new aws.cloudwatch.EventRule(
      this.named("files"),
      {
        name: trailFilesRule(scope),
        description: "A log file of the trail came",
        eventPattern: pulumi.output(args.auditBucket).apply((bucket) => JSON.stringify(trailFilePattern(bucket))),
      },
      this.child(),
    );
    new aws.cloudwatch.EventTarget(
      this.named("files-target"),
      {
        rule: rule.name,
        targetId: "record",
        arn: queue.arn,
        deadLetterConfig: { arn: args.deadLetters.arn },
        retryPolicy: { maximumRetryAttempts: 185, maximumEventAgeInSeconds: 86_400 },
      },
      this.child({ dependsOn: [policy] }),
    );
    return queue;
  }
}

export function trailFilesRule({ names }: Scope): string {
  return names.of("eventRule", "trail", "files");
}

/** Objects under `AWSLogs/` alone: digests lie there, too, and the function passes them over. */
function trailFilePattern(bucket: string): object {
  return {
    source: ["aws.s3"],
    "detail-type": ["Object Created"],
    detail: { bucket: { name: [bucket] }, object: { key: [{ prefix: "AWSLogs/" }] } },
  };
}

/** Log files are told by their rule and by nothing else: whoever could send here would choose what is read. */
export function trailFilesQueuePolicy(scope: Scope): Statement[] {
  const { arns, trailFilesQueue } = scope;
  return onlyFrom(arns.eventRule(trailFilesRule(scope)), arns.queue(trailFilesQueue), "FilesAreTold");
}
