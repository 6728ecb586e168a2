import assert from "node:assert/strict";
import { join } from "node:path";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { Members } from "../../../local/members";
import { AwsError } from "../../../local/errors";
import { dependents } from "../../../local/iam/dependents";
import type { Principal } from "../../../local/iam/principal";
import { Account, ACCOUNT, allow } from "../services/codebuild/account";
import { Objects } from "../../../local/runner/objects";
import { sdkConfig } from "../support";
import { makeTemporaryFolder } from "../../support/temporary-folder";

const root = { AWS: `arn:aws:iam::${ACCOUNT}:root` };
const administer = {
  Effect: "Allow",
  Principal: root,
  Action: ["kms:Describe*", "kms:Get*", "kms:Put*", "kms:List*", "kms:CreateAlias", "kms:ScheduleKeyDeletion"],
  Resource: "*",
};
const policyOf = (...statements: Members[]): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: [administer, ...statements] });
/** The account uses a key through some services alone. */
const through = (
  services: readonly string[],
  actions: string | readonly string[] = ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*", "kms:DescribeKey"],
): Members => ({
  Effect: "Allow",
  Principal: root,
  Action: actions,
  Resource: "*",
  Condition: { StringEquals: { "kms:ViaService": services.map((name) => `${name}.eu-central-1.amazonaws.com`) } },
});
const grants = (services: readonly string[]): Members => {
  const statement = through(services, ["kms:CreateGrant"]);
  return { ...statement, Condition: { ...statement.Condition, Bool: { "kms:GrantIsForAWSResource": "true" } } };
};

describe("rights across services", function () {
  let account: Account;
  const users = new Map<string, Principal>();
  const everything: Members = allow("*");
  const user = async (name: string, statements: readonly Members[]): Promise<Principal> => {
    if (!users.has(name)) users.set(name, await account.user(name, statements));
    return users.get(name)!;
  };
  /** @returns code and message of the refusal, or "allowed". */
  const ask = async (service: string, operation: string, input: Members, principal?: Principal): Promise<string> => {
    try {
      await account.call(service, operation, input, principal);
      return "allowed";
    } catch (error) {
      if (error instanceof AwsError) return `${error.code} ${error.status}: ${error.message}`;
      throw error;
    }
  };
  const key = async (...statements: Members[]): Promise<string> =>
    (await account.call("kms", "CreateKey", { Policy: policyOf(...statements) })).KeyMetadata.Arn as string;
  const changeKey = (KeyId: string, ...statements: Members[]): Promise<Members> =>
    account.call("kms", "PutKeyPolicy", { KeyId, PolicyName: "default", Policy: policyOf(...statements) });

  before(async () => {
    account = await Account.open();
  });
  after(() => account?.close());

  describe("to encrypted objects", () => {
    let keyArn: string;
    let reader: Principal;
    before(async () => {
      keyArn = await key(through(["s3"]));
      reader = await user("reader", [allow("s3:*")]);
      await account.bucket("encrypted");
      await account.call("s3", "PutBucketEncryption", {
        Bucket: "encrypted",
        ServerSideEncryptionConfiguration: {
          Rules: [
            {
              ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms", KMSMasterKeyID: keyArn },
              BucketKeyEnabled: true,
            },
          ],
        },
      });
      await account.call("s3", "PutObject", { Bucket: "encrypted", Key: "a", Body: Buffer.from("x") });
    });

    it("are those to the key, in S3's words, from inside and over HTTP", async () => {
      const words = (action: string) =>
        `AccessDenied 403: User: ${reader.arn} is not authorized to perform: kms:${action} on resource: ${keyArn} because no identity-based policy allows the kms:${action} action`;
      assert.equal(await ask("s3", "GetObject", { Bucket: "encrypted", Key: "a" }, reader), words("Decrypt"));
      assert.equal(
        await ask("s3", "PutObject", { Bucket: "encrypted", Key: "b", Body: Buffer.from("y") }, reader),
        words("GenerateDataKey"),
      );
      assert.equal(
        await ask("s3", "CopyObject", { Bucket: "encrypted", Key: "b", CopySource: "encrypted/a" }, reader),
        words("GenerateDataKey"),
      );
      assert.equal(
        await ask("s3", "CreateMultipartUpload", { Bucket: "encrypted", Key: "b" }, reader),
        words("GenerateDataKey"),
      );
      const { AccessKeyId, SecretAccessKey } = (await account.call("iam", "CreateAccessKey", { UserName: "reader" }))
        .AccessKey;
      const s3 = new S3Client({
        ...sdkConfig(account.local),
        forcePathStyle: true,
        credentials: { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey },
      });
      await assert.rejects(s3.send(new GetObjectCommand({ Bucket: "encrypted", Key: "a" })), {
        name: "AccessDenied",
        message: /kms:Decrypt/,
      });
      s3.destroy();
    });

    it("are those to the object's own key, where it has one: to read and copy it, and for each part of an upload", async () => {
      const own = await key(through(["s3"]));
      const stranger = await user("stranger", [
        allow("s3:*"),
        { ...allow(["kms:Decrypt", "kms:GenerateDataKey"]), Resource: keyArn },
      ]);
      const words = (action: string) =>
        `AccessDenied 403: User: ${stranger.arn} is not authorized to perform: kms:${action} on resource: ${own} because no identity-based policy allows the kms:${action} action`;
      const encryption = { ServerSideEncryption: "aws:kms", SSEKMSKeyId: own };
      await account.call("s3", "PutObject", { Bucket: "encrypted", Key: "own", Body: Buffer.from("z"), ...encryption });
      const { UploadId } = await account.call("s3", "CreateMultipartUpload", {
        Bucket: "encrypted",
        Key: "parts",
        ...encryption,
      });
      const part = { Bucket: "encrypted", Key: "parts", UploadId, PartNumber: 1 };
      assert.equal(await ask("s3", "GetObject", { Bucket: "encrypted", Key: "own" }, stranger), words("Decrypt"));
      assert.equal(
        await ask("s3", "HeadObject", { Bucket: "encrypted", Key: "own", ChecksumMode: "ENABLED" }, stranger),
        words("Decrypt"),
      );
      assert.equal(
        await ask("s3", "CopyObject", { Bucket: "encrypted", Key: "copy", CopySource: "encrypted/own" }, stranger),
        words("Decrypt"),
      );
      assert.equal(await ask("s3", "UploadPart", { ...part, Body: Buffer.from("z") }, stranger), words("Decrypt"));
      assert.equal(
        await ask(
          "s3",
          "CompleteMultipartUpload",
          { Bucket: "encrypted", Key: "parts", UploadId, MultipartUpload: { Parts: [] } },
          stranger,
        ),
        words("Decrypt"),
      );
      const plain = await account.call("s3", "CreateMultipartUpload", {
        Bucket: "encrypted",
        Key: "plain-parts",
        ServerSideEncryption: "AES256",
      });
      assert.equal(
        await ask(
          "s3",
          "UploadPartCopy",
          { ...part, Key: "plain-parts", UploadId: plain.UploadId, CopySource: "encrypted/own" },
          stranger,
        ),
        words("Decrypt"),
      );
      assert.equal(
        await ask(
          "s3",
          "UploadPart",
          { ...part, Key: "plain-parts", UploadId: plain.UploadId, Body: Buffer.from("z") },
          reader,
        ),
        "allowed",
      );
      assert.equal(
        await ask("s3", "CopyObject", { Bucket: "encrypted", Key: "copy", CopySource: "encrypted/a" }, stranger),
        "allowed",
      );
    });

    it("are asked for of what a job was given before, too", async () => {
      const own = await key(through(["s3"]));
      const objects = new Objects(account.local.cloud, makeTemporaryFolder());
      const { ETag } = await account.call("s3", "PutObject", {
        Bucket: "encrypted",
        Key: "kept",
        Body: Buffer.from("kept"),
        ServerSideEncryption: "aws:kms",
        SSEKMSKeyId: own,
      });
      const at = { bucket: "encrypted", key: "kept" };
      const known = { key: "kept", etag: String(ETag).replaceAll('"', ""), size: 4 };
      const file = join(makeTemporaryFolder(), "kept");
      await objects.download(await user("holder", [everything]), at, file, known);
      await assert.rejects(
        objects.download(await user("stranger", []), at, file, known),
        new RegExp(`kms:Decrypt on resource: ${own}`),
      );
    });

    it("are not asked for to look at an object, or for one that is not encrypted with a key", async () => {
      assert.equal(await ask("s3", "HeadObject", { Bucket: "encrypted", Key: "a" }, reader), "allowed");
      assert.equal(
        await ask(
          "s3",
          "PutObject",
          { Bucket: "encrypted", Key: "plain", Body: Buffer.from("y"), ServerSideEncryption: "AES256" },
          reader,
        ),
        "allowed",
      );
      assert.equal(await ask("s3", "GetObject", { Bucket: "encrypted", Key: "plain" }, reader), "allowed");
    });

    it("need the key's policy as well as one's own, through S3 and for this bucket", async () => {
      const holder = await user("holder", [everything]);
      const tell = () => ask("s3", "GetObject", { Bucket: "encrypted", Key: "a" }, holder);
      assert.equal(await tell(), "allowed");
      await changeKey(keyArn, through(["sns"]));
      assert.equal(
        await tell(),
        `AccessDenied 403: User: ${holder.arn} is not authorized to perform: kms:Decrypt on resource: ${keyArn} because no resource-based policy allows the kms:Decrypt action`,
      );
      const bucketOnly = through(["s3"]);
      await changeKey(keyArn, {
        ...bucketOnly,
        Condition: {
          ...bucketOnly.Condition,
          StringEquals: {
            ...bucketOnly.Condition.StringEquals,
            "kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::another",
          },
        },
      });
      assert.match(await tell(), /no resource-based policy/);
      await changeKey(keyArn, through(["s3"]));
      // Through S3 is not directly.
      assert.match(
        await ask("kms", "GenerateDataKey", { KeyId: keyArn, KeySpec: "AES_256" }, holder),
        /AccessDeniedException 400: .* no resource-based policy allows the kms:GenerateDataKey action/,
      );
    });
  });

  describe("to a Studio domain with a key", () => {
    let keyArn: string;
    const domain = (): Members => ({
      DomainName: "studio",
      AuthMode: "IAM",
      DefaultUserSettings: { ExecutionRole: `arn:aws:iam::${ACCOUNT}:role/studio` },
      SubnetIds: ["subnet-1"],
      VpcId: "vpc-1",
      KmsKeyId: keyArn,
    });
    const studio = [allow("sagemaker:*"), allow("iam:PassRole")];
    before(async () => {
      keyArn = await key(through(["s3"]), grants(["ec2", "elasticfilesystem"]));
      await account.role("studio", [], "sagemaker.amazonaws.com");
    });

    it("are those to a file system and the key through EFS, and to the service's role where it is not there", async () => {
      const file = `arn:aws:elasticfilesystem:eu-central-1:${ACCOUNT}:file-system/*`;
      const role = `arn:aws:iam::${ACCOUNT}:role/aws-service-role/sagemaker.amazonaws.com/AWSServiceRoleForAmazonSageMakerNotebooks`;
      const refused = async (name: string, more: Members[]) =>
        (await ask("sagemaker", "CreateDomain", domain(), await user(name, [...studio, ...more])))
          .replace(/^.*to perform: /, "")
          .replace(/ because.*/, "");
      assert.equal(await refused("maker1", []), `iam:CreateServiceLinkedRole on resource: ${role}`);
      const makesRole = {
        ...allow("iam:CreateServiceLinkedRole"),
        Condition: { StringEquals: { "iam:AWSServiceName": "sagemaker.amazonaws.com" } },
      };
      assert.equal(await refused("maker2", [makesRole]), `elasticfilesystem:CreateFileSystem on resource: ${file}`);
      const files = allow("elasticfilesystem:CreateFileSystem");
      const actions = ["DescribeKey", "Decrypt", "GenerateDataKeyWithoutPlaintext", "CreateGrant"].map(
        (name) => `kms:${name}`,
      );
      await changeKey(keyArn, through(["s3", "elasticfilesystem"]), grants(["elasticfilesystem"]));
      for (const [at, action] of actions.entries())
        assert.equal(
          await refused(`maker3${action.slice(4)}`, [makesRole, files, allow(["kms:None", ...actions.slice(0, at)])]),
          `${action} on resource: ${keyArn}`,
        );
    });

    it("come from the key's policy, too: one that lacks EFS stops even an administrator", async () => {
      const administrator = await user("administrator", [everything]);
      await changeKey(keyArn, through(["s3", "sagemaker"]), grants(["ec2", "elasticfilesystem"]));
      assert.match(
        await ask("sagemaker", "CreateDomain", domain(), administrator),
        /kms:Decrypt on resource: .* because no resource-based policy allows the kms:Decrypt action/,
      );
      await changeKey(keyArn, through(["s3", "elasticfilesystem"]));
      assert.match(
        await ask("sagemaker", "CreateDomain", domain(), administrator),
        /kms:CreateGrant .* no resource-based policy/,
      );
      await changeKey(keyArn, through(["s3", "elasticfilesystem"]), grants(["ec2", "elasticfilesystem"]));
      assert.equal(await ask("sagemaker", "CreateDomain", domain(), administrator), "allowed");
      assert.equal(
        (await account.call("iam", "GetRole", { RoleName: "AWSServiceRoleForAmazonSageMakerNotebooks" })).Role.Path,
        "/aws-service-role/sagemaker.amazonaws.com/",
      );
    });

    it("go on to the disks of its spaces, by a grant through EC2", async () => {
      const [{ DomainId }] = (await account.call("sagemaker", "ListDomains", {})).Domains;
      const space = (name: string): Members => ({ DomainId, SpaceName: name });
      const notebook = await user("notebook", [
        ...studio,
        allow(["kms:DescribeKey", "kms:GenerateDataKeyWithoutPlaintext"]),
      ]);
      const administrator = await user("administrator", [everything]);
      assert.match(
        await ask("sagemaker", "CreateSpace", space("a"), administrator),
        /kms:DescribeKey|kms:GenerateDataKeyWithoutPlaintext/,
      );
      await changeKey(keyArn, through(["ec2", "elasticfilesystem"]), grants(["ec2"]));
      assert.match(
        await ask("sagemaker", "CreateSpace", space("a"), notebook),
        /kms:CreateGrant on resource: .* because no identity-based policy allows the kms:CreateGrant action/,
      );
      assert.equal(await ask("sagemaker", "CreateSpace", space("a"), administrator), "allowed");
    });
  });

  describe("to volumes of jobs", () => {
    it("are a grant on their key, through SageMaker", async () => {
      const keyArn = await key(through(["sagemaker"]), grants(["sagemaker"]));
      const role = await account.role("job", [], "sagemaker.amazonaws.com");
      const starter = await user("starter", [allow("sagemaker:*"), allow("iam:PassRole"), allow("kms:DescribeKey")]);
      const job = {
        TrainingJobName: "t",
        RoleArn: role,
        AlgorithmSpecification: { TrainingImage: "image", TrainingInputMode: "File" },
        OutputDataConfig: { S3OutputPath: "s3://encrypted/o" },
        ResourceConfig: { InstanceType: "ml.m5.xlarge", InstanceCount: 1, VolumeSizeInGB: 1, VolumeKmsKeyId: keyArn },
        StoppingCondition: { MaxRuntimeInSeconds: 60 },
      };
      assert.match(
        await ask("sagemaker", "CreateTrainingJob", job, starter),
        new RegExp(`kms:CreateGrant on resource: ${keyArn} because no identity-based`),
      );
      // The role's right does as well.
      const other = await account.role(
        "job-with-key",
        [allow(["kms:CreateGrant", "kms:DescribeKey"])],
        "sagemaker.amazonaws.com",
      );
      assert.doesNotMatch(await ask("sagemaker", "CreateTrainingJob", { ...job, RoleArn: other }, starter), /kms:/);
    });
  });

  describe("to encrypted topics and queues", () => {
    it("are those to the key, in the services' own codes; a service is asked by the key's policy", async () => {
      const keyArn = await key(through(["sns", "sqs"]));
      const sender = await user("sender", [allow(["sns:*", "sqs:*"])]);
      const { TopicArn } = await account.call("sns", "CreateTopic", {
        Name: "quiet",
        Attributes: { KmsMasterKeyId: keyArn },
      });
      const { QueueUrl } = await account.call("sqs", "CreateQueue", {
        QueueName: "quiet",
        Attributes: { KmsMasterKeyId: keyArn },
      });
      assert.match(
        await ask("sns", "Publish", { TopicArn, Message: "m" }, sender),
        /^KMSAccessDenied 400: .* kms:GenerateDataKey on resource/,
      );
      assert.match(
        await ask("sqs", "SendMessage", { QueueUrl, MessageBody: "m" }, sender),
        /^KmsAccessDenied 400: .* kms:GenerateDataKey on resource/,
      );
      assert.match(
        await ask("sqs", "ReceiveMessage", { QueueUrl }, sender),
        /^KmsAccessDenied 400: .* kms:Decrypt on resource/,
      );
      const cloudwatch: Principal = {
        type: "service",
        arn: "cloudwatch.amazonaws.com",
        accountId: ACCOUNT,
        id: "cloudwatch.amazonaws.com",
        sourceArn: "arn:aws:cloudwatch:eu-central-1:1:alarm:a",
      };
      const publish = {
        Effect: "Allow",
        Principal: { Service: "cloudwatch.amazonaws.com" },
        Action: "sns:Publish",
        Resource: TopicArn,
      };
      await account.call("sns", "SetTopicAttributes", {
        TopicArn,
        AttributeName: "Policy",
        AttributeValue: JSON.stringify({ Version: "2012-10-17", Statement: [publish] }),
      });
      assert.match(
        await ask("sns", "Publish", { TopicArn, Message: "m" }, cloudwatch),
        /^KMSAccessDenied 400: User: cloudwatch.amazonaws.com .* no resource-based policy allows the kms:GenerateDataKey action/,
      );
      await changeKey(keyArn, {
        Effect: "Allow",
        Principal: { Service: "cloudwatch.amazonaws.com" },
        Action: ["kms:Decrypt", "kms:GenerateDataKey*"],
        Resource: "*",
      });
      assert.equal(await ask("sns", "Publish", { TopicArn, Message: "m" }, cloudwatch), "allowed");
    });

    it("of EventBridge know no account: a condition on it shuts EventBridge out", async () => {
      const statement = {
        Effect: "Allow",
        Principal: { Service: "events.amazonaws.com" },
        Action: ["kms:Decrypt", "kms:GenerateDataKey*"],
        Resource: "*",
      };
      const keyArn = await key({ ...statement, Condition: { StringEquals: { "aws:SourceAccount": ACCOUNT } } });
      const { QueueUrl, arn } = await account
        .call("sqs", "CreateQueue", { QueueName: "ruled", Attributes: { KmsMasterKeyId: keyArn } })
        .then((made) => ({ ...made, arn: `arn:aws:sqs:eu-central-1:${ACCOUNT}:ruled` }) as Members);
      const Policy = JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { Service: "events.amazonaws.com" },
            Action: "sqs:SendMessage",
            Resource: arn,
            Condition: { StringEquals: { "aws:SourceAccount": ACCOUNT } },
          },
        ],
      });
      await account.call("sqs", "SetQueueAttributes", { QueueUrl, Attributes: { Policy } });
      const events: Principal = {
        type: "service",
        arn: "events.amazonaws.com",
        accountId: ACCOUNT,
        id: "events.amazonaws.com",
        sourceArn: "arn:aws:events:eu-central-1:1:rule/r",
      };
      assert.match(await ask("sqs", "SendMessage", { QueueUrl, MessageBody: "m" }, events), /^KmsAccessDenied/);
      await changeKey(keyArn, statement);
      assert.equal(await ask("sqs", "SendMessage", { QueueUrl, MessageBody: "m" }, events), "allowed");
    });

    it("are those of nobody but the owner where a topic has no policy", async () => {
      const { TopicArn } = await account.call("sns", "CreateTopic", { Name: "closed" });
      for (const host of ["events.amazonaws.com", "cloudwatch.amazonaws.com", "budgets.amazonaws.com"])
        assert.match(
          await ask(
            "sns",
            "Publish",
            { TopicArn, Message: "m" },
            { type: "service", arn: host, accountId: ACCOUNT, id: host },
          ),
          /^AuthorizationError 403: .* because no resource-based policy allows the sns:Publish action/,
        );
      assert.equal(await ask("sns", "Publish", { TopicArn, Message: "m" }), "allowed");
    });
  });

  describe("of topics to queues", () => {
    it("are those of SNS for the topic: a queue whose policy or key refuses it gets nothing, and the publisher hears nothing", async () => {
      const keyArn = await key(through(["sqs"]));
      const { TopicArn } = await account.call("sns", "CreateTopic", { Name: "fan" });
      const queue = async (
        name: string,
        statement?: Members,
        attributes: Members = {},
      ): Promise<() => Promise<string[]>> => {
        const { QueueUrl } = await account.call("sqs", "CreateQueue", { QueueName: name, Attributes: attributes });
        const arn = `arn:aws:sqs:eu-central-1:${ACCOUNT}:${name}`;
        if (statement)
          await account.call("sqs", "SetQueueAttributes", {
            QueueUrl,
            Attributes: {
              Policy: JSON.stringify({
                Version: "2012-10-17",
                Statement: [
                  {
                    Effect: "Allow",
                    Principal: { Service: "sns.amazonaws.com" },
                    Action: "sqs:SendMessage",
                    Resource: arn,
                    ...statement,
                  },
                ],
              }),
            },
          });
        await account.call("sns", "Subscribe", { TopicArn, Protocol: "sqs", Endpoint: arn });
        return async () =>
          ((await account.call("sqs", "ReceiveMessage", { QueueUrl, MaxNumberOfMessages: 10 })).Messages ?? []).map(
            ({ Body }: Members) => JSON.parse(Body).Message as string,
          );
      };
      const closed = await queue("fan-closed");
      const other = await queue("fan-other", {
        Condition: { ArnEquals: { "aws:SourceArn": "arn:aws:sns:eu-central-1:1:other" } },
      });
      const locked = await queue("fan-locked", {}, { KmsMasterKeyId: keyArn });
      const open = await queue("fan-open", { Condition: { ArnEquals: { "aws:SourceArn": TopicArn } } });
      assert.equal(await ask("sns", "Publish", { TopicArn, Message: "one" }), "allowed");
      assert.deepEqual([await closed(), await other(), await locked(), await open()], [[], [], [], ["one"]]);
      await changeKey(keyArn, through(["sqs"]), {
        Effect: "Allow",
        Principal: { Service: "sns.amazonaws.com" },
        Action: ["kms:Decrypt", "kms:GenerateDataKey*"],
        Resource: "*",
      });
      assert.equal(
        await ask("sns", "PublishBatch", { TopicArn, PublishBatchRequestEntries: [{ Id: "a", Message: "two" }] }),
        "allowed",
      );
      assert.deepEqual([await closed(), await locked()], [[], ["two"]]);
    });
  });

  describe("to secrets and logs", () => {
    it("are those to the key of a SecureString", async () => {
      const keyArn = await key(through(["ssm"]));
      const writer = await user("writer", [allow("ssm:*")]);
      const put = { Name: "/x/secret", Value: "v", Type: "SecureString", KeyId: keyArn };
      assert.match(
        await ask("ssm", "PutParameter", put, writer),
        /^AccessDeniedException 400: .* kms:Encrypt on resource/,
      );
      assert.equal(await ask("ssm", "PutParameter", put), "allowed");
      for (const [operation, input] of [
        ["GetParameter", { Name: "/x/secret" }],
        ["GetParameters", { Names: ["/x/secret"] }],
        ["GetParametersByPath", { Path: "/x" }],
      ] as const) {
        assert.match(
          await ask("ssm", operation, { ...input, WithDecryption: true }, writer),
          /kms:Decrypt on resource/,
          operation,
        );
        assert.equal(await ask("ssm", operation, input, writer), "allowed");
      }
    });

    it("are those of CloudWatch Logs itself to the key of a group, for that group", async () => {
      const use = (group: string): Members => ({
        Effect: "Allow",
        Principal: { Service: "logs.eu-central-1.amazonaws.com" },
        Action: ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
        Resource: "*",
        Condition: {
          ArnLike: { "kms:EncryptionContext:aws:logs:arn": `arn:aws:logs:eu-central-1:${ACCOUNT}:log-group:${group}` },
        },
      });
      const kmsKeyId = await key(use("/ours/*"));
      assert.equal(
        await ask("logs", "CreateLogGroup", { logGroupName: "/theirs/a", kmsKeyId }),
        `AccessDeniedException 400: The specified KMS key does not exist or is not allowed to be used with Arn 'arn:aws:logs:eu-central-1:${ACCOUNT}:log-group:/theirs/a'`,
      );
      assert.equal(await ask("logs", "CreateLogGroup", { logGroupName: "/ours/a", kmsKeyId }), "allowed");
    });
  });

  it("to scale an endpoint include making the scaling service's role, once", async () => {
    const scaler = await user("scaler", [allow("application-autoscaling:*")]);
    const target = {
      ServiceNamespace: "sagemaker",
      ResourceId: "endpoint/none/variant/v",
      ScalableDimension: "sagemaker:variant:DesiredInstanceCount",
      MinCapacity: 1,
      MaxCapacity: 1,
    };
    const tell = () => ask("application-autoscaling", "RegisterScalableTarget", target, scaler);
    assert.match(
      await tell(),
      /^AccessDeniedException 400: .* iam:CreateServiceLinkedRole on resource: arn:aws:iam::111122223333:role\/aws-service-role\/sagemaker.application-autoscaling.amazonaws.com\/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint because/,
    );
    await account.call("iam", "CreateServiceLinkedRole", {
      AWSServiceName: "sagemaker.application-autoscaling.amazonaws.com",
    });
    assert.match(await tell(), /^ValidationException/);
  });

  it("of a schedule begin with its role, which has to be there and to trust Scheduler when the schedule is made", async () => {
    const trusted = await account.role("trusted", [], "scheduler.amazonaws.com");
    const schedule = (Name: string, RoleArn: string): Members => ({
      Name,
      ScheduleExpression: "rate(1 day)",
      FlexibleTimeWindow: { Mode: "OFF" },
      Target: { Arn: `arn:aws:sqs:eu-central-1:${ACCOUNT}:q`, RoleArn },
    });
    const words =
      "ValidationException 400: The execution role you provide must allow AWS EventBridge Scheduler to assume the role.";
    assert.equal(
      await ask("scheduler", "CreateSchedule", schedule("a", await account.role("other", [], "events.amazonaws.com"))),
      words,
    );
    assert.equal(await ask("scheduler", "CreateSchedule", schedule("a", `arn:aws:iam::${ACCOUNT}:role/nobody`)), words);
    assert.equal(await ask("scheduler", "CreateSchedule", schedule("a", trusted)), "allowed");
    const elsewhere = {
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: "scheduler.amazonaws.com" },
          Action: "sts:AssumeRole",
          Condition: { StringEquals: { "aws:SourceAccount": "999999999999" } },
        },
      ],
    };
    await account.call("iam", "UpdateAssumeRolePolicy", {
      RoleName: "trusted",
      PolicyDocument: JSON.stringify(elsewhere),
    });
    assert.equal(await ask("scheduler", "UpdateSchedule", schedule("a", trusted)), words);
  });

  it("of CloudTrail are tried when a trail is made: to the bucket, to the key, and as the role to the log group, each for that trail", async () => {
    const maker = await user("trail-maker", [everything]);
    const sourceArn = `arn:aws:cloudtrail:eu-central-1:${ACCOUNT}:trail/t`;
    const cloudtrail = (Action: string, Resource: string): Members => ({
      Effect: "Allow",
      Principal: { Service: "cloudtrail.amazonaws.com" },
      Action,
      Resource,
      Condition: { StringEquals: { "aws:SourceArn": sourceArn } },
    });
    await account.call("s3", "CreateBucket", {
      Bucket: "trails",
      CreateBucketConfiguration: { LocationConstraint: "eu-central-1" },
    });
    const lets = (...Statement: Members[]) =>
      account.call("s3", "PutBucketPolicy", {
        Bucket: "trails",
        Policy: JSON.stringify({ Version: "2012-10-17", Statement }),
      });
    const make = (rest: Members = {}, Name = "t") =>
      ask("cloudtrail", "CreateTrail", { Name, S3BucketName: "trails", ...rest }, maker);
    const noBucket =
      "InsufficientS3BucketPolicyException 400: Incorrect S3 bucket policy is detected for bucket: trails";
    const [looks, writes] = [
      cloudtrail("s3:GetBucketAcl", "arn:aws:s3:::trails"),
      cloudtrail("s3:PutObject", `arn:aws:s3:::trails/AWSLogs/${ACCOUNT}/*`),
    ];
    assert.equal(await make(), noBucket);
    for (const alone of [looks, writes]) assert.equal((await lets(alone), await make()), noBucket);
    await lets(looks, writes);
    assert.equal(await make({}, "other"), noBucket);
    const KmsKeyId = await key();
    assert.equal(
      await make({ KmsKeyId }),
      `InsufficientEncryptionPolicyException 400: Insufficient permissions to access S3 bucket trails or KMS key ${KmsKeyId}.`,
    );
    const CloudWatchLogsRoleArn = await account.role("trail-logs", [], "cloudtrail.amazonaws.com");
    assert.equal(
      await make({
        CloudWatchLogsRoleArn,
        CloudWatchLogsLogGroupArn: `arn:aws:logs:eu-central-1:${ACCOUNT}:log-group:trail:*`,
      }),
      "InvalidCloudWatchLogsRoleArnException 400: Access denied. Check the permissions for your role.",
    );
    assert.equal(await make(), "allowed");
  });

  it("of a key's maker stay: a policy that locks him out is refused, unless he bypasses the check", async () => {
    const maker = await user("maker", [everything]);
    const Policy = JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: root, Action: "kms:Describe*", Resource: "*" }],
    });
    const words =
      "MalformedPolicyDocumentException 400: The new key policy will not allow you to update the key policy in the future.";
    assert.equal(await ask("kms", "CreateKey", { Policy }, maker), words);
    assert.equal(await ask("kms", "CreateKey", { Policy, BypassPolicyLockoutSafetyCheck: true }, maker), "allowed");
    const keyArn = await key(through(["s3"]));
    assert.equal(await ask("kms", "PutKeyPolicy", { KeyId: keyArn, PolicyName: "default", Policy }, maker), words);
    // What the key's policy leaves to IAM, IAM has to give.
    const lesser = await user("lesser", [allow(["kms:CreateKey"])]);
    assert.equal(await ask("kms", "CreateKey", { Policy: policyOf() }, lesser), words);
  });

  it("are declared for operations that exist", () => {
    for (const name of Object.keys(dependents)) {
      const [service, operation] = name.split(":") as [string, string];
      assert.ok(account.local.cloud.models.service(service).operation(operation), name);
    }
  });
});
