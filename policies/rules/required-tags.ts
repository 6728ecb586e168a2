import { defineRule, type Subject, wellArchitected } from "../rule";

interface Config {
  /** Tags that must be there with any value. */
  readonly required: readonly string[];
  /** Tags that must have this value. */
  readonly values?: Readonly<Record<string, string>>;
}

/** AWS resources that cannot carry tags. Every other AWS resource must, so a type that is new here has to be looked up. */
const untaggable = new Set([
  "aws:appautoscaling/policy:Policy",
  "aws:cloudwatch/dashboard:Dashboard",
  "aws:cloudwatch/eventArchive:EventArchive",
  "aws:cloudwatch/eventTarget:EventTarget",
  "aws:ecr/lifecyclePolicy:LifecyclePolicy",
  "aws:iam/rolePolicy:RolePolicy",
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
  "aws:kms/alias:Alias",
  "aws:lambda/permission:Permission",
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
  "aws:s3/bucketPolicy:BucketPolicy",
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
  "aws:s3/bucketVersioning:BucketVersioning",
  "aws:scheduler/schedule:Schedule",
  "aws:sns/topicPolicy:TopicPolicy",
  "aws:sns/topicSubscription:TopicSubscription",
  "aws:sqs/queuePolicy:QueuePolicy",
]);

export const requiredTags = defineRule<Config>({
  name: "required-tags",
  description: "Every AWS resource carries the project's tags.",
  rationale: "Costs, ownership and clean-up hang on them: what has no tag is paid by nobody and found by nobody.",
  severity: "high",
  framework: wellArchitected("MLCOST01", "Establish cost allocation by tags"),
  remediationSteps: "Set the tag in the provider's defaultTags, or on the resource.",
  url: "https://docs.aws.amazon.com/whitepapers/latest/tagging-best-practices/tagging-best-practices.html",
  configSchema: {
    properties: {
      required: { type: "array", items: { type: "string" }, default: ["project", "environment", "owner", "cost-center", "managed-by"] },
      values: { type: "object" },
    },
  },
  appliesTo: (type) => type.startsWith("aws:") && !untaggable.has(type),
  *check(resource, { required, values = {} }) {
    const tags = effectiveTags(resource);
    for (const tag of required) if (!tags[tag]) yield `The tag ${tag} is missing.`;
    for (const [tag, value] of Object.entries(values)) if (tags[tag] !== undefined && tags[tag] !== value) yield `The tag ${tag} is ${JSON.stringify(tags[tag])}, not ${JSON.stringify(value)}.`;
  },
});

/** The provider's default tags with the resource's own over them, as AWS will get them. */
function effectiveTags({ props, provider }: Subject): Record<string, string> {
  const defaults: unknown = provider?.props["defaultTags"];
  // Provider settings travel as JSON text.
  const parsed = (typeof defaults === "string" ? JSON.parse(defaults) : defaults) as { tags?: Record<string, string> } | undefined;
  return { ...parsed?.tags, ...(props["tagsAll"] as object | undefined), ...(props["tags"] as object | undefined) };
}
