import { prefixes } from "../../contract/places";
import type { Statement } from "../identity/document";
import type { Scope } from "../scope";

/**
 * The accounts whose environments take releases from this registry; their own IAM policies say which of their roles.
 */
function readers({ arns, settings: { accounts } }: Scope): { readonly AWS: readonly string[] } {
  return { AWS: accounts.readers.map((id) => arns.rootOf(id)) };
}

/** The same, or undefined where this registry has none. */
export function readerAccounts(scope: Scope): { readonly AWS: readonly string[] } | undefined {
  return none(scope) ? undefined : readers(scope);
}

const none = ({ settings: { accounts } }: Scope): boolean => accounts.readers.length === 0;

/** Candidates: their descriptions, not their approval. */
export function packagesForReaders(scope: Scope): Statement[] {
  const { arns, modelPackageGroup } = scope;
  if (none(scope)) return [];
  return [
    {
      Sid: "ReadersSeePackages",
      Effect: "Allow",
      Principal: readers(scope),
      Action: [
        // Which candidates there are, and what the pipeline said of them.
        "sagemaker:DescribeModelPackage",
        "sagemaker:DescribeModelPackageGroup",
        "sagemaker:ListModelPackages",
      ],
      Resource: [
        arns.sagemaker(`model-package-group/${modelPackageGroup}`),
        arns.sagemaker(`model-package/${modelPackageGroup}/*`),
      ],
    },
  ];
}

/** Archives and evaluations of candidates, which lie with the pipeline's runs, and what was decided about them. */
export function artifactsForReaders(scope: Scope): Statement[] {
  const { arns, artifactsBucket } = scope;
  if (none(scope)) return [];
  const principal = readers(scope);
  return [
    {
      Sid: "ReadersFindEvidence",
      Effect: "Allow",
      Principal: principal,
      Action: [
        // Listing tells a missing object from a forbidden one; clients ask where a bucket is before they ask for more.
        "s3:GetBucketLocation",
        "s3:ListBucket",
      ],
      Resource: [arns.bucket(artifactsBucket)],
    },
    {
      Sid: "ReadersReadEvidence",
      Effect: "Allow",
      Principal: principal,
      Action: [
        // As it is, and as it was when it was decided about.
        "s3:GetObject",
        "s3:GetObjectVersion",
      ],
      Resource: [prefixes.runs, prefixes.champion, prefixes.approvals].map((prefix) =>
        arns.object(artifactsBucket, `${prefix}*`),
      ),
    },
  ];
}

/** The key of those archives, through S3 only. */
export function keyForReaders(scope: Scope): Statement[] {
  if (none(scope)) return [];
  return [
    {
      Sid: "ReadersOpenEvidence",
      Effect: "Allow",
      Principal: readers(scope),
      Action: [
        // Opens what lies there, and encrypts nothing.
        "kms:Decrypt",
        "kms:DescribeKey",
      ],
      Resource: ["*"],
      Condition: { StringEquals: { "kms:ViaService": `s3.${scope.settings.region}.amazonaws.com` } },
    },
  ];
}

/** The image that their endpoints run, and which one is behind a tag. A repository policy names no resource. */
export function imageForReaders(scope: Scope): Statement[] {
  if (none(scope)) return [];
  return [
    {
      Sid: "ReadersPullImage",
      Effect: "Allow",
      Principal: readers(scope),
      Action: [
        // Which image is behind a tag.
        "ecr:DescribeImages",
        // What `docker pull` asks for (ECR user guide, "Required IAM permissions for pulling").
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:GetDownloadUrlForLayer",
      ],
    },
  ];
}
