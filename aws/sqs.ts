import { CreateQueueCommand, DeleteQueueCommand, GetQueueAttributesCommand, GetQueueUrlCommand, paginateListQueues, ReceiveMessageCommand, SendMessageCommand, SetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
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

  /** @param policyFor the queue's policy, from its ARN. */
  async create(name: string, tags: Readonly<Record<string, string>>, policyFor?: (arn: string) => string): Promise<{ readonly url: string; readonly arn: string }> {
    const { QueueUrl } = await this.client.send(new CreateQueueCommand({ QueueName: name, tags: { ...tags } }));
    const { Attributes } = await this.client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }));
    const arn = Attributes!["QueueArn"]!;
    if (policyFor) await this.client.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy: policyFor(arn) } }));
    return { url: QueueUrl!, arn };
  }

  /** Bodies of up to ten messages, which stay hidden for SQS's usual 30 seconds. */
  async receive(url: string): Promise<string[]> {
    const { Messages = [] } = await this.client.send(new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10 }));
    return Messages.map(({ Body }) => Body ?? "");
  }

  /** URLs of the queues whose names start so. */
  async named(start: string): Promise<string[]> {
    const urls: string[] = [];
    for await (const page of paginateListQueues({ client: this.client }, { QueueNamePrefix: start })) urls.push(...(page.QueueUrls ?? []));
    return urls;
  }

  async delete(url: string): Promise<void> {
    await this.client.send(new DeleteQueueCommand({ QueueUrl: url }));
  }
}
