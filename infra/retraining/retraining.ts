import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../component";
import { waitingQueue } from "../delivery/waiting-queue";
import { policyDocument } from "../identity/document";
import { processingMaxHours } from "../identity/documents/jobs";
import type { Role } from "../identity/identity";
import { monitoringCron } from "../monitoring/pipeline";
import { HandlerFunction } from "../reactions/function";
import type { Scope } from "../scope";
import { proposalQueuePolicy } from "./proposals";

export interface RetrainingArgs {
  readonly roles: Readonly<Record<"retraining" | "new-data" | "new-data-start", Role>>;
  readonly keyArn: pulumi.Input<string>;
  readonly artifactsBucket: pulumi.Input<string>;
  readonly pipelineName: pulumi.Input<string>;
  readonly bus: pulumi.Input<string>;
  readonly schedules: aws.scheduler.ScheduleGroup;
  readonly deadLetters: aws.sqs.Queue;
}

/**
 * Whether to train again, decided in one place: a queue of proposals, the function that decides about each, and the
 * look for new flights in the dataset bucket.
 */
export class Retraining extends Component {
  /** What lets proposals in. */
  readonly policy: aws.sqs.QueuePolicy;
  readonly functions: readonly HandlerFunction[];

  constructor(
    name: string,
    scope: Scope,
    private readonly args: RetrainingArgs,
    options: pulumi.ComponentResourceOptions,
  ) {
    super("retraining", "Retraining", name, scope, options);
    const queue = waitingQueue(this.named("queue"), scope.retrainingQueue, args.deadLetters, this.child());
    this.policy = new aws.sqs.QueuePolicy(
      this.named("policy"),
      { queueUrl: queue.url, policy: policyDocument(proposalQueuePolicy(scope)) },
      this.child(),
    );
    this.functions = [this.decide(queue), this.look()];
    this.registerOutputs({ queueUrl: queue.url });
  }

  private decide(queue: aws.sqs.Queue): HandlerFunction {
    const { args, scope } = this;
    const { retraining, training } = scope.settings;
    const decide = new HandlerFunction(
      this.named("decide"),
      scope,
      {
        handler: "decide-retraining",
        description: "Decides whether a proposed retraining is made",
        role: args.roles.retraining,
        keyArn: args.keyArn,
        timeoutSeconds: 30,
        environment: {
          PIPELINE: args.pipelineName,
          MODEL_PACKAGE_GROUP: scope.modelPackageGroup,
          ARTIFACTS_BUCKET: args.artifactsBucket,
          EVENT_BUS: args.bus,
          ENDPOINTS: scope.endpointName,
          POLICY: JSON.stringify({
            cooldownHours: retraining.cooldownHours,
            minLabels: retraining.minLabels,
            minGrowth: retraining.minGrowth,
            monthlyUsd: retraining.monthlyUsd,
            maxFailures: retraining.maxFailures,
            pointDays: retraining.pointDays,
          }),
          HOSTS: JSON.stringify({
            trainingInstanceType: training.instanceType,
            processingInstanceType: training.processingInstanceType,
            trainingMaxHours: training.maxHours,
            processingMaxHours,
          }),
        },
      },
      { parent: this },
    );
    new aws.lambda.EventSourceMapping(
      this.named("source"),
      {
        eventSourceArn: queue.arn,
        functionName: decide.arn,
        batchSize: 1,
        functionResponseTypes: ["ReportBatchItemFailures"],
      },
      this.child({ dependsOn: [args.roles.retraining.duties] }),
    );
    return decide;
  }

  private look(): HandlerFunction {
    const { args, scope } = this;
    const { dataset, retraining } = scope.settings;
    const look = new HandlerFunction(
      this.named("look"),
      scope,
      {
        handler: "find-new-data",
        description: "Looks for new flights in the dataset bucket",
        role: args.roles["new-data"],
        keyArn: args.keyArn,
        // A first look reads thousands of label files, and no more (functions/new-data/labels.ts).
        timeoutSeconds: 300,
        environment: {
          DATASET_BUCKET: dataset.bucket,
          DATASET_PREFIX: dataset.prefix,
          ARTIFACTS_BUCKET: args.artifactsBucket,
          EVENT_BUS: args.bus,
        },
      },
      { parent: this },
    );
    look.callOnSchedule(
      this.named("look-schedule"),
      {
        schedule: {
          name: scope.names.of("schedule", "new-data"),
          description: "Starts the look for new flights",
          scheduleExpression: monitoringCron(retraining.lookEveryHours),
          flexibleTimeWindow: { mode: "OFF" },
        },
        group: args.schedules,
        start: args.roles["new-data-start"],
        deadLetters: args.deadLetters,
        retryPolicy: { maximumRetryAttempts: 3, maximumEventAgeInSeconds: 3600 },
      },
      this.child(),
    );
    return look;
  }
}
