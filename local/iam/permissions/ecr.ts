import type { Members } from "../../members";
import { each, need, type Permissions } from "./requirements";

const repository = (input: Members): string => `arn:aws:ecr:::repository/${String(input.repositoryName)}`;

/** What ECR's operations require. */
export const ecrPermissions: Permissions = {
  ...each(
    `BatchCheckLayerAvailability BatchDeleteImage BatchGetImage CompleteLayerUpload DeleteLifecyclePolicy DeleteRepository DeleteRepositoryPolicy DescribeImageReplicationStatus
     DescribeImageScanFindings DescribeImages GetDownloadUrlForLayer GetLifecyclePolicy GetLifecyclePolicyPreview GetRepositoryPolicy InitiateLayerUpload ListImages PutImage
     PutImageScanningConfiguration PutImageTagMutability PutLifecyclePolicy SetRepositoryPolicy StartImageScan StartLifecyclePolicyPreview UploadLayerPart`,
    (operation) => (input) => [need(`ecr:${operation}`, repository(input))],
  ),
  CreateRepository: (input) => [
    need("ecr:CreateRepository", repository(input)),
    ...((input.tags as unknown[] | undefined)?.length ? [need("ecr:TagResource", repository(input))] : []),
  ],
  DescribeRepositories: (input) =>
    ((input.repositoryNames as string[] | undefined) ?? ["*"]).map((repositoryName) =>
      need("ecr:DescribeRepositories", repository({ ...input, repositoryName })),
    ),
  ...each("TagResource UntagResource ListTagsForResource", (operation) => (input) => [
    need(`ecr:${operation}`, String(input.resourceArn)),
  ]),
};
