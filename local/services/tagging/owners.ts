import type { Members } from "../../members";

/**
 * How a service tags one of its resources: the operations of its own API, and how they want their input. `held` are the
 * tags it has.
 */
export interface TagOwner {
  readonly service: string;
  readonly tag: {
    readonly operation: string;
    input(arn: string, tags: Readonly<Record<string, string>>, held: Readonly<Record<string, string>>): Members;
  };
  readonly untag: {
    readonly operation: string;
    input(arn: string, keys: readonly string[], held: Readonly<Record<string, string>>): Members;
  };
}

const list = (tags: Readonly<Record<string, string>>, key = "Key", value = "Value"): Members[] =>
  Object.entries(tags).map(([k, v]) => ({ [key]: k, [value]: v }));

/** Owners by the service part of an ARN. */
const OWNERS: Readonly<Record<string, TagOwner>> = {
  sagemaker: {
    service: "sagemaker",
    tag: { operation: "AddTags", input: (arn, tags) => ({ ResourceArn: arn, Tags: list(tags) }) },
    untag: { operation: "DeleteTags", input: (arn, keys) => ({ ResourceArn: arn, TagKeys: keys }) },
  },
  "application-autoscaling": {
    service: "application-autoscaling",
    tag: { operation: "TagResource", input: (arn, tags) => ({ ResourceARN: arn, Tags: tags }) },
    untag: { operation: "UntagResource", input: (arn, keys) => ({ ResourceARN: arn, TagKeys: keys }) },
  },
  events: {
    service: "events",
    tag: { operation: "TagResource", input: (arn, tags) => ({ ResourceARN: arn, Tags: list(tags) }) },
    untag: { operation: "UntagResource", input: (arn, keys) => ({ ResourceARN: arn, TagKeys: keys }) },
  },
  cloudwatch: {
    service: "cloudwatch",
    tag: { operation: "TagResource", input: (arn, tags) => ({ ResourceARN: arn, Tags: list(tags) }) },
    untag: { operation: "UntagResource", input: (arn, keys) => ({ ResourceARN: arn, TagKeys: keys }) },
  },
  lambda: {
    service: "lambda",
    tag: { operation: "TagResource", input: (arn, tags) => ({ Resource: arn, Tags: tags }) },
    untag: { operation: "UntagResource", input: (arn, keys) => ({ Resource: arn, TagKeys: keys }) },
  },
  // CodeBuild has no operations for tags: a project is updated with all that it shall have.
  codebuild: {
    service: "codebuild",
    tag: {
      operation: "UpdateProject",
      input: (arn, tags, held) => ({ name: projectName(arn), tags: list({ ...held, ...tags }, "key", "value") }),
    },
    untag: {
      operation: "UpdateProject",
      input: (arn, keys, held) => ({
        name: projectName(arn),
        tags: list(Object.fromEntries(Object.entries(held).filter(([key]) => !keys.includes(key))), "key", "value"),
      }),
    },
  },
  logs: {
    service: "logs",
    tag: { operation: "TagResource", input: (arn, tags) => ({ resourceArn: arn, tags }) },
    untag: { operation: "UntagResource", input: (arn, keys) => ({ resourceArn: arn, tagKeys: keys }) },
  },
  sns: {
    service: "sns",
    tag: { operation: "TagResource", input: (arn, tags) => ({ ResourceArn: arn, Tags: list(tags) }) },
    untag: { operation: "UntagResource", input: (arn, keys) => ({ ResourceArn: arn, TagKeys: keys }) },
  },
  kms: {
    service: "kms",
    tag: { operation: "TagResource", input: (arn, tags) => ({ KeyId: arn, Tags: list(tags, "TagKey", "TagValue") }) },
    untag: { operation: "UntagResource", input: (arn, keys) => ({ KeyId: arn, TagKeys: keys }) },
  },
  ecr: {
    service: "ecr",
    tag: { operation: "TagResource", input: (arn, tags) => ({ resourceArn: arn, tags: list(tags) }) },
    untag: { operation: "UntagResource", input: (arn, keys) => ({ resourceArn: arn, tagKeys: keys }) },
  },
  ssm: {
    service: "ssm",
    tag: {
      operation: "AddTagsToResource",
      input: (arn, tags) => ({ ResourceType: "Parameter", ResourceId: parameterName(arn), Tags: list(tags) }),
    },
    untag: {
      operation: "RemoveTagsFromResource",
      input: (arn, keys) => ({ ResourceType: "Parameter", ResourceId: parameterName(arn), TagKeys: keys }),
    },
  },
};

export function ownerOf(arn: string): TagOwner | undefined {
  return OWNERS[arn.split(":")[2] ?? ""];
}

const projectName = (arn: string): string => arn.replace(/^.*:project\//, "");

/** `parameter/a/b` is the parameter `/a/b`; `parameter/a` is `a`. */
function parameterName(arn: string): string {
  const path = arn.replace(/^.*:parameter\//, "");
  return path.includes("/") ? `/${path}` : path;
}
