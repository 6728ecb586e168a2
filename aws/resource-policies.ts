import { DescribeKeyCommand, GetKeyPolicyCommand, KMSClient } from "@aws-sdk/client-kms";
import { ECRClient, GetRepositoryPolicyCommand } from "@aws-sdk/client-ecr";
import { GetPolicyCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetBucketPolicyCommand, S3Client } from "@aws-sdk/client-s3";
import { GetModelPackageGroupPolicyCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { GetTopicAttributesCommand, SNSClient } from "@aws-sdk/client-sns";
import { GetQueueAttributesCommand, GetQueueUrlCommand, SQSClient } from "@aws-sdk/client-sqs";
import { type AwsSession, clientSettings, hasCode } from "./session";

/** What services answer where a thing, or its policy, is not there. */
const absent = [
  "NoSuchBucket",
  "NoSuchBucketPolicy",
  "NotFoundException",
  "ResourceNotFoundException",
  "ResourceNotFound",
  "ValidationException",
  "RepositoryNotFoundException",
  "RepositoryPolicyNotFoundException",
  "QueueDoesNotExist",
  "NotFound",
];

/** Policies of things, as text. Reads only. */
export class ResourcePolicies {
  private readonly settings: ReturnType<typeof clientSettings>;

  constructor(session: AwsSession) {
    this.settings = clientSettings(session);
  }

  /** @returns undefined where there is none, or no such thing. */
  async ofArn(arn: string): Promise<string | undefined> {
    const [, , service, , , ...rest] = arn.split(":");
    const name = rest.join(":").replace(/^[^/:]*[/:]/, "");
    try {
      switch (service) {
        case "s3":
          return (await new S3Client(this.settings).send(new GetBucketPolicyCommand({ Bucket: rest.join(":") })))
            .Policy;
        case "kms":
          return (
            await new KMSClient(this.settings).send(new GetKeyPolicyCommand({ KeyId: arn, PolicyName: "default" }))
          ).Policy;
        case "sqs":
          return await this.ofQueue(rest.join(":"));
        case "sns":
          return (await new SNSClient(this.settings).send(new GetTopicAttributesCommand({ TopicArn: arn }))).Attributes
            ?.Policy;
        case "lambda":
          return (await new LambdaClient(this.settings).send(new GetPolicyCommand({ FunctionName: name }))).Policy;
        case "ecr":
          return (await new ECRClient(this.settings).send(new GetRepositoryPolicyCommand({ repositoryName: name })))
            .policyText;
        case "sagemaker":
          return (
            await new SageMakerClient(this.settings).send(
              new GetModelPackageGroupPolicyCommand({ ModelPackageGroupName: name }),
            )
          ).ResourcePolicy;
        default:
          return undefined;
      }
    } catch (error) {
      if (hasCode(error, ...absent)) return undefined;
      throw error;
    }
  }

  /** @returns the ARN of the key behind an alias; undefined where there is none. */
  async keyOf(alias: string): Promise<string | undefined> {
    try {
      return (await new KMSClient(this.settings).send(new DescribeKeyCommand({ KeyId: alias }))).KeyMetadata?.Arn;
    } catch (error) {
      if (hasCode(error, ...absent)) return undefined;
      throw error;
    }
  }

  private async ofQueue(name: string): Promise<string | undefined> {
    const client = new SQSClient(this.settings);
    const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: name }));
    return (await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["Policy"] }))).Attributes
      ?.Policy;
  }
}
