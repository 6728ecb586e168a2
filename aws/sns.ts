import { PublishCommand, SNSClient, SubscribeCommand, UnsubscribeCommand } from "@aws-sdk/client-sns";
import { type AwsSession, clientSettings } from "./session";

/** SNS: messages to people. */
export class Notifications {
  private readonly client: SNSClient;

  constructor(session: AwsSession) {
    this.client = new SNSClient(clientSettings(session));
  }

  /** @param subject ASCII, at most 100 characters (SNS). @returns the message's id. */
  async publish(topicArn: string, subject: string, message: string): Promise<string> {
    return (await this.client.send(new PublishCommand({ TopicArn: topicArn, Subject: subject, Message: message })))
      .MessageId!;
  }

  /** @returns ARN of the subscription. A queue confirms by itself where its policy lets the topic send. */
  async subscribe(topicArn: string, protocol: "sqs", endpoint: string): Promise<string> {
    const answer = await this.client.send(
      new SubscribeCommand({
        TopicArn: topicArn,
        Protocol: protocol,
        Endpoint: endpoint,
        ReturnSubscriptionArn: true,
      }),
    );
    return answer.SubscriptionArn!;
  }

  async unsubscribe(subscriptionArn: string): Promise<void> {
    await this.client.send(new UnsubscribeCommand({ SubscriptionArn: subscriptionArn }));
  }
}
