import type { Call, Requirement } from "../../call";
import type { Members } from "../../members";
import { linkedRoleName } from "../linked-roles";
import type { DependentFacts } from "./facts";
import { useKey } from "./keys";
import type { DependentRule, DependentTable } from "./table";

/** `iam:CreateServiceLinkedRole`, of whoever is the first to need the role. */
function linkedRole(facts: DependentFacts, service: string): Requirement[] {
  if (facts.hasLinkedRole(service)) return [];
  return [
    {
      action: "iam:CreateServiceLinkedRole",
      resource: `arn:aws:iam::${facts.accountId}:role/aws-service-role/${service}/${linkedRoleName(service)}`,
      context: { "iam:AWSServiceName": service, "aws:ViaAWSService": "true" },
    },
  ];
}

/**
 * A domain's home is a file system of EFS, made in the caller's name (SageMaker developer guide, "API permissions":
 * CreateDomain). That EFS is the service that KMS hears of is believed.
 */
const domain: DependentRule = {
  asks: "`iam:CreateServiceLinkedRole` where `sagemaker.amazonaws.com` has no role; with a key `elasticfilesystem:CreateFileSystem`, and `kms:DescribeKey`, `kms:Decrypt`, `kms:GenerateDataKeyWithoutPlaintext`, `kms:CreateGrant` on it, through EFS (believed: that it is EFS)",
  before: (input, call, facts) => {
    const key = input.KmsKeyId ?? input.HomeEfsFileSystemKmsKeyId;
    return [
      ...linkedRole(facts, "sagemaker.amazonaws.com"),
      ...(key === undefined
        ? []
        : [
            {
              action: "elasticfilesystem:CreateFileSystem",
              resource: facts.arn("elasticfilesystem", "file-system/*"),
              context: { "elasticfilesystem:Encrypted": "true", "aws:ViaAWSService": "true" },
            },
          ]),
      ...useKey(facts, call, {
        key,
        via: "elasticfilesystem",
        actions: ["DescribeKey", "Decrypt", "GenerateDataKeyWithoutPlaintext", "CreateGrant"],
      }),
    ];
  },
};

/**
 * The disk of a space is EC2's (EBS user guide, "Permissions for encryption"). That the maker of a space is asked as
 * well as whoever starts its app is believed.
 */
const disk: DependentRule = {
  asks: "`kms:DescribeKey`, `kms:GenerateDataKeyWithoutPlaintext`, `kms:CreateGrant` on the domain's key, through EC2 (believed)",
  before: (input, call, facts) =>
    useKey(facts, call, {
      key: facts.keyOfDomain(input.DomainId),
      via: "ec2",
      actions: ["DescribeKey", "GenerateDataKeyWithoutPlaintext", "CreateGrant"],
    }),
};

/**
 * Volumes of jobs and endpoints (SageMaker developer guide, "API permissions": kms:CreateGrant where a key for volumes
 * is given and the role has no such right).
 */
const volume = (keyOf: (input: Members) => unknown): DependentRule => ({
  asks: "with a key `kms:DescribeKey`, `kms:CreateGrant` on it, through SageMaker, of the caller or of the role that is handed over",
  before: (input, call, facts) =>
    useKey(facts, call, { key: keyOf(input), via: "sagemaker", actions: ["DescribeKey", "CreateGrant"] }).map(
      (requirement) => (typeof input.RoleArn === "string" ? { ...requirement, orRole: input.RoleArn } : requirement),
    ),
});

/**
 * Application Auto Scaling acts by a service-linked role, which it makes at the first target (its user guide,
 * "Service-linked roles").
 */
const target: DependentRule = {
  asks: "`iam:CreateServiceLinkedRole` where `sagemaker.application-autoscaling.amazonaws.com` has no role",
  before: (input: Members, _call: Call, facts) =>
    input.ServiceNamespace === "sagemaker" ? linkedRole(facts, "sagemaker.application-autoscaling.amazonaws.com") : [],
};

export const machineLearningDependents: DependentTable = {
  "sagemaker:CreateDomain": domain,
  "sagemaker:CreateSpace": disk,
  "sagemaker:CreateApp": disk,
  "sagemaker:CreateTrainingJob": volume(({ ResourceConfig }) => ResourceConfig?.VolumeKmsKeyId),
  "sagemaker:CreateProcessingJob": volume(
    ({ ProcessingResources }) => ProcessingResources?.ClusterConfig?.VolumeKmsKeyId,
  ),
  "sagemaker:CreateEndpointConfig": volume(({ KmsKeyId }) => KmsKeyId),
  "sagemaker:CreateMlflowApp": volume(({ KmsKeyId }) => KmsKeyId),
  "application-autoscaling:RegisterScalableTarget": target,
};
