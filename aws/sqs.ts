import { GetQueueUrlCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { type AwsSession, clientSettings } from "./session";

/** Queues, as far as requests are put there. */
export class Queues {
  private readonly client: SQSClient;

  constructor(session: AwsSession) {
    this.client = new SQSClient(clientSettings(session));
  }

  /** @returns the message's id. @throws SQS's errors: `QueueDoesNotExist`, `AccessDenied`. */
  async send(queueName: string, body: string): Promise<string> {
    const { QueueUrl } = await this.client.send(new GetQueueUrlCommand({ QueueName: queueName }));
    return (await this.client.send(new SendMessageCommand({ QueueUrl, MessageBody: body }))).MessageId!;
  }
}
