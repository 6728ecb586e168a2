import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../component";
import type { Role } from "../identity/identity";
import type { Scope } from "../scope";
import type { Alerts } from "./alerts";
import { channelsOf } from "./routes";

/**
 * Alerts in chat channels, by Amazon Q Developer in chat applications. A person authorises the workspace once in its
 * console; there is no API for that. The channel's role shows graphs and nothing else, whoever types there.
 */
export class AlertChannels extends Component {
  constructor(
    name: string,
    scope: Scope,
    args: { readonly alerts: Alerts; readonly role: Role },
    options: pulumi.ComponentResourceOptions,
  ) {
    super("alerts", "AlertChannels", name, scope, options);
    for (const { name: channel, workspaceId, channelId, suffixes } of channelsOf(scope.settings.alertRoutes))
      new aws.chatbot.SlackChannelConfiguration(
        this.named(channel),
        {
          configurationName: scope.names.of("chatConfiguration", channel),
          slackTeamId: workspaceId,
          slackChannelId: channelId,
          iamRoleArn: args.role.arn,
          guardrailPolicyArns: [`arn:${scope.place.partition}:iam::aws:policy/CloudWatchReadOnlyAccess`],
          snsTopicArns: suffixes.map((suffix) => args.alerts.topic(suffix).arn),
          loggingLevel: "ERROR",
        },
        this.child({ dependsOn: [args.role.duties] }),
      );
    this.registerOutputs({});
  }
}
