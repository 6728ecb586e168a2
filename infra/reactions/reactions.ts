import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { Alerts } from "../alerts/alerts";
import { Component } from "../component";
import { policyDocument, type Statement } from "../identity/document";
import type { Role } from "../identity/identity";
import type { Scope } from "../scope";
import { HandlerFunction } from "./function";
import { type NoticeRule, noticeRules } from "./rules";

export interface ReactionsArgs {
  readonly alerts: Alerts;
  readonly announceRole: Role;
  readonly keyArn: pulumi.Input<string>;
}

/** What happens by itself: events become notices, candidates are announced, undeliverable events are kept. */
export class Reactions extends Component {
  readonly announce: HandlerFunction;
  readonly deadLetters: aws.sqs.Queue;
  readonly alarms: aws.cloudwatch.MetricAlarm[] = [];
  readonly rules: aws.cloudwatch.EventRule[] = [];

  constructor(name: string, scope: Scope, args: ReactionsArgs, options: pulumi.ComponentResourceOptions) {
    super("reactions", "Reactions", name, scope, options);
    this.deadLetters = this.keepDeadLetters(args.alerts);
    for (const [rule, description] of Object.entries(noticeRules(scope))) this.notice(rule, description, args.alerts);
    this.announce = new HandlerFunction(
      this.named("announce"),
      scope,
      {
        handler: "announce-candidate",
        description: "Tells approvers about a candidate",
        role: args.announceRole,
        keyArn: args.keyArn,
        environment: { TOPIC_ARN: args.alerts.arn("info") },
      },
      { parent: this },
    );
    this.registerOutputs({});
  }

  private notice(
    rule: string,
    { description, pattern, severity, area, paths, sentence }: NoticeRule,
    alerts: Alerts,
  ): void {
    const eventRule = new aws.cloudwatch.EventRule(
      this.named(rule),
      { name: this.scope.names.of("eventRule", rule), description, eventPattern: JSON.stringify(pattern) },
      this.child(),
    );
    this.rules.push(eventRule);
    new aws.cloudwatch.EventTarget(
      this.named(`${rule}-target`),
      {
        rule: eventRule.name,
        targetId: "notify",
        arn: alerts.arn(severity, area),
        // A template for text must itself be a JSON string.
        inputTransformer: { inputPaths: { ...paths }, inputTemplate: JSON.stringify(sentence) },
        deadLetterConfig: { arn: this.deadLetters.arn },
        retryPolicy: { maximumRetryAttempts: 20, maximumEventAgeInSeconds: 6 * 3600 },
      },
      this.child(),
    );
  }

  /** Events that no target took, for two weeks, with an alarm on the first. */
  private keepDeadLetters(alerts: Alerts): aws.sqs.Queue {
    const queueName = this.scope.names.of("queue", "dead-letters");
    const queue = new aws.sqs.Queue(
      this.named("dead-letters"),
      { name: queueName, messageRetentionSeconds: 14 * 86_400, sqsManagedSseEnabled: true },
      this.child(),
    );
    new aws.sqs.QueuePolicy(
      this.named("dead-letters-policy"),
      { queueUrl: queue.url, policy: policyDocument(deadLetterPolicy(this.scope, queueName)) },
      this.child(),
    );
    const alarm = new aws.cloudwatch.MetricAlarm(
      this.named("dead-letters-alarm"),
      {
        name: this.scope.names.of("alarm", "dead-letters"),
        alarmDescription: "An event could not be delivered; it waits in the dead-letter queue",
        namespace: "AWS/SQS",
        metricName: "ApproximateNumberOfMessagesVisible",
        dimensions: { QueueName: queueName },
        statistic: "Maximum",
        comparisonOperator: "GreaterThanThreshold",
        threshold: 0,
        period: 300,
        evaluationPeriods: 1,
        treatMissingData: "notBreaching",
        alarmActions: [alerts.arn("warning")],
      },
      this.child(),
    );
    this.alarms.push(alarm);
    return queue;
  }
}

/** Only the environment's own rules may put events there, on whichever bus; schedules do so as their role. */
export function deadLetterPolicy({ arns, names }: Scope, queueName: string): Statement[] {
  return [
    {
      Sid: "RulesPutEvents",
      Effect: "Allow",
      Principal: { Service: "events.amazonaws.com" },
      Action: ["sqs:SendMessage"],
      Resource: [arns.queue(queueName)],
      Condition: { ArnLike: { "aws:SourceArn": arns.eventRule(`${names.prefix}-*`) } },
    },
  ];
}
