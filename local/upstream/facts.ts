import type { Cloud } from "../cloud";
import type { Members } from "../members";
import { RawResponse } from "../raw";
import { type DependentFacts, dependentFacts } from "../iam/dependents/facts";
import type { Table } from "../journal";

type Tags = Readonly<Record<string, string>>;

/**
 * What authorisation must know at once about resources that live in moto: their tags and resource-based policies.
 * Learned from each successful change that passes by.
 */
export class ResourceFacts {
  private readonly tags: Table<Tags>;
  private readonly policies: Table<string>;
  /** Which key each of them is encrypted with. */
  private readonly keys: DependentFacts;

  constructor(private readonly cloud: Cloud) {
    this.keys = dependentFacts(cloud);
    this.tags = cloud.journal.table<Tags>("upstream/tags");
    this.policies = cloud.journal.table<string>("upstream/policies");
  }

  serves(service: string, arn: string): boolean {
    return arn.split(":")[2] === service;
  }

  tagsOf(arn: string): Tags | undefined {
    return this.tags.get(arn);
  }

  policyOf(arn: string): string | undefined {
    return this.policies.get(arn);
  }

  /** Names of a key, as `kms:ResourceAliases` has them. */
  aliasesOf(keyArn: string): string[] {
    return this.keys.aliasesOf(keyArn);
  }

  /** The ARN of the key behind an alias, given by name or ARN. */
  keyOf(alias: string): string | undefined {
    return alias.includes("alias/") ? this.keys.arnOf(alias) : undefined;
  }

  learn(service: string, operation: string, input: Members, output: Members | RawResponse): void {
    switch (`${service}:${operation}`) {
      case "s3:PutBucketTagging":
        return this.tags.put(`arn:aws:s3:::${input.Bucket}`, fromList(input.Tagging?.TagSet));
      case "s3:DeleteBucketTagging":
        return void this.tags.delete(`arn:aws:s3:::${input.Bucket}`);
      case "s3:DeleteBucket":
        return this.forget(`arn:aws:s3:::${input.Bucket}`);
      case "s3:PutBucketEncryption": {
        const [rule] = (input.ServerSideEncryptionConfiguration?.Rules ?? []) as Members[];
        return this.keys.setKey(
          `arn:aws:s3:::${input.Bucket}`,
          rule?.ApplyServerSideEncryptionByDefault?.KMSMasterKeyID,
          rule?.BucketKeyEnabled === true,
        );
      }
      case "s3:DeleteBucketEncryption":
        return this.keys.setKey(`arn:aws:s3:::${input.Bucket}`, undefined);
      case "s3:CreateBucket":
        return this.addTags(`arn:aws:s3:::${input.Bucket}`, fromList(input.CreateBucketConfiguration?.Tags));
      case "sns:CreateTopic":
        this.keys.setKey(this.cloud.arn("sns", input.Name), input.Attributes?.KmsMasterKeyId);
        return this.created(this.cloud.arn("sns", input.Name), fromList(input.Tags), input.Attributes?.Policy);
      case "sns:SetTopicAttributes":
        if (input.AttributeName === "KmsMasterKeyId") return this.keys.setKey(input.TopicArn, input.AttributeValue);
        return input.AttributeName === "Policy" ? this.setPolicy(input.TopicArn, input.AttributeValue) : undefined;
      case "sns:DeleteTopic":
        return this.forget(input.TopicArn);
      case "sqs:CreateQueue":
        this.keys.setKey(this.cloud.arn("sqs", input.QueueName), input.Attributes?.KmsMasterKeyId);
        return this.created(
          this.cloud.arn("sqs", input.QueueName),
          (input.tags ?? {}) as Tags,
          input.Attributes?.Policy,
        );
      case "sqs:SetQueueAttributes":
        if (input.Attributes?.KmsMasterKeyId !== undefined)
          this.keys.setKey(this.queueArn(input), input.Attributes.KmsMasterKeyId);
        return input.Attributes?.Policy === undefined
          ? undefined
          : this.setPolicy(this.queueArn(input), input.Attributes.Policy);
      case "sqs:TagQueue":
        return this.addTags(this.queueArn(input), input.Tags as Tags);
      case "sqs:UntagQueue":
        return this.removeTags(this.queueArn(input), input.TagKeys);
      case "sqs:DeleteQueue":
        return this.forget(this.queueArn(input));
      case "kms:CreateKey": {
        const arn: unknown = members(output).KeyMetadata?.Arn;
        return typeof arn === "string"
          ? this.created(arn, fromList(input.Tags), input.Policy ?? defaultKeyPolicy(this.cloud.accountId))
          : undefined;
      }
      case "kms:PutKeyPolicy":
        return this.setPolicy(this.keyArn(input.KeyId), input.Policy);
      case "kms:CreateAlias":
      case "kms:UpdateAlias":
        return this.keys.pointAlias(input.AliasName, keyId(input.TargetKeyId));
      case "kms:DeleteAlias":
        return this.keys.pointAlias(input.AliasName, undefined);
      case "kms:TagResource":
        return this.addTags(this.keyArn(input.KeyId), fromList(input.Tags));
      case "kms:UntagResource":
        return this.removeTags(this.keyArn(input.KeyId), input.TagKeys);
      case "logs:CreateLogGroup":
        return this.addTags(this.cloud.arn("logs", `log-group:${input.logGroupName}`), (input.tags ?? {}) as Tags);
      case "logs:DeleteLogGroup":
        return this.forget(this.cloud.arn("logs", `log-group:${input.logGroupName}`));
      case "logs:TagLogGroup":
        return this.addTags(this.cloud.arn("logs", `log-group:${input.logGroupName}`), input.tags as Tags);
      case "logs:TagResource":
        return this.addTags(input.resourceArn, input.tags as Tags);
      case "logs:UntagResource":
        return this.removeTags(input.resourceArn, input.tagKeys);
      case "ecr:CreateRepository":
        return this.created(
          this.cloud.arn("ecr", `repository/${input.repositoryName}`),
          fromList(input.tags),
          undefined,
        );
      case "ecr:SetRepositoryPolicy":
        return this.setPolicy(this.cloud.arn("ecr", `repository/${input.repositoryName}`), input.policyText);
      case "ecr:DeleteRepositoryPolicy":
        return void this.policies.delete(this.cloud.arn("ecr", `repository/${input.repositoryName}`));
      case "ecr:DeleteRepository":
        return this.forget(this.cloud.arn("ecr", `repository/${input.repositoryName}`));
      case "ecr:TagResource":
        return this.addTags(input.resourceArn, fromList(input.tags));
      case "ecr:UntagResource":
        return this.removeTags(input.resourceArn, input.tagKeys);
      case "sns:TagResource":
        return this.addTags(input.ResourceArn, fromList(input.Tags));
      case "sns:UntagResource":
        return this.removeTags(input.ResourceArn, input.TagKeys);
      case "ssm:PutParameter":
        this.keys.setKey(this.parameterArn(input.Name), input.Type === "SecureString" ? input.KeyId : undefined);
        return this.addTags(this.parameterArn(input.Name), fromList(input.Tags));
      case "ssm:DeleteParameter":
        return this.forget(this.parameterArn(input.Name));
      case "ssm:DeleteParameters":
        return (input.Names as string[]).forEach((name) => this.forget(this.parameterArn(name)));
      case "ssm:AddTagsToResource":
        return input.ResourceType === "Parameter"
          ? this.addTags(this.parameterArn(input.ResourceId), fromList(input.Tags))
          : undefined;
      case "ssm:RemoveTagsFromResource":
        return input.ResourceType === "Parameter"
          ? this.removeTags(this.parameterArn(input.ResourceId), input.TagKeys)
          : undefined;
      default:
        return undefined;
    }
  }

  private created(arn: string, tags: Tags, policy: string | undefined): void {
    this.addTags(arn, tags);
    if (policy !== undefined) this.setPolicy(arn, policy);
  }

  private addTags(arn: string, tags: Tags | undefined): void {
    if (tags && Object.keys(tags).length > 0) this.tags.put(arn, { ...this.tags.get(arn), ...tags });
  }

  private removeTags(arn: string, names: readonly string[]): void {
    const held = this.tags.get(arn);
    if (held) this.tags.put(arn, Object.fromEntries(Object.entries(held).filter(([name]) => !names.includes(name))));
  }

  private setPolicy(arn: string, policy: string): void {
    // An empty policy is how SNS and SQS remove theirs.
    if (policy === "") this.policies.delete(arn);
    else this.policies.put(arn, policy);
  }

  private forget(arn: string): void {
    this.tags.delete(arn);
    this.policies.delete(arn);
    this.keys.setKey(arn, undefined);
  }

  private queueArn(input: Members): string {
    return this.cloud.arn("sqs", String(input.QueueUrl).split("/").pop() ?? "");
  }

  private keyArn(key: string): string {
    return key.startsWith("arn:") ? key : this.cloud.arn("kms", `key/${key}`);
  }

  private parameterArn(name: string): string {
    return this.cloud.arn("ssm", `parameter/${name.replace(/^\//, "")}`);
  }
}

function keyId(idOrArn: string): string {
  return idOrArn.slice(idOrArn.lastIndexOf("/") + 1);
}

/** A key without a policy of its own trusts the account, which leaves the decision to identity policies. */
function defaultKeyPolicy(accountId: string): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Id: "key-default-1",
    Statement: [
      {
        Sid: "Enable IAM User Permissions",
        Effect: "Allow",
        Principal: { AWS: `arn:aws:iam::${accountId}:root` },
        Action: "kms:*",
        Resource: "*",
      },
    ],
  });
}

/** Services spell a tag `Key`, `key` or `TagKey`. */
function fromList(tags: readonly Members[] | undefined): Tags {
  return Object.fromEntries(
    (tags ?? []).map((tag) => [tag.Key ?? tag.key ?? tag.TagKey, tag.Value ?? tag.value ?? tag.TagValue ?? ""]),
  );
}

function members(output: Members | RawResponse): Members {
  return output instanceof RawResponse ? (JSON.parse(output.body.toString("utf8")) as Members) : output;
}
