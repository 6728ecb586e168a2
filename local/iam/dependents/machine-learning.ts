import type { Call, Members, Requirement } from "../../cloud";
import type { DependentFacts } from "./facts";
import { useKey } from "./keys";
import type { DependentRule, DependentTable } from "./table";

/** `iam:CreateServiceLinkedRole`, of whoever is the first to need the role. */
function linkedRole(facts: DependentFacts, service: string, name: string): Requirement[] {
  if (facts.hasLinkedRole(service)) return [];
  return [{ action: "iam:CreateServiceLinkedRole", resource: `arn:aws:iam::${facts.accountId}:role/aws-service-role/${service}/${name}`, context: { "iam:AWSServiceName": service, "aws:ViaAWSService": "true" } }];
}

/**
 * A domain's home is a file system of EFS, made in the caller's name (SageMaker developer guide, "API permissions": CreateDomain). That EFS is
 * the service that KMS hears of is believed.
 */
const domain: DependentRule = {
  before: (input, call, facts) => {
    const key = input.KmsKeyId ?? input.HomeEfsFileSystemKmsKeyId;
    return [
      ...linkedRole(facts, "sagemaker.amazonaws.com", "AWSServiceRoleForAmazonSageMakerNotebooks"),
      ...(key === undefined ? [] : [{ action: "elasticfilesystem:CreateFileSystem", resource: facts.arn("elasticfilesystem", "file-system/*"), context: { "elasticfilesystem:Encrypted": "true", "aws:ViaAWSService": "true" } }]),
      ...useKey(facts, call, { key, via: "elasticfilesystem", actions: ["DescribeKey", "Decrypt", "GenerateDataKeyWithoutPlaintext", "CreateGrant"] }),
    ];
  },
};

/** The disk of a space is EC2's (EBS user guide, "Permissions for encryption"). That the maker of a space is asked as well as whoever starts its app is believed. */
const disk: DependentRule = {
  before: (input, call, facts) => useKey(facts, call, { key: facts.keyOfDomain(input.DomainId), via: "ec2", actions: ["DescribeKey", "GenerateDataKeyWithoutPlaintext", "CreateGrant"] }),
};

/** Volumes of jobs and endpoints (SageMaker developer guide, "API permissions": kms:CreateGrant where a key for volumes is given). */
const volume = (keyOf: (input: Members) => unknown): DependentRule => ({
  before: (input, call, facts) => useKey(facts, call, { key: keyOf(input), via: "sagemaker", actions: ["DescribeKey", "CreateGrant"] }),
});

/** Application Auto Scaling acts by a service-linked role, which it makes at the first target (its user guide, "Service-linked roles"). */
const target: DependentRule = {
  before: (input: Members, _call: Call, facts) =>
    input.ServiceNamespace === "sagemaker" ? linkedRole(facts, "sagemaker.application-autoscaling.amazonaws.com", "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint") : [],
};

export const machineLearningDependents: DependentTable = {
  "sagemaker:CreateDomain": domain,
  "sagemaker:CreateSpace": disk,
  "sagemaker:CreateApp": disk,
  "sagemaker:CreateTrainingJob": volume(({ ResourceConfig }) => ResourceConfig?.VolumeKmsKeyId),
  "sagemaker:CreateProcessingJob": volume(({ ProcessingResources }) => ProcessingResources?.ClusterConfig?.VolumeKmsKeyId),
  "sagemaker:CreateEndpointConfig": volume(({ KmsKeyId }) => KmsKeyId),
  "sagemaker:CreateMlflowApp": volume(({ KmsKeyId }) => KmsKeyId),
  "application-autoscaling:RegisterScalableTarget": target,
};
