import assert from "node:assert/strict";
import { ReceiveMessageCommand, SendMessageBatchCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import AdmZip from "adm-zip";
import type { Members } from "../../../local/members";
import type { Principal } from "../../../local/iam/principal";
import { eventually } from "../../support/eventually";
import { Account, allow } from "../services/codebuild/account";
import { sdkConfig } from "../support";

describe("who sent a message", function () {
  let account: Account;
  let client: SQSClient;
  let session: Principal;
  const arn = (name: string): string => `arn:aws:sqs:eu-central-1:111122223333:${name}`;
  const queue = async (QueueName: string): Promise<string> =>
    (await account.call("sqs", "CreateQueue", { QueueName })).QueueUrl;
  const senders = async (QueueUrl: string, count: number): Promise<Record<string, string>> => {
    const found: Record<string, string> = {};
    await eventually(async () => {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageSystemAttributeNames: ["SenderId"] }),
      );
      for (const { Body, Attributes } of Messages) found[Body!] = Attributes!["SenderId"]!;
      assert.equal(Object.keys(found).length, count);
    });
    return found;
  };

  before(async () => {
    account = await Account.open();
    client = new SQSClient(sdkConfig(account.local));
    const role = await account.role("ml-engineer", [allow("sqs:*")], "lambda.amazonaws.com");
    session = account.local.cloud.internals.assume(role, "lambda.amazonaws.com", "ben");
  });
  after(() => account?.close());

  it("is the unique id of the user or of the role's session, over HTTP and from inside, one by one and in batches", async () => {
    const QueueUrl = await queue("requests");
    const user = await account.user("anna", [allow("sqs:*")]);
    const keys = (await account.call("iam", "CreateAccessKey", { UserName: "anna" })).AccessKey as Members;
    const anna = new SQSClient({
      ...sdkConfig(account.local),
      credentials: { accessKeyId: keys.AccessKeyId, secretAccessKey: keys.SecretAccessKey },
    });
    const credentials = account.local.cloud.internals.credentials(session);
    const ben = new SQSClient({ ...sdkConfig(account.local), credentials });
    await anna.send(new SendMessageCommand({ QueueUrl, MessageBody: "anna over HTTP" }));
    await ben.send(new SendMessageBatchCommand({ QueueUrl, Entries: [{ Id: "1", MessageBody: "ben in a batch" }] }));
    await account.call("sqs", "SendMessage", { QueueUrl, MessageBody: "ben from inside" }, session);
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: "administrator" }));
    const found = await senders(QueueUrl, 4);
    const administrator = ((await account.call("iam", "ListUsers", {})).Users as Members[]).find(
      ({ UserName }) => UserName !== "anna",
    )!;
    assert.match(session.id, /^AROA[A-Z0-9]+:ben$/);
    assert.deepEqual(found, {
      "anna over HTTP": user.id,
      "ben in a batch": session.id,
      "ben from inside": session.id,
      administrator: administrator.UserId,
    });
    for (const one of [anna, ben]) one.destroy();
  });

  it("is not told who does not ask, and the message's text cannot change it", async () => {
    const QueueUrl = await queue("quiet");
    await account.call(
      "sqs",
      "SendMessage",
      {
        QueueUrl,
        MessageBody: JSON.stringify({ SenderId: "AIDAFORGED" }),
        MessageAttributes: { SenderId: { DataType: "String", StringValue: "AIDAFORGED" } },
      },
      session,
    );
    const { Messages } = await client.send(new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 0 }));
    assert.equal(Messages![0]!.Attributes, undefined);
    assert.deepEqual(Object.values(await senders(QueueUrl, 1)), [session.id]);
  });

  it("comes to a function with the queue that the message came by", async () => {
    const [from, to] = [await queue("from"), await queue("to")];
    const role = await account.role("reader", [allow(["sqs:*"])], "lambda.amazonaws.com");
    const zip = new AdmZip();
    zip.addFile(
      "index.js",
      Buffer.from(`
      const { SQSClient, SendMessageCommand } = require("@aws-sdk/client-sqs");
      exports.handler = async ({ Records }) => { for (const { attributes, eventSourceARN } of Records) await new SQSClient({}).send(new SendMessageCommand({ QueueUrl: process.env.TO, MessageBody: JSON.stringify({ sender: attributes.SenderId, eventSourceARN }) })); };`),
    );
    await account.call("lambda", "CreateFunction", {
      FunctionName: "echo",
      Role: role,
      Runtime: "nodejs22.x",
      Handler: "index.handler",
      Timeout: 10,
      Code: { ZipFile: zip.toBuffer() },
      Environment: { Variables: { TO: to, NODE_PATH: `${process.cwd()}/node_modules` } },
    });
    await account.call("lambda", "CreateEventSourceMapping", { EventSourceArn: arn("from"), FunctionName: "echo" });
    await account.call("sqs", "SendMessage", { QueueUrl: from, MessageBody: "release" }, session);
    const [body, sender] = Object.entries(await senders(to, 1))[0]!;
    assert.deepEqual(JSON.parse(body), { sender: session.id, eventSourceARN: arn("from") });
    assert.match(sender, /^AROA[A-Z0-9]+:/, "the function's own session sent the answer");
  });

  it("may be limited by the queue's policy, which is as good as a right on the queue: whoever sets it can open it", async () => {
    const QueueUrl = await queue("guarded");
    const Policy = JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Deny",
          Principal: "*",
          Action: "sqs:SendMessage",
          Resource: arn("guarded"),
          Condition: { ArnNotEquals: { "aws:PrincipalArn": "arn:aws:iam::111122223333:role/ml-engineer" } },
        },
      ],
    });
    const mallory = await account.user("mallory", [allow("sqs:SendMessage")]);
    await account.call("sqs", "SendMessage", { QueueUrl, MessageBody: "x" }, mallory);
    await assert.rejects(
      account.call("sqs", "SetQueueAttributes", { QueueUrl, Attributes: { Policy } }, mallory),
      /sqs:SetQueueAttributes/,
    );
    await account.call("sqs", "SetQueueAttributes", { QueueUrl, Attributes: { Policy } });
    await assert.rejects(
      account.call("sqs", "SendMessage", { QueueUrl, MessageBody: "x" }, mallory),
      /with an explicit deny in a resource-based policy/,
    );
    await account.call("sqs", "SendMessage", { QueueUrl, MessageBody: "x" }, session);
    const topic = (await account.call("sns", "CreateTopic", { Name: "told" })).TopicArn as string;
    await assert.rejects(
      account.call(
        "sns",
        "SetTopicAttributes",
        { TopicArn: topic, AttributeName: "Policy", AttributeValue: "{}" },
        mallory,
      ),
      /(?:SNS|sns):SetTopicAttributes/,
    );
    const open = JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { AWS: mallory.arn }, Action: "sns:Publish", Resource: topic }],
    });
    await assert.rejects(
      account.call("sns", "Publish", { TopicArn: topic, Message: "x" }, mallory),
      /(?:SNS|sns):Publish/,
    );
    await account.call("sns", "SetTopicAttributes", { TopicArn: topic, AttributeName: "Policy", AttributeValue: open });
    await account.call("sns", "Publish", { TopicArn: topic, Message: "x" }, mallory);
  });
});
