import type { Call } from "../call";
import type { Cloud } from "../cloud";
import type { Members } from "../members";
import { RawResponse } from "../raw";
import { type Handler, handlerOf } from "../operation";
import { tellArrival } from "./queue-arrivals";
import { AwsError } from "../errors";
import { dependentFacts } from "../iam/dependents/facts";
import { keyOfQueue } from "../iam/dependents/messages";
import type { Principal } from "../iam/principal";

interface QueueSubscription {
  readonly topic: string;
  readonly queue: string;
  /** ARN of the queue for what cannot be delivered. */
  readonly deadLetters?: string;
}

/** What becomes of one subscription's message: delivered, put among the dead letters, or lost. */
type Fate = "delivered" | "redriven" | "lost" | "not redriven";

/**
 * Delivery to queues as SNS does it: as the service, for the topic. The queue's policy has to let `sns.amazonaws.com`
 * send, and the policy of its key has to let it encrypt (SNS developer guide, "Fanout to Amazon SQS queues",
 * "Encrypting SQS queues"). What is refused, or has no queue any more, goes to the subscription's dead-letter queue, if
 * that takes it by the same rules, and else is lost without a word to the publisher ("Amazon SNS dead-letter queues").
 */
export function topicOperations(cloud: Cloud, toMoto: Handler): Record<string, Handler> {
  const subscriptions = cloud.journal.table<QueueSubscription>("sns/queues");
  const facts = dependentFacts(cloud);

  function mayDeliver(topic: string, queue: string, caller: Call): boolean {
    const principal: Principal = {
      type: "service",
      arn: "sns.amazonaws.com",
      accountId: cloud.accountId,
      id: "sns.amazonaws.com",
      sourceArn: topic,
    };
    const call: Call = { ...caller, service: "sqs", operation: "SendMessage", principal };
    return [{ action: "sqs:SendMessage", resource: queue }, ...keyOfQueue(facts, call, queue)].every(
      (requirement) => cloud.authoriser.allows?.(requirement, call) ?? true,
    );
  }

  async function exists(queue: string, caller: Call): Promise<boolean> {
    const ask = cloud.services.get("sqs")?.operations.GetQueueUrl;
    if (!ask) return true;
    try {
      await handlerOf(ask)(
        { QueueName: nameIn(queue) },
        {
          ...caller,
          service: "sqs",
          operation: "GetQueueUrl",
          caller: { ...caller.caller, raw: undefined },
          upstreamHeaders: undefined,
        },
      );
      return true;
    } catch (error) {
      if (error instanceof AwsError && /NonExistentQueue|QueueDoesNotExist/.test(error.code)) return false;
      throw error;
    }
  }

  const takes = async (topic: string, queue: string, call: Call): Promise<boolean> =>
    mayDeliver(topic, queue, call) && (await exists(queue, call));

  async function fateOf({ topic, queue, deadLetters }: QueueSubscription, call: Call): Promise<Fate> {
    if (await takes(topic, queue, call)) return "delivered";
    if (deadLetters === undefined) return "lost";
    return (await takes(topic, deadLetters, call)) ? "redriven" : "not redriven";
  }

  const publish: Handler = async (input, call) => {
    const topic = String(input.TopicArn ?? input.TargetArn);
    const own = [...subscriptions.entries()].filter(([, one]) => one.topic === topic);
    const fates = await Promise.all(own.map(async ([arn, one]) => ({ arn, one, fate: await fateOf(one, call) })));
    const astray = fates.filter(({ fate }) => fate !== "delivered");
    const redriven = astray.filter(({ fate }) => fate === "redriven");
    const headers = {
      "x-peregrine-refused": astray.map(({ arn }) => arn).join(","),
      "x-peregrine-redriven": redriven.map(({ arn, one }) => `${arn}=${one.deadLetters}`).join(","),
    };
    const output = await toMoto(input, astray.length === 0 ? call : { ...call, upstreamHeaders: headers });
    const count = (name: string, value: number): void => {
      if (value > 0)
        cloud.internals.measure([
          { namespace: "AWS/SNS", name, dimensions: { TopicName: nameIn(topic) }, value, unit: "Count" },
        ]);
    };
    count("NumberOfNotificationsFailed", astray.length);
    count("NumberOfNotificationsRedrivenToDlq", redriven.length);
    count("NumberOfNotificationsFailedToRedriveToDlq", astray.filter(({ fate }) => fate === "not redriven").length);
    for (const { one } of redriven) tellArrival(cloud, nameIn(one.deadLetters!));
    return output;
  };

  /**
   * @returns the queue that a RedrivePolicy names; undefined takes it away.
   * @throws AwsError for anything but a queue of this account and Region.
   */
  function deadLetterQueue(policy: unknown): string | undefined {
    if (policy === undefined || policy === "") return undefined;
    const target = targetIn(String(policy));
    const here = cloud.arn("sqs", "");
    if (!target?.startsWith(here) || target.length === here.length)
      throw new AwsError(
        "InvalidParameter",
        "Invalid parameter: RedrivePolicy: deadLetterTargetArn is an invalid arn",
        400,
      );
    return target;
  }

  return {
    Publish: publish,
    PublishBatch: publish,
    Subscribe: async (input, call) => {
      const deadLetters = deadLetterQueue(input.Attributes?.RedrivePolicy);
      const output = (await toMoto(input, call)) ?? {};
      const arn =
        output instanceof RawResponse
          ? /<SubscriptionArn>([^<]+)</.exec(output.body.toString("utf8"))?.[1]
          : ((output as Members).SubscriptionArn as string | undefined);
      if (arn && input.Protocol === "sqs")
        subscriptions.put(arn, {
          topic: String(input.TopicArn),
          queue: String(input.Endpoint),
          ...(deadLetters === undefined ? {} : { deadLetters }),
        });
      return output;
    },
    SetSubscriptionAttributes: async (input, call) => {
      const isRedrive = input.AttributeName === "RedrivePolicy";
      const deadLetters = isRedrive ? deadLetterQueue(input.AttributeValue) : undefined;
      const output = await toMoto(input, call);
      const arn = String(input.SubscriptionArn);
      const known = subscriptions.get(arn);
      if (isRedrive && known)
        subscriptions.put(arn, {
          topic: known.topic,
          queue: known.queue,
          ...(deadLetters === undefined ? {} : { deadLetters }),
        });
      return output;
    },
    Unsubscribe: async (input, call) => {
      const output = await toMoto(input, call);
      subscriptions.delete(String(input.SubscriptionArn));
      return output;
    },
    DeleteTopic: async (input, call) => {
      const output = await toMoto(input, call);
      for (const [arn, { topic }] of [...subscriptions.entries()])
        if (topic === input.TopicArn) subscriptions.delete(arn);
      return output;
    },
  };
}

/** The name at the end of an ARN. */
function nameIn(arn: string): string {
  return arn.slice(arn.lastIndexOf(":") + 1);
}

function targetIn(policy: string): string | undefined {
  try {
    const { deadLetterTargetArn } = JSON.parse(policy) as Members;
    return typeof deadLetterTargetArn === "string" ? deadLetterTargetArn : undefined;
  } catch {
    return undefined;
  }
}
