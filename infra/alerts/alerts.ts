import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../component";
import { policyDocument, type Statement } from "../identity/document";
import type { Scope } from "../scope";

/** How soon somebody must act: at once, this working day, or never (for the record and for approvals). */
export const severities = ["critical", "warning", "info"] as const;
export type Severity = (typeof severities)[number];

/** One encrypted topic per severity. Alarms and rules publish; people subscribe. */
export class Alerts extends Component {
  readonly topics: Readonly<Record<Severity, aws.sns.Topic>>;

  constructor(name: string, scope: Scope, keyArn: pulumi.Input<string>, options: pulumi.ComponentResourceOptions) {
    super("alerts", "Alerts", name, scope, options);
    const create = (severity: Severity): aws.sns.Topic => {
      const topicName = topicNameOf(scope, severity);
      const topic = new aws.sns.Topic(this.named(severity), { name: topicName, kmsMasterKeyId: keyArn }, this.child());
      new aws.sns.TopicPolicy(this.named(`${severity}-policy`), { arn: topic.arn, policy: policyDocument(topicPolicy(scope, topicName)) }, this.child());
      const { alertEmail } = scope.settings.people;
      if (alertEmail && severity !== "info") new aws.sns.TopicSubscription(this.named(`${severity}-email`), { topic: topic.arn, protocol: "email", endpoint: alertEmail }, this.child());
      return topic;
    };
    this.topics = Object.fromEntries(severities.map((severity) => [severity, create(severity)])) as Record<Severity, aws.sns.Topic>;
    this.registerOutputs({});
  }

  arn(severity: Severity): pulumi.Output<string> {
    return this.topics[severity].arn;
  }
}

export function topicNameOf({ names }: Scope, severity: Severity): string {
  return names.of("topic", `alerts-${severity}`);
}

/** Alarms and rules of this account may publish; nobody may without TLS. */
export function topicPolicy({ arns, place: { accountId } }: Scope, topicName: string): Statement[] {
  const topic = [arns.topic(topicName)];
  return [
    { Sid: "AlarmsPublish", Effect: "Allow", Principal: { Service: "cloudwatch.amazonaws.com" }, Action: ["sns:Publish"], Resource: topic, Condition: { StringEquals: { "aws:SourceAccount": accountId } } },
    // EventBridge does not support conditions in topic policies (EventBridge user guide, troubleshooting).
    { Sid: "RulesPublish", Effect: "Allow", Principal: { Service: "events.amazonaws.com" }, Action: ["sns:Publish"], Resource: topic },
    { Sid: "SpendingPublishes", Effect: "Allow", Principal: { Service: ["budgets.amazonaws.com", "costalerts.amazonaws.com"] }, Action: ["sns:Publish"], Resource: topic, Condition: { StringEquals: { "aws:SourceAccount": accountId } } },
    { Sid: "AccountUses", Effect: "Allow", Principal: { AWS: arns.accountRoot }, Action: ["sns:Publish", "sns:Subscribe", "sns:GetTopicAttributes"], Resource: topic },
    { Sid: "TlsOnly", Effect: "Deny", Principal: "*", Action: ["sns:Publish"], Resource: topic, Condition: { Bool: { "aws:SecureTransport": "false" } } },
  ];
}
