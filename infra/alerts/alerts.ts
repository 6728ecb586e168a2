import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { alertTopic } from "../../contract/names";
import { Component } from "../component";
import { policyDocument, type Statement } from "../identity/document";
import type { Scope } from "../scope";
import type { AlertArea, Severity } from "../../contract/alerts";
import { subscriptionsOf, topicSuffix, topicSuffixes } from "./routes";

/**
 * Encrypted topics by severity, and by team where the routing table names one. Alarms and rules publish; people
 * subscribe. A topic for each and no filters on subscriptions: alarms and rules can set no attributes to filter by, and
 * a filter on the body drops every plain sentence in silence.
 */
export class Alerts extends Component {
  private readonly topics: ReadonlyMap<string, aws.sns.Topic>;

  constructor(name: string, scope: Scope, keyArn: pulumi.Input<string>, options: pulumi.ComponentResourceOptions) {
    super("alerts", "Alerts", name, scope, options);
    this.topics = new Map(
      topicSuffixes(scope.settings.alertRoutes).map((suffix) => [suffix, this.createTopic(suffix, keyArn)]),
    );
    const { alertEmail } = scope.settings.people;
    if (alertEmail)
      for (const severity of ["critical", "warning"])
        this.subscribe(`${severity}-email`, severity, "email", alertEmail);
    for (const { name: route, suffix, protocol, endpoint } of subscriptionsOf(scope.settings.alertRoutes))
      this.subscribe(route, suffix, protocol, endpoint);
    this.registerOutputs({});
  }

  /** The topic that hears about an area; the platform's, which also hears what no team does, when none is given. */
  arn(severity: Severity, area: AlertArea = "platform"): pulumi.Output<string> {
    return this.topic(topicSuffix(this.scope.settings.alertRoutes, severity, area)).arn;
  }

  topic(suffix: string): aws.sns.Topic {
    return this.topics.get(suffix)!;
  }

  private createTopic(suffix: string, keyArn: pulumi.Input<string>): aws.sns.Topic {
    const topicName = alertTopic(this.scope.environment, suffix);
    const topic = new aws.sns.Topic(this.named(suffix), { name: topicName, kmsMasterKeyId: keyArn }, this.child());
    new aws.sns.TopicPolicy(
      this.named(`${suffix}-policy`),
      { arn: topic.arn, policy: policyDocument(topicPolicy(this.scope, topicName, !suffix.startsWith("info"))) },
      this.child(),
    );
    return topic;
  }

  private subscribe(name: string, suffix: string, protocol: string, endpoint: string): void {
    new aws.sns.TopicSubscription(
      this.named(name),
      { topic: this.topic(suffix).arn, protocol, endpoint },
      this.child(),
    );
  }
}

/**
 * Alarms and rules of this account may publish; nobody may without TLS. The account's roles publish by their own
 * policies, which is enough within an account (SNS developer guide, "Using identity-based policies with Amazon SNS").
 * @param alarms no alarm is for information only.
 */
export function topicPolicy({ arns, place: { accountId } }: Scope, topicName: string, alarms: boolean): Statement[] {
  const topic = [arns.topic(topicName)];
  return [
    ...(alarms
      ? [
          {
            Sid: "AlarmsPublish",
            Effect: "Allow" as const,
            Principal: { Service: "cloudwatch.amazonaws.com" },
            Action: ["sns:Publish"],
            Resource: topic,
            Condition: { StringEquals: { "aws:SourceAccount": accountId } },
          },
        ]
      : []),
    // EventBridge does not support conditions in topic policies (EventBridge user guide, troubleshooting).
    {
      Sid: "RulesPublish",
      Effect: "Allow",
      Principal: { Service: "events.amazonaws.com" },
      Action: ["sns:Publish"],
      Resource: topic,
    },
    {
      Sid: "SpendingPublishes",
      Effect: "Allow",
      Principal: { Service: ["budgets.amazonaws.com", "costalerts.amazonaws.com"] },
      Action: ["sns:Publish"],
      Resource: topic,
      Condition: { StringEquals: { "aws:SourceAccount": accountId } },
    },
    {
      Sid: "TlsOnly",
      Effect: "Deny",
      Principal: "*",
      Action: ["sns:Publish"],
      Resource: topic,
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    },
  ];
}
