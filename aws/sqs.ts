import {
  CreateQueueCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  paginateListQueues,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { type AwsSession, clientSettings } from "./session";

export interface TakenMessage {
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
}

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

  /** Sends a message that SQS hands out after a while. @param seconds at most 900 (SQS API, DelaySeconds). */
  async sendLater(queueName: string, body: string, seconds: number): Promise<void> {
    const { QueueUrl } = await this.client.send(new GetQueueUrlCommand({ QueueName: queueName }));
    await this.client.send(new SendMessageCommand({ QueueUrl, MessageBody: body, DelaySeconds: seconds }));
  }

  /** @param policyFor the queue's policy, from its ARN. */
  async create(
    name: string,
    tags: Readonly<Record<string, string>>,
    policyFor?: (arn: string) => string,
  ): Promise<{ readonly url: string; readonly arn: string }> {
    const { QueueUrl } = await this.client.send(new CreateQueueCommand({ QueueName: name, tags: { ...tags } }));
    const { Attributes } = await this.client.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }),
    );
    const arn = Attributes!["QueueArn"]!;
    if (policyFor)
      await this.client.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy: policyFor(arn) } }));
    return { url: QueueUrl!, arn };
  }

  /**
   * Takes up to ten messages out of a queue.
   * @returns their bodies, and what their senders said beside (EventBridge says there why an event is a dead letter).
   */
  async take(url: string): Promise<TakenMessage[]> {
    const { Messages = [] } = await this.client.send(
      new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10, MessageAttributeNames: ["All"] }),
    );
    for (const { ReceiptHandle } of Messages)
      await this.client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));
    return Messages.map(({ Body = "", MessageAttributes = {} }) => ({
      body: Body,
      attributes: Object.fromEntries(
        Object.entries(MessageAttributes).map(([name, { StringValue = "" }]) => [name, StringValue]),
      ),
    }));
  }

  /** URLs of the queues whose names start so. */
  async named(start: string): Promise<string[]> {
    const urls: string[] = [];
    for await (const page of paginateListQueues({ client: this.client }, { QueueNamePrefix: start }))
      urls.push(...(page.QueueUrls ?? []));
    return urls;
  }

  async delete(url: string): Promise<void> {
    await this.client.send(new DeleteQueueCommand({ QueueUrl: url }));
  }
}
