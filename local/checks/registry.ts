import { check } from "./check";

const metadata = ["sagemaker:CreateModelPackage", "sagemaker:UpdateModelPackage"] as const;

/** Model packages and their groups: SageMaker API. */
export const registryChecks = {
  oneName: check({
    operations: ["sagemaker:CreateModelPackage"],
    rule: "there is one of `ModelPackageName` and `ModelPackageGroupName`",
    ground: "words believed",
    names: [],
    words: () => "Exactly one of ModelPackageName and ModelPackageGroupName must be specified.",
  }),
  tagsOfGroup: check({
    operations: ["sagemaker:CreateModelPackage"],
    rule: "a package of a group has no tags of its own",
    ground: "words believed",
    names: [],
    words: () => "Tags cannot be specified for a versioned model package: it uses the tags of its model package group.",
  }),
  additional: check({
    operations: ["sagemaker:UpdateModelPackage"],
    rule: "there are 15 additional inference specifications at most",
    ground: "words believed",
    names: ["number"],
    words: (most) => `Total number of additional inference specifications cannot exceed ${most}.`,
  }),
  emptyGroup: check({
    operations: ["sagemaker:DeleteModelPackageGroup"],
    rule: "the group holds no packages",
    ground: "words believed",
    code: "ConflictException",
    names: ["group"],
    words: (arn) => `Model Package Group cannot be deleted because it still contains Model Packages: ${arn}`,
  }),
  cardNameIsFree: check({
    operations: ["sagemaker:CreateModelCard"],
    rule: "no model card has the name",
    ground: "words believed",
    code: "ConflictException",
    names: ["name"],
    words: (name) => `Model card with name ${name} already exists.`,
  }),
  cardIsJson: check({
    operations: ["sagemaker:CreateModelCard", "sagemaker:UpdateModelCard"],
    rule: "the content of a model card is JSON",
    ground: "words believed",
    names: [],
    words: () => "The model card content is not a valid JSON document.",
  }),
  packageCard: check({
    operations: ["sagemaker:CreateModelPackage", "sagemaker:UpdateModelPackage"],
    rule: "the content of a package's card follows the model package model card schema",
    ground: "words believed",
    names: ["problem"],
    words: (problem) => `The model card content does not follow the model package model card schema: ${problem}`,
  }),
  contentOrStatus: check({
    operations: ["sagemaker:UpdateModelCard"],
    rule: "an update changes a model card's content or its status, and not both",
    ground: "words believed",
    names: [],
    words: () => "You cannot update both model card content and model card status in a single call.",
  }),
  notArchived: check({
    operations: ["sagemaker:UpdateModelCard"],
    rule: "the model card is not archived",
    ground: "documented",
    names: [],
    words: () => "Model Card is in Archived state.",
  }),
  policyIsJson: check({
    operations: ["sagemaker:PutModelPackageGroupPolicy"],
    rule: "the policy is JSON",
    ground: "words believed",
    names: [],
    words: () => "Invalid resource policy: it must be a JSON policy document.",
  }),
};

/** Checked by the service model itself, whose pattern of metadata values is published malformed. */
export const metadataRule = {
  operations: metadata,
  rule: "values of `CustomerMetadataProperties` are 1 to 256 letters, digits, spaces and `_ . : / = + - @`, 50 of them at most",
  ground: "documented",
} as const;
