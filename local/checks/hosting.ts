import { check } from "./check";

const config = ["sagemaker:CreateEndpointConfig"] as const;
const rollout = ["sagemaker:CreateEndpoint", "sagemaker:UpdateEndpoint"] as const;
const capacities = ["sagemaker:UpdateEndpointWeightsAndCapacities"] as const;
const started = { operations: rollout, code: "FailureReason" } as const;

/** Models, endpoint configurations and endpoints: SageMaker API; developer guide, "Deployment guardrails". */
export const hostingChecks = {
  oneContainerMember: check({
    operations: ["sagemaker:CreateModel"],
    rule: "there is one of `PrimaryContainer` and `Containers`",
    ground: "words believed",
    names: [],
    words: () => "Exactly one of PrimaryContainer and Containers must be specified.",
  }),
  executionRole: check({
    operations: ["sagemaker:CreateModel"],
    rule: "there is an execution role",
    ground: "words believed",
    names: [],
    words: () => "ExecutionRoleArn is required to create a model.",
  }),
  oneImageSource: check({
    operations: ["sagemaker:CreateModel"],
    rule: "a container has one of `Image` and `ModelPackageName`",
    ground: "words believed",
    names: [],
    words: () => "Exactly one of Image and ModelPackageName must be specified for the container.",
  }),
  approvedPackage: check({
    operations: ["sagemaker:CreateModel"],
    rule: "a model package of a group is approved",
    ground: "words believed",
    names: ["package", "status"],
    words: (arn, status) => `Cannot create a model from ModelPackage ${arn}: its ModelApprovalStatus is ${status}.`,
  }),
  readableModelData: check({
    operations: ["sagemaker:CreateModel"],
    rule: "the model's role may read the model data",
    ground: "documented",
    names: ["uri", "role", "region"],
    words: (uri, role, region) =>
      `Could not access model data at ${uri}. Please ensure that the role "${role}" exists and that its trust relationship policy allows the action "sts:AssumeRole" ` +
      `for the service principal "sagemaker.amazonaws.com". Also ensure that the role has "s3:GetObject" permissions and that the object is located in ${region}.`,
  }),
  modelData: check({
    operations: ["sagemaker:CreateModel"],
    rule: "the model data are there",
    ground: "documented",
    names: ["uri"],
    words: (uri) => `Could not find model data at ${uri}.`,
  }),
  variantNames: check({
    operations: config,
    rule: "each variant has a name of its own",
    ground: "words believed",
    names: ["variant"],
    words: (variant) =>
      `Duplicate production variant name "${variant}": variant names must be unique within an endpoint configuration.`,
  }),
  instanceType: check({
    operations: config,
    rule: "a variant has an instance type",
    ground: "words believed",
    names: ["variant"],
    words: (variant) => `InstanceType must be specified for production variant "${variant}".`,
  }),
  initialCount: check({
    operations: config,
    rule: "a variant begins with one instance at least",
    ground: "words believed",
    names: ["variant"],
    words: (variant) => `InitialInstanceCount must be at least 1 for production variant "${variant}".`,
  }),
  oneShadow: check({
    operations: config,
    rule: "with a shadow variant there is one production variant and one shadow variant",
    ground: "words believed",
    names: [],
    words: () =>
      "If you specify ShadowProductionVariants, you can only specify one variant for ProductionVariants and one variant for ShadowProductionVariants.",
  }),
  shadowable: check({
    operations: config,
    rule: "neither of a production variant and its shadow serves several models or runs on Inf1 instances",
    ground: "words believed",
    names: ["variant"],
    words: (variant) =>
      `Variant "${variant}" uses a feature that is not supported with shadow variants: multi-model endpoints and ml.inf1 instances cannot be used.`,
  }),
  serverlessAlone: check({
    operations: config,
    rule: "a serverless variant is the only one, without a shadow",
    ground: "words believed",
    names: [],
    words: () => "Serverless endpoints do not support multiple production variants or shadow variants.",
  }),
  serverlessOrInstances: check({
    operations: config,
    rule: "a serverless variant names nothing of instances",
    ground: "words believed",
    names: ["variant", "member"],
    words: (variant, member) =>
      `${member} cannot be specified together with ServerlessConfig for production variant "${variant}".`,
  }),
  serverlessMemory: check({
    operations: config,
    rule: "a serverless variant's memory is a multiple of 1024 MB",
    ground: "words believed",
    names: ["variant"],
    words: (variant) =>
      `MemorySizeInMB must be one of 1024, 2048, 3072, 4096, 5120, 6144 for production variant "${variant}".`,
  }),
  provisionedWithin: check({
    operations: [...config, ...capacities],
    rule: "`ProvisionedConcurrency` is not above `MaxConcurrency`",
    ground: "words believed",
    names: ["variant"],
    words: (variant) =>
      `ProvisionedConcurrency must be less than or equal to MaxConcurrency for production variant "${variant}".`,
  }),
  serverlessExcludes: check({
    operations: config,
    rule: "a serverless endpoint has no data capture, no VPC, no network isolation, no several models and no cross-Region cap, of its own or its model's (that this is where it is refused is believed)",
    ground: "words believed",
    names: ["variant", "member"],
    words: (variant, member) =>
      `${member} is not supported for serverless endpoints (production variant "${variant}").`,
  }),
  toServerless: check({
    operations: ["sagemaker:UpdateEndpoint"],
    rule: "an endpoint of instances does not become serverless (the other way it may, for good)",
    ground: "words believed",
    names: ["endpoint"],
    words: (arn) => `Cannot update endpoint "${arn}" from an instance-based to a serverless endpoint.`,
  }),
  serverlessDeployment: check({
    operations: rollout,
    rule: "a serverless endpoint has no `DeploymentConfig` (documented for rolling updates, believed for others)",
    ground: "words believed",
    names: [],
    words: () => "DeploymentConfig is not supported for serverless endpoints.",
  }),
  machineImage: check({
    operations: config,
    rule: "a variant's `InferenceAmiVersion` is one for its instance type (that g6e is as g6, and which family takes which older machine image, is believed)",
    ground: "words believed",
    names: ["ami", "type", "variant"],
    words: (ami, type, variant) =>
      `InferenceAmiVersion "${ami}" is not supported for instance type "${type}" of production variant "${variant}".`,
  }),
  imagePullable: check({
    ...started,
    rule: "the model's role may pull its image: `ecr:BatchGetImage`, and the layers (the words are known of the first)",
    ground: "documented",
    names: ["role", "action", "image"],
    words: (role, action, image) => `The role '${role}' does not have ${action} permission for the image: '${image}'.`,
  }),
  imageExists: check({
    ...started,
    rule: "the image of each container exists",
    ground: "documented",
    names: ["variant", "cause"],
    words: (variant, cause) =>
      `Please make sure all images included in the model for the production variant ${variant} exist, and that the execution role used to create the model has permissions to access them. (${cause})`,
  }),
  placedInVpc: check({
    ...started,
    rule: "subnets and groups of the model exist, and EC2 lets its role make interfaces on them",
    ground: "words believed",
    names: ["variant", "EC2's error", "EC2's words"],
    words: (variant, code, words) =>
      `Could not place the production variant ${variant} into its VPC: ${code}: ${words}`,
  }),
  startsOnHost: check({
    ...started,
    rule: "the image's architecture is the host's, and its CUDA the major version of the host's driver, which family and `InferenceAmiVersion` give (that no older CUDA starts on a newer host is believed); the container leaves no log line",
    ground: "documented",
    names: ["variant"],
    words: (variant) =>
      `CannotStartContainerError. Please ensure the model container for variant ${variant} starts correctly when invoked with 'docker run <image> serve'`,
  }),
  pingAnswered: check({
    ...started,
    rule: "the container answers `GET /ping` with 200 before its start-up time is over",
    ground: "documented",
    names: ["variant"],
    words: (variant) =>
      `The primary container for production variant ${variant} did not pass the ping health check. Please check CloudWatch logs for this endpoint.`,
  }),
  modelArchive: check({
    ...started,
    rule: "the model data are a tar.gz archive",
    ground: "documented",
    names: ["uri"],
    words: (uri) =>
      `Failed to extract model data archive for container "container_1" from URL "${uri}". Please ensure that the object located at the URL is a valid tar.gz archive.`,
  }),
  modelDataReached: check({
    ...started,
    rule: "S3 is reached from the model's subnets",
    ground: "documented",
    names: ["uri"],
    words: (uri) =>
      `Failed to download model data from URL "${uri}". Please ensure that an S3 VPC endpoint exists in route table or NAT gateway for the VPC mode and the URL is reachable from within the subnets provided.`,
  }),
  modelDataDownloaded: check({
    ...started,
    rule: "the model's role may read the model data, with the key that they are under",
    ground: "documented",
    names: ["uri", "S3's error", "S3's words"],
    words: (uri, code, words) =>
      `Failed to download model data for container "container_1" from URL: "${uri}". Please ensure that there is an object located at the URL and that the role passed to CreateModel has permissions to download the object. (${code}: ${words})`,
  }),
  deployment: check({
    operations: rollout,
    rule: "a `DeploymentConfig` has one policy, sizes of at most 50 % of each variant's instances (rolling: at least 5 %, linear: 10 %), and the same variants before and after (rolling: one; that a shadow variant counts is believed)",
    ground: "words believed",
    names: ["what is wrong"],
    words: (problems) => problems,
  }),
  scaledVariant: check({
    operations: ["sagemaker:UpdateEndpoint"],
    rule: "the update neither drops a variant that is a scalable target nor changes its instance type",
    ground: "words believed",
    names: ["variants"],
    words: (variants) =>
      `The variant(s) "${variants}" must be deregistered as scalable targets with AutoScaling before they can be removed or have their instance type updated.`,
  }),
  notFailed: check({
    operations: ["sagemaker:UpdateEndpoint", ...capacities],
    rule: "the endpoint is not `Failed`",
    ground: "words believed",
    names: ["endpoint"],
    words: (arn) =>
      `Cannot update endpoint "${arn}" with status Failed. DeleteEndpoint is the only operation that can be performed on a failed endpoint.`,
  }),
  rolledBack: check({
    operations: capacities,
    rule: "the endpoint is not `UpdateRollbackFailed`",
    ground: "words believed",
    names: ["endpoint"],
    words: (arn) =>
      `Cannot update endpoint "${arn}" with status UpdateRollbackFailed. Call UpdateEndpoint to return it to a healthy state.`,
  }),
  instanceLimit: check({
    operations: [...rollout, ...capacities],
    rule: "the account may have so many instances of the type, and in all; an update needs the new fleet beside the old one, a rolling one a batch of it",
    ground: "documented",
    code: "ResourceLimitExceeded",
    names: ["quota", "limit", "used", "delta"],
    words: (quota, limit, used, delta) =>
      `The account-level service limit '${quota}' is ${limit} Instances, with current utilization of ${used} Instances and a request delta of ${delta} Instances. Please use AWS Service Quotas to request an increase for this quota. If AWS Service Quotas is not available, contact AWS support to request an increase for this quota.`,
  }),
  steady: check({
    operations: ["sagemaker:UpdateEndpoint", "sagemaker:DeleteEndpoint", ...capacities],
    rule: "no update is under way",
    ground: "documented",
    names: ["endpoint"],
    words: (arn) => `Cannot update in-progress endpoint "${arn}".`,
  }),
  knownVariant: check({
    operations: capacities,
    rule: "the variants are the endpoint's",
    ground: "words believed",
    names: ["variants", "configuration"],
    words: (variants, arn) =>
      `The variant name(s) "${variants}" is/are not present within endpoint configuration "${arn}".`,
  }),
  variantOnce: check({
    operations: capacities,
    rule: "a variant is named once",
    ground: "believed",
    names: ["variant"],
    words: (variant) => `Variant name "${variant}" is specified more than once.`,
  }),
  oneCapacity: check({
    operations: capacities,
    rule: 'one variant at a time gets another capacity ("capacity of one variant"); weights change together',
    ground: "words believed",
    names: [],
    words: () => "The capacity of one variant can be updated at a time.",
  }),
  kindOfCapacity: check({
    operations: capacities,
    rule: "a serverless variant gets `ServerlessUpdateConfig`, others `DesiredInstanceCount`",
    ground: "words believed",
    names: ["variant"],
    words: (variant) =>
      `Use ServerlessUpdateConfig for serverless variants and DesiredInstanceCount for others: production variant "${variant}".`,
  }),
  someWeight: check({
    operations: [...config, "sagemaker:UpdateEndpoint", ...capacities],
    rule: "some variant has a weight above 0",
    ground: "believed",
    names: [],
    words: () => "At least one production variant must have a weight greater than 0.",
  }),
  oneInstance: check({
    operations: capacities,
    rule: "a variant keeps one instance at least",
    ground: "words believed",
    names: ["variant"],
    words: (variant) => `DesiredInstanceCount must be at least 1 for production variant "${variant}".`,
  }),
  deregistered: check({
    operations: ["sagemaker:DeleteEndpoint"],
    rule: "who deletes a scaled endpoint may `application-autoscaling:DeregisterScalableTarget`; targets, policies and scheduled actions go without a word (that it is a ValidationException is believed)",
    ground: "documented",
    names: [],
    words: () =>
      "An Application AutoScaling scalable target exists for a variant being deleted, and the IAM identity used to invoke DeleteEndpoint does not have application-autoscaling:DeregisterScalableTarget permission to deregister the scalable target.",
  }),
};
