import { each, given, need, type Permissions } from "./requirements";

/** The topic of a subscription: its ARN without the subscription's own id. */
function topicOf(subscription: unknown): string {
  return String(subscription).split(":").slice(0, 6).join(":");
}

/** What SNS's operations require. */
export const snsPermissions: Permissions = {
  CreateTopic: (input) => {
    const topic = `arn:aws:sns:::${String(input.Name)}`;
    return [
      need("sns:CreateTopic", topic),
      ...((input.Tags as unknown[] | undefined)?.length ? [need("sns:TagResource", topic)] : []),
    ];
  },
  ...each(
    "DeleteTopic GetTopicAttributes SetTopicAttributes ListSubscriptionsByTopic ConfirmSubscription AddPermission RemovePermission",
    (operation) => (input) => [need(`sns:${operation}`, String(input.TopicArn))],
  ),
  ...each("Publish PublishBatch", () => (input) => [
    need("sns:Publish", String(input.TopicArn ?? input.TargetArn ?? "*")),
  ]),
  Subscribe: (input) => [
    need(
      "sns:Subscribe",
      String(input.TopicArn),
      given({ "sns:Protocol": input.Protocol, "sns:Endpoint": input.Endpoint }),
    ),
  ],
  ...each("Unsubscribe GetSubscriptionAttributes SetSubscriptionAttributes", (operation) => (input) => [
    need(`sns:${operation}`, topicOf(input.SubscriptionArn)),
  ]),
  ...each(
    "TagResource UntagResource ListTagsForResource GetDataProtectionPolicy PutDataProtectionPolicy",
    (operation) => (input) => [need(`sns:${operation}`, String(input.ResourceArn))],
  ),
};
