import assert from "node:assert/strict";
import type { Members } from "../../../local/members";
import { AwsError } from "../../../local/errors";
import { Account } from "../services/codebuild/account";

const arn = (name: string): string => `arn:aws:sqs:eu-central-1:111122223333:${name}`;

describe("dead letters of a topic's subscription", function () {
  let account: Account;
  let topic: string;
  before(async () => {
    account = await Account.open();
    topic = (await account.call("sns", "CreateTopic", { Name: "news" })).TopicArn as string;
  });
  after(() => account?.close());

  /** A queue, and whether its policy lets the topic in. */
  const queue = async (QueueName: string, open: boolean): Promise<string> => {
    const Policy = JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: "sns.amazonaws.com" },
          Action: "sqs:SendMessage",
          Resource: arn(QueueName),
          Condition: { ArnEquals: { "aws:SourceArn": topic } },
        },
      ],
    });
    return (await account.call("sqs", "CreateQueue", { QueueName, ...(open ? { Attributes: { Policy } } : {}) }))
      .QueueUrl as string;
  };
  const subscribe = async (name: string, deadLetters?: string): Promise<string> =>
    (
      await account.call("sns", "Subscribe", {
        TopicArn: topic,
        Protocol: "sqs",
        Endpoint: arn(name),
        ReturnSubscriptionArn: true,
        ...(deadLetters
          ? { Attributes: { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arn(deadLetters) }) } }
          : {}),
      })
    ).SubscriptionArn as string;
  const publish = (Message: string): Promise<Members> => account.call("sns", "Publish", { TopicArn: topic, Message });
  /** The messages in a queue, which are then gone. */
  const received = async (QueueUrl: string): Promise<string[]> => {
    const { Messages = [] } = await account.call("sqs", "ReceiveMessage", { QueueUrl, MaxNumberOfMessages: 10 });
    for (const { ReceiptHandle } of Messages as Members[])
      await account.call("sqs", "DeleteMessage", { QueueUrl, ReceiptHandle });
    return (Messages as Members[]).map(({ Body }) => (JSON.parse(Body as string) as Members).Message as string);
  };
  const counted = async (MetricName: string): Promise<number> => {
    const { Datapoints } = await account.call("cloudwatch", "GetMetricStatistics", {
      Namespace: "AWS/SNS",
      MetricName,
      Dimensions: [{ Name: "TopicName", Value: "news" }],
      StartTime: new Date(account.local.cloud.clock.nowMs() - 3_600_000),
      EndTime: new Date(account.local.cloud.clock.nowMs() + 3_600_000),
      Period: 86_400,
      Statistics: ["Sum"],
    });
    return (Datapoints as Members[]).reduce((sum, { Sum }) => sum + Number(Sum), 0);
  };

  it("are what a queue refuses, in the form that it would have had", async () => {
    const [closed, dead] = [await queue("closed", false), await queue("dead", true)];
    const subscription = await subscribe("closed", "dead");
    await publish("refused");
    assert.deepEqual([await received(closed), await received(dead)], [[], ["refused"]]);
    assert.deepEqual(
      [
        await counted("NumberOfNotificationsFailed"),
        await counted("NumberOfNotificationsRedrivenToDlq"),
        await counted("NumberOfNotificationsFailedToRedriveToDlq"),
      ],
      [1, 1, 0],
    );
    await account.call("sns", "Unsubscribe", { SubscriptionArn: subscription });
  });

  it("are what a queue that is gone would have got, and nothing that it gets", async () => {
    const [going, dead] = [await queue("going", true), await queue("mourning", true)];
    const subscription = await subscribe("going", "mourning");
    await publish("before");
    assert.deepEqual([await received(going), await received(dead)], [["before"], []]);
    await account.call("sqs", "DeleteQueue", { QueueUrl: going });
    await publish("after");
    assert.deepEqual(await received(dead), ["after"]);
    await account.call("sns", "Unsubscribe", { SubscriptionArn: subscription });
  });

  it("are lost where their queue does not let the topic in, or is gone itself, or none is named", async () => {
    const before = await counted("NumberOfNotificationsFailedToRedriveToDlq");
    const [closed, dead] = [await queue("shut", false), await queue("shut-dead", false)];
    const subscription = await subscribe("shut", "shut-dead");
    await publish("lost");
    assert.deepEqual([await received(closed), await received(dead)], [[], []]);
    await account.call("sqs", "DeleteQueue", { QueueUrl: dead });
    await publish("lost, too");
    assert.equal(await counted("NumberOfNotificationsFailedToRedriveToDlq"), before + 2);
    const open = await queue("found", true);
    const redrive = (AttributeValue: string): Promise<Members> =>
      account.call("sns", "SetSubscriptionAttributes", {
        SubscriptionArn: subscription,
        AttributeName: "RedrivePolicy",
        AttributeValue,
      });
    await redrive(JSON.stringify({ deadLetterTargetArn: arn("found") }));
    await publish("kept");
    assert.deepEqual(await received(open), ["kept"]);
    await redrive("");
    await publish("lost again");
    assert.deepEqual(await received(open), []);
  });

  it("go to no queue that is not one of this account and Region", async () => {
    await queue("far", true);
    const refused = async (RedrivePolicy: string): Promise<string> =>
      account
        .call("sns", "Subscribe", {
          TopicArn: topic,
          Protocol: "sqs",
          Endpoint: arn("far"),
          Attributes: { RedrivePolicy },
        })
        .then(
          () => "subscribed",
          (error: AwsError) => `${error.code}: ${error.message}`,
        );
    for (const policy of [
      '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:111122223333:x"}',
      '{"deadLetterTargetArn":"arn:aws:sqs:eu-central-1:444455556666:x"}',
      "{}",
      "none",
    ])
      assert.equal(
        await refused(policy),
        "InvalidParameter: Invalid parameter: RedrivePolicy: deadLetterTargetArn is an invalid arn",
        policy,
      );
  });
});
