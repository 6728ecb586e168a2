import { check } from "./check";

const jobs = ["sagemaker:CreateTrainingJob", "sagemaker:CreateProcessingJob"] as const;
const training = ["sagemaker:CreateTrainingJob"] as const;
const processing = ["sagemaker:CreateProcessingJob"] as const;

/** Training and processing jobs: SageMaker API. */
export const jobChecks = {
  assumableRole: check({
    operations: [...jobs, "sagemaker:CreateModel"],
    rule: "the role exists and trusts SageMaker",
    ground: "documented",
    names: ["role"],
    words: (role) =>
      `Could not assume role ${role}. Please ensure that the role exists and allows principal 'sagemaker.amazonaws.com' to assume the role.`,
  }),
  imageReadable: check({
    operations: jobs,
    rule: "the role may `ecr:BatchGetImage` of the image's repository (for processing jobs the words are believed)",
    ground: "documented",
    names: ["repository", "account"],
    words: (repository, account) => `Access denied for repository: ${repository} in registry ID: ${account}.`,
  }),
  inputsExist: check({
    operations: jobs,
    rule: "each input holds an object that the job's role may list",
    ground: "documented",
    names: ["uri", "region", "role", "bucket", "cause"],
    words: (uri, region, role, bucket, cause) =>
      `No S3 objects found under S3 URL "${uri}" given in input data source. Please ensure that the bucket exists in the selected region (${region}), ` +
      `that objects exist under that S3 prefix, and that the role "${role}" has "s3:ListBucket" permissions on bucket "${bucket}".${cause}`,
  }),
  diskKey: check({
    operations: jobs,
    rule: "hosts with disks of their own take no `VolumeKmsKeyId`",
    ground: "words believed",
    names: ["type"],
    words: (type) =>
      `VolumeKmsKeyId is not supported for instance type ${type}, which has local instance storage that is encrypted by a hardware module.`,
  }),
  diskSize: check({
    operations: jobs,
    rule: "hosts with disks of their own take no `VolumeSizeInGB` beyond them (for training jobs: believed)",
    ground: "words believed",
    names: ["size", "type", "disks"],
    words: (size, type, disks) =>
      `VolumeSizeInGB ${size} is greater than the total size of the local instance storage of instance type ${type}, which is ${disks} GB.`,
  }),
  s3Uri: check({
    operations: [...jobs, "sagemaker:CreateModel", "sagemaker:CreateEndpointConfig", "sagemaker:CreateModelPackage"],
    rule: "an S3 URI has the form `s3://bucket/key`",
    ground: "words believed",
    names: ["uri"],
    words: (uri) => `The provided S3 URI '${uri}' is invalid: it must have the form s3://bucket/key.`,
  }),
  oneAlgorithm: check({
    operations: training,
    rule: "there is one of `TrainingImage` and `AlgorithmName`",
    ground: "words believed",
    names: [],
    words: () => "Exactly one of TrainingImage and AlgorithmName must be specified in AlgorithmSpecification.",
  }),
  spotWait: check({
    operations: training,
    rule: "a job on spot capacity has `MaxWaitTimeInSeconds`, not below `MaxRuntimeInSeconds`",
    ground: "documented",
    names: [],
    words: () => "Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to MaxRuntimeInSeconds",
  }),
  channelNames: check({
    operations: training,
    rule: "each channel has a name of its own",
    ground: "words believed",
    names: ["channel"],
    words: (name) => `Duplicate channel name ${name} in InputDataConfig.`,
  }),
  metricRegex: check({
    operations: training,
    rule: "metric definitions are regular expressions",
    ground: "words believed",
    names: ["metric", "cause"],
    words: (metric, cause) => `Invalid Regex in MetricDefinitions for metric ${metric}: ${cause}`,
  }),
  localPath: check({
    operations: processing,
    rule: "local paths lie below `/opt/ml/processing`",
    ground: "words believed",
    names: ["path", "folder"],
    words: (path, below) => `LocalPath '${path}' is invalid: it must be a path below ${below}.`,
  }),
  localPathTwice: check({
    operations: processing,
    rule: "each input and output has a path of its own",
    ground: "words believed",
    names: ["path"],
    words: (path) => `LocalPath '${path}' is used more than once in ProcessingInputs and ProcessingOutputConfig.`,
  }),
  stoppable: check({
    operations: ["sagemaker:StopTrainingJob", "sagemaker:StopProcessingJob"],
    rule: "the job is in progress",
    ground: "documented",
    names: ["kind", "status"],
    words: (kind, status) => `The request was rejected because the ${kind} job is in status ${status}.`,
  }),
  deletable: check({
    operations: ["sagemaker:DeleteTrainingJob", "sagemaker:DeleteProcessingJob"],
    rule: "the job has ended",
    ground: "words believed",
    code: "ResourceInUse",
    names: ["kind", "job", "status"],
    words: (kind, arn, status) => `Cannot delete ${kind} job ${arn} in status ${status}.`,
  }),
};
