import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
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
}
