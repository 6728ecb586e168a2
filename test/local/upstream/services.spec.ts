import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { CreateKeyCommand, DescribeKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { CloudWatchLogsClient, FilterLogEventsCommand, GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import * as s3 from "@aws-sdk/client-s3";
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { GetParametersByPathCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { leftovers } from "../../../local/inventory";
import type { LocalCloud } from "../../../local/server";
import { takesFrom } from "../../support/queue-policy";
import { sdkConfig, startTestCloud } from "../support";

describe("services behind the local cloud", () => {
  let local: LocalCloud;
  let client: s3.S3Client;
  const bucket = "peregrine-test-bucket";

  before(async () => {
    local = await startTestCloud();
    client = new s3.S3Client(sdkConfig(local));
    await client.send(
      new s3.CreateBucketCommand({ Bucket: bucket, CreateBucketConfiguration: { LocationConstraint: "eu-central-1" } }),
    );
  });
  after(() => local?.stop());

  const inside = (service: string, operation: string, input: Record<string, unknown>) =>
    local.cloud.as(
      {
        type: "root",
        arn: `arn:aws:iam::${local.cloud.accountId}:root`,
        accountId: local.cloud.accountId,
        id: local.cloud.accountId,
      },
      service,
      operation,
      input,
      "test",
    );

  it("knows the administrator by his access key", async () => {
    const identity = await new STSClient(sdkConfig(local)).send(new GetCallerIdentityCommand({}));
    assert.equal(identity.Arn, `arn:aws:iam::${local.cloud.accountId}:user/ab`);
  });

  it("keeps objects with names that need encoding, and their versions", async () => {
    await client.send(
      new s3.PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: "Enabled" } }),
    );
    const key = "flights/a b+ü/ä&=?.jpg";
    const first = await client.send(new s3.PutObjectCommand({ Bucket: bucket, Key: key, Body: "one" }));
    await client.send(new s3.PutObjectCommand({ Bucket: bucket, Key: key, Body: "two" }));
    assert.equal(
      await (await client.send(new s3.GetObjectCommand({ Bucket: bucket, Key: key }))).Body!.transformToString(),
      "two",
    );
    assert.equal(
      await (
        await client.send(new s3.GetObjectCommand({ Bucket: bucket, Key: key, VersionId: first.VersionId }))
      ).Body!.transformToString(),
      "one",
    );
    assert.deepEqual(
      (await client.send(new s3.ListObjectsV2Command({ Bucket: bucket, Prefix: "flights/a b" }))).Contents?.map(
        (object) => object.Key,
      ),
      [key],
    );
  });

  it("takes and gives bytes of several megabytes, over HTTP and from inside", async () => {
    const body = Buffer.alloc(8_000_000, "peregrine");
    await client.send(new s3.PutObjectCommand({ Bucket: bucket, Key: "model.tar.gz", Body: body }));
    const { Body } = await inside("s3", "GetObject", { Bucket: bucket, Key: "model.tar.gz" });
    assert.ok(body.equals(Body as Buffer));
    await inside("s3", "PutObject", { Bucket: bucket, Key: "copy", Body: body });
    assert.equal(
      (await client.send(new s3.HeadObjectCommand({ Bucket: bucket, Key: "copy" }))).ContentLength,
      body.length,
    );
  });

  it("takes a body that is streamed in signed chunks", async () => {
    const text = "flight ".repeat(30_000);
    await client.send(
      new s3.PutObjectCommand({
        Bucket: bucket,
        Key: "streamed",
        Body: Readable.from([Buffer.from(text)]),
        ContentLength: text.length,
      }),
    );
    assert.equal(
      await (await client.send(new s3.GetObjectCommand({ Bucket: bucket, Key: "streamed" }))).Body!.transformToString(),
      text,
    );
  });

  it("keeps bucket policies with its own evaluator: a Deny on plain HTTP does not stop loopback", async () => {
    const policy = JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Deny",
          Principal: "*",
          Action: "s3:*",
          Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`],
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        },
      ],
    });
    await client.send(new s3.PutBucketPolicyCommand({ Bucket: bucket, Policy: policy }));
    assert.equal((await client.send(new s3.GetBucketPolicyCommand({ Bucket: bucket }))).Policy, policy);
    await client.send(new s3.PutObjectCommand({ Bucket: bucket, Key: "after-policy", Body: "x" }));
    await client.send(new s3.DeleteBucketPolicyCommand({ Bucket: bucket }));
    await assert.rejects(client.send(new s3.GetBucketPolicyCommand({ Bucket: bucket })), {
      name: "NoSuchBucketPolicy",
    });
  });

  it("lets a bucket policy deny its own prefix", async () => {
    const statement = {
      Effect: "Deny",
      Principal: "*",
      Action: "s3:PutObject",
      Resource: `arn:aws:s3:::${bucket}/locked/*`,
    };
    await client.send(
      new s3.PutBucketPolicyCommand({
        Bucket: bucket,
        Policy: JSON.stringify({ Version: "2012-10-17", Statement: [statement] }),
      }),
    );
    await assert.rejects(client.send(new s3.PutObjectCommand({ Bucket: bucket, Key: "locked/x", Body: "x" })), {
      name: "AccessDenied",
    });
    await client.send(new s3.PutObjectCommand({ Bucket: bucket, Key: "open/x", Body: "x" }));
    await client.send(new s3.DeleteBucketPolicyCommand({ Bucket: bucket }));
  });

  it("refuses what AWS refuses: a bucket name, a policy, a bucket that is not there", async () => {
    await assert.rejects(client.send(new s3.CreateBucketCommand({ Bucket: "My_Bucket" })), {
      name: "InvalidBucketName",
    });
    await assert.rejects(client.send(new s3.PutBucketPolicyCommand({ Bucket: bucket, Policy: "{}" })), {
      name: "MalformedPolicy",
    });
    await assert.rejects(client.send(new s3.GetObjectCommand({ Bucket: "no-such-bucket-here", Key: "x" })), {
      name: "NoSuchBucket",
    });
    await assert.rejects(client.send(new s3.HeadObjectCommand({ Bucket: bucket, Key: "none" })), { name: "NotFound" });
  });

  it("answers parameters by path, none included", async () => {
    const ssm = new SSMClient(sdkConfig(local));
    assert.deepEqual((await ssm.send(new GetParametersByPathCommand({ Path: "/peregrine/dev/" }))).Parameters, []);
    await ssm.send(new PutParameterCommand({ Name: "/peregrine/dev/release", Type: "String", Value: "{}" }));
    assert.deepEqual(
      (await ssm.send(new GetParametersByPathCommand({ Path: "/peregrine/dev/" }))).Parameters?.map(
        ({ Name, Value }) => [Name, Value],
      ),
      [["/peregrine/dev/release", "{}"]],
    );
  });

  it("gives queue URLs that lead back to the gateway, also to callers inside", async () => {
    const sqs = new SQSClient(sdkConfig(local));
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "alerts" }));
    assert.equal(QueueUrl, `${local.url}/${local.cloud.accountId}/alerts`);
    assert.equal((await inside("sqs", "GetQueueUrl", { QueueName: "alerts" })).QueueUrl, QueueUrl);
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "hello" }));
    assert.equal((await inside("sqs", "ReceiveMessage", { QueueUrl })).Messages[0].Body, "hello");
    assert.equal((await sqs.send(new ReceiveMessageCommand({ QueueUrl }))).Messages, undefined);
  });

  it("hands what a topic gets to a queue that subscribed, although the cloud's clock is not the machine's", async () => {
    const { TopicArn } = await inside("sns", "CreateTopic", { Name: "news" });
    const { QueueUrl } = await inside("sqs", "CreateQueue", { QueueName: "readers" });
    const queueArn = `arn:aws:sqs:eu-central-1:${local.cloud.accountId}:readers`;
    await inside("sqs", "SetQueueAttributes", {
      QueueUrl,
      Attributes: { Policy: takesFrom(String(TopicArn), queueArn) },
    });
    await inside("sns", "Subscribe", {
      TopicArn,
      Protocol: "sqs",
      Endpoint: `arn:aws:sqs:eu-central-1:${local.cloud.accountId}:readers`,
    });
    await inside("sns", "Publish", { TopicArn, Message: "released" });
    const { Messages } = await inside("sqs", "ReceiveMessage", { QueueUrl });
    assert.equal((JSON.parse(Messages[0].Body as string) as { Message: string }).Message, "released");
  });

  it("remembers tags and the default policy of a key for authorisation", async () => {
    const kms = new KMSClient(sdkConfig(local));
    const { KeyMetadata } = await kms.send(
      new CreateKeyCommand({ Tags: [{ TagKey: "environment", TagValue: "dev" }] }),
    );
    const owner = local.cloud.services.get("kms")!;
    assert.deepEqual(owner.tagsOf!(KeyMetadata!.Arn!), { environment: "dev" });
    assert.match(owner.resourcePolicyOf!(KeyMetadata!.Arn!)!, /Enable IAM User Permissions/);
    assert.equal(
      (await kms.send(new DescribeKeyCommand({ KeyId: KeyMetadata!.KeyId }))).KeyMetadata?.Arn,
      KeyMetadata!.Arn,
    );
  });

  it("writes the lines of services to CloudWatch Logs, opening group and stream", async () => {
    local.cloud.internals.log("/aws/sagemaker/TrainingJobs", "job/algo-1", ["map50=0.2;", "", "done"]);
    const logs = new CloudWatchLogsClient(sdkConfig(local));
    const read = () =>
      logs
        .send(
          new GetLogEventsCommand({
            logGroupName: "/aws/sagemaker/TrainingJobs",
            logStreamName: "job/algo-1",
            startFromHead: true,
          }),
        )
        .catch(() => undefined);
    let events = (await read())?.events;
    for (let tries = 0; tries < 50 && !events?.length; tries++) {
      await delay(50);
      events = (await read())?.events;
    }
    assert.deepEqual(
      events?.map((event) => event.message),
      ["map50=0.2;", "done"],
    );
  });

  it("reads the lines of the streams whose names start so, and of no others", async () => {
    const group = "/of-ours/jobs";
    const logs = new CloudWatchLogsClient(sdkConfig(local));
    for (const name of ["one/a", "one/b", "other/a"]) local.cloud.internals.log(group, name, [name]);
    const read = async (logStreamNamePrefix?: string) =>
      (await logs.send(new FilterLogEventsCommand({ logGroupName: group, logStreamNamePrefix }))).events
        ?.map(({ message }) => message)
        .sort();
    for (let tries = 0; tries < 50 && (await read().catch(() => []))?.length !== 3; tries++) await delay(50);
    assert.deepEqual([await read("one/"), await read("none/")], [["one/a", "one/b"], []]);
    await assert.rejects(
      logs.send(
        new FilterLogEventsCommand({ logGroupName: group, logStreamNamePrefix: "one", logStreamNames: ["one/a"] }),
      ),
      { name: "InvalidParameterException" },
    );
  });

  it("lists what exists, and what is left over afterwards", async () => {
    const before = await local.cloud.inventory();
    assert.ok(before.some((item) => item.arn === `arn:aws:s3:::${bucket}`));
    assert.ok(before.some((item) => item.type === "logs:log-group" && item.madeBy === "service"));
    await client.send(
      new s3.CreateBucketCommand({
        Bucket: "left-behind",
        CreateBucketConfiguration: { LocationConstraint: "eu-central-1" },
      }),
    );
    assert.deepEqual(leftovers(before, await local.cloud.inventory()), [
      { arn: "arn:aws:s3:::left-behind", type: "s3:bucket" },
    ]);
  });

  it("tells EventBridge of objects only where a bucket asks for it", async () => {
    const seen: string[] = [];
    const emit = local.cloud.internals.emit;
    local.cloud.internals.emit = (event) => void seen.push(`${event.detailType} ${event.detail.object.key}`);
    try {
      await client.send(new s3.PutObjectCommand({ Bucket: bucket, Key: "quiet", Body: "x" }));
      await client.send(
        new s3.PutBucketNotificationConfigurationCommand({
          Bucket: bucket,
          NotificationConfiguration: { EventBridgeConfiguration: {} },
        }),
      );
      await client.send(new s3.PutObjectCommand({ Bucket: bucket, Key: "heard", Body: "x" }));
      await client.send(new s3.DeleteObjectCommand({ Bucket: bucket, Key: "heard" }));
      assert.deepEqual(seen, ["Object Created heard", "Object Deleted heard"]);
    } finally {
      local.cloud.internals.emit = emit;
    }
  });

  it("answers what moto cannot do as unknown, at once, and counts it", async () => {
    const started = Date.now();
    await assert.rejects(
      new s3.S3Client({ ...sdkConfig(local), maxAttempts: 3 }).send(
        new s3.GetBucketMetadataConfigurationCommand({ Bucket: bucket }),
      ),
      { name: "UnknownOperationException" },
    );
    assert.ok(Date.now() - started < 1500);
    assert.equal(local.cloud.unimplemented.get("s3:GetBucketMetadataConfiguration"), 1);
  });
});

describe("services behind a fast local cloud", () => {
  it("stamp what they make with the cloud's time", async () => {
    const local = await startTestCloud({ speed: 600 });
    try {
      const client = new s3.S3Client(sdkConfig(local));
      await client.send(
        new s3.CreateBucketCommand({
          Bucket: "fast-bucket",
          CreateBucketConfiguration: { LocationConstraint: "eu-central-1" },
        }),
      );
      await local.cloud.clock.sleep(300_000);
      const before = local.cloud.clock.nowMs();
      assert.ok(before - Date.now() > 250_000, "the cloud's clock runs ahead");
      await client.send(new s3.PutObjectCommand({ Bucket: "fast-bucket", Key: "k", Body: "x" }));
      const { LastModified } = await client.send(new s3.HeadObjectCommand({ Bucket: "fast-bucket", Key: "k" }));
      assert.ok(
        LastModified!.getTime() >= before - 1000 && LastModified!.getTime() <= local.cloud.clock.nowMs() + 1000,
      );
    } finally {
      await local.stop();
    }
  });
});
