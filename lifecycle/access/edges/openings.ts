import { anyOf, type Family, need } from "./kind";

/** Policies of things, grants of keys, tags that satisfy conditions. */
export const openings: Family = {
  name: "resource policies, grants, tags",
  requests: [
    { name: "open a bucket", says: "gives a bucket a policy that lets whom he likes in", source: "S3 API, PutBucketPolicy, DeleteBucketPolicy, PutBucketAcl", on: ["bucket"], ways: anyOf("s3:PutBucketPolicy s3:DeleteBucketPolicy s3:PutBucketAcl"), gives: ["opens"] },
    { name: "open a queue", says: "gives a queue a policy that lets whom he likes send", source: "SQS API, SetQueueAttributes: `Policy`; AddPermission", on: ["queue"], ways: anyOf("sqs:SetQueueAttributes sqs:AddPermission"), gives: ["opens"] },
    { name: "open a topic", says: "gives a topic a policy that lets whom he likes publish", source: "SNS API, SetTopicAttributes: `Policy`; AddPermission", on: ["topic"], ways: anyOf("sns:SetTopicAttributes sns:AddPermission"), gives: ["opens"] },
    { name: "open a function", says: "lets whom he likes call a function", source: "Lambda API, AddPermission, CreateFunctionUrlConfig, CreateEventSourceMapping", on: ["function"], ways: anyOf("lambda:AddPermission lambda:CreateFunctionUrlConfig"), gives: ["opens"] },
    { name: "open a repository", says: "lets whom he likes push images", source: "ECR API, SetRepositoryPolicy", on: ["repository"], ways: anyOf("ecr:SetRepositoryPolicy"), gives: ["opens"] },
    { name: "open a package group", says: "lets whom he likes change packages", source: "SageMaker API, PutModelPackageGroupPolicy", on: ["package-group"], ways: anyOf("sagemaker:PutModelPackageGroupPolicy"), gives: ["opens"] },
    { name: "open a bus", says: "lets whom he likes send events", source: "EventBridge API, PutPermission", on: ["bus"], ways: anyOf("events:PutPermission"), gives: ["opens"] },
    { name: "open a key", says: "gives a key a policy that lets whom he likes use it", source: "KMS API, PutKeyPolicy", on: ["key"], ways: anyOf("kms:PutKeyPolicy"), gives: ["opens"] },
    { name: "lend a key", says: "grants the use of a key, or its signature, to whom he likes", source: "KMS API, CreateGrant: `Operations`", on: ["key"], ways: anyOf("kms:CreateGrant"), gives: ["opens"] },
    { name: "rename a key", says: "points an alias at another key, or names another key so that conditions on aliases hold", source: "KMS API, UpdateAlias, CreateAlias; KMS developer guide, `kms:ResourceAliases`", on: ["key"], ways: [[need("kms:UpdateAlias"), need("kms:UpdateAlias", "{alias}")], [need("kms:DeleteAlias"), need("kms:DeleteAlias", "{alias}"), need("kms:CreateAlias", "{alias}")]], gives: ["opens"] },
    {
      name: "retag",
      says: "changes the tags that conditions look at",
      source: "IAM user guide, \"Controlling access to AWS resources using tags\"",
      on: ["profile", "domain", "key", "mlflow", "endpoint", "pipeline", "function", "queue", "topic", "rule", "bucket", "repository", "project", "package-group", "log-group", "alarm", "trail", "notebook", "role"],
      ways: "sagemaker:AddTags kms:TagResource lambda:TagResource sqs:TagQueue sns:TagResource events:TagResource s3:PutBucketTagging ecr:TagResource logs:TagResource cloudwatch:TagResource cloudtrail:AddTags iam:TagRole"
        .split(" ")
        .map((action) => [need(action, "{arn}", { "aws:TagKeys": ["environment"], "sagemaker:TaggingAction": [] })]),
      gives: ["retags"],
    },
  ],
  consequences: [{ name: "use an opening", says: "does through a policy of his own what the thing allows", source: "IAM user guide, \"Identity-based policies and resource-based policies\"" }],
};
