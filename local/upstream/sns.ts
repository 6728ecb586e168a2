import { RawResponse, type Call, type Cloud, type Handler, type Members } from "../cloud";
import { dependentFacts } from "../iam/dependents/facts";
import { keyOfQueue } from "../iam/dependents/messages";
import type { Principal } from "../iam/principal";

interface QueueSubscription {
  readonly topic: string;
  readonly queue: string;
}

/**
 * Delivery to queues as SNS does it: as the service, for the topic. The queue's policy has to let `sns.amazonaws.com` send, and the policy of
 * its key has to let it encrypt (SNS developer guide, "Fanout to Amazon SQS queues", "Encrypting SQS queues"). What is refused is lost
 * without a word to the publisher; it counts as NumberOfNotificationsFailed. Dead-letter queues of subscriptions are not filled.
 */
export function topicOperations(cloud: Cloud, toMoto: Handler): Record<string, Handler> {
  const subscriptions = cloud.journal.table<QueueSubscription>("sns/queues");
  const facts = dependentFacts(cloud);

  function mayDeliver({ topic, queue }: QueueSubscription, caller: Call): boolean {
    const principal: Principal = { type: "service", arn: "sns.amazonaws.com", accountId: cloud.accountId, id: "sns.amazonaws.com", sourceArn: topic };
    const call: Call = { ...caller, service: "sqs", operation: "SendMessage", principal };
    return [{ action: "sqs:SendMessage", resource: queue }, ...keyOfQueue(facts, call, queue)].every((requirement) => cloud.authoriser.allows?.(requirement, call) ?? true);
  }

  const publish: Handler = async (input, call) => {
    const topic = String(input.TopicArn ?? input.TargetArn);
    const refused = [...subscriptions.entries()].filter(([, one]) => one.topic === topic && !mayDeliver(one, call)).map(([arn]) => arn);
    const output = await toMoto(input, refused.length === 0 ? call : { ...call, upstreamHeaders: { "x-peregrine-refused": refused.join(",") } });
    if (refused.length > 0) cloud.internals.measure([{ namespace: "AWS/SNS", name: "NumberOfNotificationsFailed", dimensions: { TopicName: topic.slice(topic.lastIndexOf(":") + 1) }, value: refused.length, unit: "Count" }]);
    return output;
  };

  return {
    Publish: publish,
    PublishBatch: publish,
    Subscribe: async (input, call) => {
      const output = (await toMoto(input, call)) ?? {};
      const arn = output instanceof RawResponse ? /<SubscriptionArn>([^<]+)</.exec(output.body.toString("utf8"))?.[1] : ((output as Members).SubscriptionArn as string | undefined);
      if (arn && input.Protocol === "sqs") subscriptions.put(arn, { topic: String(input.TopicArn), queue: String(input.Endpoint) });
      return output;
    },
    Unsubscribe: async (input, call) => {
      const output = await toMoto(input, call);
      subscriptions.delete(String(input.SubscriptionArn));
      return output;
    },
    DeleteTopic: async (input, call) => {
      const output = await toMoto(input, call);
      for (const [arn, { topic }] of [...subscriptions.entries()]) if (topic === input.TopicArn) subscriptions.delete(arn);
      return output;
    },
  };
}
