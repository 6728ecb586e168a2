import { anyOf, type EdgeFamily, requires } from "./edge";

const object = "{arn}";

/** Data that somebody loads as code, or believes. */
export const data: EdgeFamily = {
  name: "data that is loaded or believed",
  requests: [
    {
      name: "write objects",
      says: "writes objects under a prefix",
      source: "S3 API, PutObject, CopyObject, CreateMultipartUpload",
      targets: ["prefix", "state"],
      alternatives: anyOf("s3:PutObject", object),
      postconditions: ["writes"],
    },
    {
      name: "delete objects",
      says: "deletes objects or versions under a prefix",
      source: "S3 API, DeleteObject, DeleteObjectVersion",
      targets: ["prefix", "state"],
      alternatives: anyOf("s3:DeleteObject s3:DeleteObjectVersion", object),
      postconditions: ["deletes"],
    },
    {
      name: "read objects",
      says: "reads objects under a prefix",
      source: "S3 API, GetObject",
      targets: ["prefix", "state"],
      alternatives: anyOf("s3:GetObject s3:GetObjectVersion", object),
      postconditions: ["reads"],
    },
    {
      name: "write a parameter",
      says: "writes or deletes a parameter",
      source: "Systems Manager API, PutParameter, DeleteParameter",
      targets: ["parameter"],
      alternatives: anyOf("ssm:PutParameter ssm:DeleteParameter ssm:DeleteParameters"),
      postconditions: ["writes"],
    },
    {
      name: "edit a package",
      says: "changes what a model package says, its status left out",
      source:
        "SageMaker API, UpdateModelPackage: `CustomerMetadataProperties`, `InferenceSpecification`, `AdditionalInferenceSpecificationsToAdd`, `SourceUri`",
      targets: ["package-group"],
      alternatives: [[requires("sagemaker:UpdateModelPackage", "{packages}", { "sagemaker:ModelApprovalStatus": [] })]],
      postconditions: ["edits"],
    },
    {
      name: "register a package",
      says: "registers a model package",
      source: "SageMaker API, CreateModelPackage",
      targets: ["package-group"],
      alternatives: [
        [
          requires("sagemaker:CreateModelPackage", "{packages}", {
            "sagemaker:ModelApprovalStatus": "PendingManualApproval",
          }),
        ],
      ],
      postconditions: ["registers"],
    },
    {
      name: "approve a package",
      says: "sets a package's status to Approved, or makes one that is born with it",
      source:
        "SageMaker API, UpdateModelPackage, CreateModelPackage: `ModelApprovalStatus`; condition key `sagemaker:ModelApprovalStatus`",
      targets: ["package-group"],
      alternatives: [
        [requires("sagemaker:UpdateModelPackage", "{packages}", { "sagemaker:ModelApprovalStatus": "Approved" })],
        [requires("sagemaker:CreateModelPackage", "{packages}", { "sagemaker:ModelApprovalStatus": "Approved" })],
      ],
      postconditions: ["approves"],
    },
    {
      name: "sign with a key",
      says: "signs with a key",
      source: "KMS API, Sign",
      targets: ["key"],
      alternatives: anyOf("kms:Sign"),
      postconditions: ["signs"],
    },
  ],
  derived: [
    {
      name: "archive is served",
      says: "endpoints serve what lies where their archives lie",
      source: "SageMaker API, ContainerDefinition: `ModelDataUrl`, read when an instance starts",
    },
    {
      name: "archive runs",
      says: "code in a model archive runs as the endpoint's role",
      source: 'SageMaker developer guide, "Use your own inference code"',
    },
    {
      name: "checkpoint runs",
      says: "a checkpoint or base weights that are unpickled run as the job's role",
      source: 'Python library reference, pickle: "only unpickle data you trust"; PyTorch, torch.load',
    },
    {
      name: "evidence is believed",
      says: "the gate believes what lies with a run: archive, evaluation, manifest",
      source: "docs/architecture.md, the gate",
    },
    {
      name: "package is believed",
      says: "a release follows what an approved package says now",
      source:
        "SageMaker API, DescribeModelPackage; EventBridge: each change of an approved package is an event with its status",
    },
    {
      name: "desired release is served",
      says: "the next update of the environment serves what the parameter or the ledger names",
      source: "docs/architecture.md, releases",
    },
    { name: "approval is believed", says: "an approval starts a release", source: "docs/architecture.md, releases" },
    {
      name: "signed decision is believed",
      says: "a document signed with the approvals' key, lying where decisions lie, is a decision",
      source: "KMS API, Sign, Verify",
    },
    {
      name: "state is believed",
      says: "the next update of a stack makes what its state says, as whoever runs it",
      source: 'Pulumi documentation, "State and backends"',
    },
    {
      name: "candidate is made",
      says: "who writes runs, or registers packages, makes candidates",
      source: "docs/architecture.md, the pipeline",
    },
    {
      name: "releases serve",
      says: "a release build changes what its targets serve",
      source: "docs/architecture.md, releases",
    },
  ],
};
