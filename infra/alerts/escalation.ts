import { createHash } from "node:crypto";
import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { writeAlarmDescription } from "../../contract/alarm-description";
import { type EscalationPolicy, escalationQueue, heartbeatMetric, heartbeatSubject } from "../../contract/escalation";
import { alertTopic } from "../../contract/names";
import { Component } from "../component";
import { policyDocument, type Statement } from "../identity/document";
import type { Role } from "../identity/identity";
import { HandlerFunction } from "../reactions/function";
import { rate } from "../reactions/rate";
import type { Scope } from "../scope";
import type { EscalationLevelSetting } from "../settings/alerts";
import { topicSuffixes } from "./routes";
import { type Alerts, topicPolicy } from "./alerts";

export interface EscalationArgs {
  readonly alerts: Alerts;
  readonly role: Role;
  readonly keyArn: pulumi.Input<string>;
  readonly artifactsBucket: pulumi.Input<string>;
  readonly deadLetters: aws.sqs.Queue;
}

/** Six times the function's time-out (Lambda developer guide, "Using Lambda with Amazon SQS"). */
const visibilitySeconds = 180;

/**
 * Alerts that nobody acknowledges are told to the next level, at its minute. Every topic of alerts sends to one queue as
 * well, whose function opens an escalation and has itself called by messages that the queue holds back. The path tells
 * every five minutes that it lives, from the rule to the function; an alarm that hears nothing goes to a topic of its
 * own.
 */
export class Escalation extends Component {
  readonly handler: HandlerFunction<"escalate">;
  readonly alarm: aws.cloudwatch.MetricAlarm;
  readonly rule: aws.cloudwatch.EventRule;
  private readonly queue: aws.sqs.Queue;

  constructor(
    name: string,
    scope: Scope,
    private readonly args: EscalationArgs,
    options: pulumi.ComponentResourceOptions,
  ) {
    super("alerts", "Escalation", name, scope, options);
    const { levels } = scope.settings.escalation;
    for (const level of levels) this.level(level);
    this.queue = this.takeAlerts();
    this.handler = new HandlerFunction(
      this.named("function"),
      scope,
      {
        handler: "escalate",
        description: "Tells the next level of alerts that nobody acknowledges",
        role: args.role,
        keyArn: args.keyArn,
        environment: {
          ENVIRONMENT: scope.environment,
          ARTIFACTS_BUCKET: args.artifactsBucket,
          POLICY: JSON.stringify(policyOf(scope)),
        },
      },
      { parent: this },
    );
    new aws.lambda.EventSourceMapping(
      this.named("source"),
      {
        eventSourceArn: this.queue.arn,
        functionName: this.handler.arn,
        batchSize: 1,
        functionResponseTypes: ["ReportBatchItemFailures"],
      },
      this.child({ dependsOn: [args.role.duties] }),
    );
    this.rule = this.beat();
    this.alarm = this.watch();
    this.registerOutputs({});
  }

  /** The topic of a level, and who hears it. */
  private level(level: EscalationLevelSetting): void {
    const suffix = levelSuffix(level);
    const topic = this.topic(suffix);
    const { protocol, endpoint } = level;
    new aws.sns.TopicSubscription(
      this.named(`${suffix}-subscription`),
      { topic: topic.arn, protocol, endpoint },
      this.child(),
    );
  }

  private topic(suffix: string): aws.sns.Topic {
    const name = alertTopic(this.scope.environment, suffix);
    const topic = new aws.sns.Topic(this.named(suffix), { name, kmsMasterKeyId: this.args.keyArn }, this.child());
    new aws.sns.TopicPolicy(
      this.named(`${suffix}-policy`),
      { arn: topic.arn, policy: policyDocument(topicPolicy(this.scope, name, true)) },
      this.child(),
    );
    return topic;
  }

  /** The queue, subscribed to all topics that tell people something urgent. */
  private takeAlerts(): aws.sqs.Queue {
    const { args, scope } = this;
    const name = escalationQueue(scope.environment);
    const queue = new aws.sqs.Queue(
      this.named("queue"),
      {
        name,
        visibilityTimeoutSeconds: visibilitySeconds,
        sqsManagedSseEnabled: true,
        redrivePolicy: args.deadLetters.arn.apply((deadLetterTargetArn) =>
          JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 20 }),
        ),
      },
      this.child(),
    );
    const policy = new aws.sqs.QueuePolicy(
      this.named("queue-policy"),
      { queueUrl: queue.url, policy: policyDocument(escalationQueuePolicy(scope)) },
      this.child(),
    );
    for (const suffix of urgentSuffixes(scope))
      new aws.sns.TopicSubscription(
        this.named(`hears-${suffix}`),
        { topic: args.alerts.topic(suffix).arn, protocol: "sqs", endpoint: queue.arn },
        this.child({ dependsOn: [policy] }),
      );
    return queue;
  }

  /** A rule, a topic under the alerts' key, the queue, the function: the same way that alerts go. */
  private beat(): aws.cloudwatch.EventRule {
    const topic = this.topic("heartbeat");
    new aws.sns.TopicSubscription(
      this.named("hears-heartbeat"),
      { topic: topic.arn, protocol: "sqs", endpoint: this.queue.arn },
      this.child(),
    );
    const rule = new aws.cloudwatch.EventRule(
      this.named("heartbeat-rule"),
      {
        name: this.scope.names.of("eventRule", "heartbeat"),
        description: "The path of alerts says that it lives",
        scheduleExpression: rate(5),
      },
      this.child(),
    );
    new aws.cloudwatch.EventTarget(
      this.named("heartbeat-target"),
      {
        rule: rule.name,
        targetId: "beat",
        arn: topic.arn,
        input: JSON.stringify({ kind: heartbeatSubject }),
        deadLetterConfig: { arn: this.args.deadLetters.arn },
        // The next one comes in five minutes.
        retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 300 },
      },
      this.child(),
    );
    return rule;
  }

  private watch(): aws.cloudwatch.MetricAlarm {
    const { scope } = this;
    const { environment, names, settings } = scope;
    const topic = this.topic("watchdog");
    const { alertEmail } = settings.people;
    const last = [...settings.escalation.levels].sort((one, other) => other.minutes - one.minutes)[0]!;
    const ends = [
      { protocol: last.protocol, endpoint: last.endpoint },
      ...(alertEmail ? [{ protocol: "email", endpoint: alertEmail }] : []),
    ];
    ends.forEach(({ protocol, endpoint }, index) => {
      new aws.sns.TopicSubscription(
        this.named(`watchdog-${index}`),
        { topic: topic.arn, protocol, endpoint },
        this.child(),
      );
    });
    const { namespace, name: metricName } = heartbeatMetric(environment);
    return new aws.cloudwatch.MetricAlarm(
      this.named("watchdog-alarm"),
      {
        name: names.of("alarm", "alerts-silent"),
        alarmDescription: writeAlarmDescription({
          what: "The path of alerts is silent: whatever goes wrong now, nobody hears of it. Look at the alarms themselves.",
          severity: "critical",
          area: "platform",
          cause: "alerts-silent",
          runbook: "docs/runbooks/alert-escalated.md",
          command: `npx peregrine doctor --stack ${environment}`,
        }),
        namespace,
        metricName,
        statistic: "Sum",
        comparisonOperator: "LessThanThreshold",
        threshold: 1,
        period: 300,
        evaluationPeriods: 3,
        datapointsToAlarm: 3,
        // Silence is what it is about.
        treatMissingData: "breaching",
        alarmActions: [topic.arn],
        okActions: [topic.arn],
      },
      this.child(),
    );
  }
}

/** What names a level's topic: whom it tells, of what and when. */
export function levelSuffix({ team, severity, minutes, endpoint }: EscalationLevelSetting): string {
  const digest = createHash("sha256").update(`${team} ${endpoint}`).digest("hex").slice(0, 8);
  return `${severity}-after-${minutes}-${digest}`;
}

/** Topics whose alerts wait for somebody: those that have levels at all. */
function urgentSuffixes({ settings: { alertRoutes, escalation } }: Scope): string[] {
  const severities = new Set<string>(escalation.levels.map(({ severity }) => severity));
  return topicSuffixes(alertRoutes).filter((suffix) => severities.has(suffix.split("-").at(-1)!));
}

/** Whom the function tells, and when. */
export function policyOf({ arns, environment, settings: { escalation } }: Scope): EscalationPolicy {
  return {
    levels: escalation.levels.map((level) => ({
      severity: level.severity,
      team: level.team,
      minutes: level.minutes,
      topicArn: arns.topic(alertTopic(environment, levelSuffix(level))),
    })),
    loops: escalation.loops,
    fallbackArn: arns.topic(alertTopic(environment, "watchdog")),
  };
}

/** The environment's topics of alerts send; people acknowledge by their own roles' policies. */
export function escalationQueuePolicy({ arns, environment }: Scope): Statement[] {
  return [
    {
      Sid: "AlertsArrive",
      Effect: "Allow",
      Principal: { Service: "sns.amazonaws.com" },
      Action: ["sqs:SendMessage"],
      Resource: [arns.queue(escalationQueue(environment))],
      Condition: { ArnLike: { "aws:SourceArn": arns.topic(alertTopic(environment, "*")) } },
    },
  ];
}
