import type { Call, Requirement } from "../../call";
import type { Cloud } from "../../cloud";
import type { Members } from "../../members";
import type { ModelPackage } from "./registry/packages";
import { addTagsRequirement, tagContext } from "./tags";

type Context = Record<string, string | readonly string[]>;

/**
 * What each operation requires, after the Service Authorization Reference of SageMaker: the action on the ARN of its
 * resource, `iam:PassRole` for roles handed over, `sagemaker:AddTags` for tags on create, and the condition keys.
 */
export function sagemakerPermissions(cloud: Cloud): Record<string, (input: Members, call: Call) => Requirement[]> {
  const arn = (kind: string, name: unknown): string =>
    String(name).startsWith("arn:") ? String(name) : cloud.arn("sagemaker", `${kind}/${name}`);
  /** An operation on one resource. */
  const on =
    (kind: string, member: string) =>
    (input: Members, call: Call): Requirement[] => [
      { action: `sagemaker:${call.operation}`, resource: arn(kind, input[member]) },
    ];
  /** An operation that creates one, with role, tags and condition keys. */
  const create = (
    kind: string,
    member: string,
    context: (input: Members) => Context = () => ({}),
    role?: (input: Members) => string | undefined,
  ) => {
    return (input: Members, call: Call): Requirement[] => {
      const resource = arn(kind, input[member]);
      return [
        { action: `sagemaker:${call.operation}`, resource, context: { ...tagContext(input.Tags), ...context(input) } },
        ...passRole(role?.(input)),
        ...addTagsRequirement(resource, input.Tags, call),
      ];
    };
  };
  const anywhere = (_input: Members, call: Call): Requirement[] => [
    { action: `sagemaker:${call.operation}`, resource: "*" },
  ];
  const tagging = (input: Members, call: Call): Requirement[] => [
    {
      action: `sagemaker:${call.operation}`,
      resource: input.ResourceArn,
      context: input.TagKeys ? { "aws:TagKeys": input.TagKeys } : tagContext(input.Tags),
    },
  ];
  /** Create and update of an endpoint are checked on the endpoint and on its configuration. */
  const endpoint = (input: Members, call: Call): Requirement[] => {
    const resource = arn("endpoint", input.EndpointName);
    return [
      { action: `sagemaker:${call.operation}`, resource, context: tagContext(input.Tags) },
      {
        action: `sagemaker:${call.operation}`,
        resource: arn("endpoint-config", input.EndpointConfigName),
        context: tagContext(input.Tags),
      },
      ...addTagsRequirement(resource, input.Tags, call),
    ];
  };
  const packages = cloud.journal.table<ModelPackage>("sagemaker/model-packages");
  const group = on("model-package-group", "ModelPackageGroupName");
  const modelPackage = (input: Members, call: Call): Requirement[] => {
    // A version is authorised on its group as well as on itself; its number is not known before.
    const resource = input.ModelPackageName
      ? arn("model-package", input.ModelPackageName)
      : arn("model-package", `${groupName(input.ModelPackageGroupName)}/*`);
    const onGroup = input.ModelPackageGroupName
      ? [
          {
            action: "sagemaker:CreateModelPackage",
            resource: arn("model-package-group", groupName(input.ModelPackageGroupName)),
            context: packageContext(input),
          },
        ]
      : [];
    return [
      {
        action: "sagemaker:CreateModelPackage",
        resource,
        context: { ...tagContext(input.Tags), ...packageContext(input) },
      },
      ...onGroup,
      ...addTagsRequirement(resource, input.Tags, call),
    ];
  };
  return {
    CreateTrainingJob: create("training-job", "TrainingJobName", trainingContext, (input) => input.RoleArn),
    DescribeTrainingJob: on("training-job", "TrainingJobName"),
    StopTrainingJob: on("training-job", "TrainingJobName"),
    DeleteTrainingJob: on("training-job", "TrainingJobName"),
    CreateProcessingJob: create("processing-job", "ProcessingJobName", processingContext, (input) => input.RoleArn),
    DescribeProcessingJob: on("processing-job", "ProcessingJobName"),
    StopProcessingJob: on("processing-job", "ProcessingJobName"),
    DeleteProcessingJob: on("processing-job", "ProcessingJobName"),

    CreateModelPackageGroup: create("model-package-group", "ModelPackageGroupName"),
    DescribeModelPackageGroup: group,
    DeleteModelPackageGroup: group,
    PutModelPackageGroupPolicy: group,
    GetModelPackageGroupPolicy: group,
    DeleteModelPackageGroupPolicy: group,
    CreateModelPackage: modelPackage,
    DescribeModelPackage: on("model-package", "ModelPackageName"),
    DeleteModelPackage: on("model-package", "ModelPackageName"),
    UpdateModelPackage: (input, call) => [
      {
        action: `sagemaker:${call.operation}`,
        resource: arn("model-package", input.ModelPackageArn),
        context: {
          ...packageContext(input),
          ...currentContext(packages.get(arn("model-package", input.ModelPackageArn))),
        },
      },
    ],
    BatchDescribeModelPackage: (input, call) =>
      (input.ModelPackageArnList as string[]).map((resource) => ({ action: `sagemaker:${call.operation}`, resource })),
    ListModelPackages: (input, call) => [
      {
        action: `sagemaker:${call.operation}`,
        resource: input.ModelPackageGroupName
          ? arn("model-package-group", groupName(input.ModelPackageGroupName))
          : "*",
      },
    ],

    CreateModel: create("model", "ModelName", modelContext, (input) => input.ExecutionRoleArn),
    DescribeModel: on("model", "ModelName"),
    DeleteModel: on("model", "ModelName"),
    CreateEndpointConfig: create(
      "endpoint-config",
      "EndpointConfigName",
      (input) => configContext(input, arn),
      (input) => input.ExecutionRoleArn,
    ),
    DescribeEndpointConfig: on("endpoint-config", "EndpointConfigName"),
    DeleteEndpointConfig: on("endpoint-config", "EndpointConfigName"),
    CreateEndpoint: endpoint,
    UpdateEndpoint: endpoint,
    UpdateEndpointWeightsAndCapacities: on("endpoint", "EndpointName"),
    DescribeEndpoint: on("endpoint", "EndpointName"),
    DeleteEndpoint: on("endpoint", "EndpointName"),

    AddTags: tagging,
    DeleteTags: tagging,
    ListTags: tagging,
    ListTrainingJobs: anywhere,
    ListProcessingJobs: anywhere,
    ListModelPackageGroups: anywhere,
    ListModels: anywhere,
    ListEndpointConfigs: anywhere,
    ListEndpoints: anywhere,
  };
}

function groupName(nameOrArn: unknown): string {
  return String(nameOrArn).replace(/^arn:.*:model-package-group\//, "");
}

function passRole(roleArn: string | undefined): Requirement[] {
  return roleArn
    ? [{ action: "iam:PassRole", resource: roleArn, context: { "iam:PassedToService": "sagemaker.amazonaws.com" } }]
    : [];
}

/** Leaves out keys without a value: an absent key and an empty one differ in conditions. */
function present(context: Record<string, unknown>): Context {
  const kept: Context = {};
  for (const [key, value] of Object.entries(context)) {
    if (value === undefined || value === null || (Array.isArray(value) && value.length === 0)) continue;
    kept[key] = Array.isArray(value) ? value.map(String) : String(value);
  }
  return kept;
}

function vpcContext(vpc: Members | undefined): Record<string, unknown> {
  return { "sagemaker:VpcSubnets": vpc?.Subnets, "sagemaker:VpcSecurityGroupIds": vpc?.SecurityGroupIds };
}

function trainingContext(input: Members): Context {
  return present({
    "sagemaker:InstanceTypes": [
      input.ResourceConfig?.InstanceType,
      ...((input.ResourceConfig?.InstanceGroups ?? []) as Members[]).map((group) => group.InstanceType),
    ].filter(Boolean),
    "sagemaker:VolumeKmsKeyArn": input.ResourceConfig?.VolumeKmsKeyId,
    "sagemaker:OutputKmsKeyArn": input.OutputDataConfig?.KmsKeyId,
    "sagemaker:NetworkIsolation": input.EnableNetworkIsolation ?? false,
    "sagemaker:InterContainerTrafficEncryption": input.EnableInterContainerTrafficEncryption ?? false,
    "sagemaker:MaxRuntimeInSeconds": input.StoppingCondition?.MaxRuntimeInSeconds,
    "sagemaker:KeepAlivePeriod": input.ResourceConfig?.KeepAlivePeriodInSeconds,
    "sagemaker:EnableRemoteDebug": input.RemoteDebugConfig?.EnableRemoteDebug,
    ...vpcContext(input.VpcConfig),
  });
}

function processingContext(input: Members): Context {
  return present({
    "sagemaker:InstanceTypes": [input.ProcessingResources?.ClusterConfig?.InstanceType].filter(Boolean),
    "sagemaker:VolumeKmsKeyArn": input.ProcessingResources?.ClusterConfig?.VolumeKmsKeyId,
    "sagemaker:OutputKmsKeyArn": input.ProcessingOutputConfig?.KmsKeyId,
    "sagemaker:NetworkIsolation": input.NetworkConfig?.EnableNetworkIsolation ?? false,
    "sagemaker:InterContainerTrafficEncryption": input.NetworkConfig?.EnableInterContainerTrafficEncryption ?? false,
    "sagemaker:MaxRuntimeInSeconds": input.StoppingCondition?.MaxRuntimeInSeconds,
    ...vpcContext(input.NetworkConfig?.VpcConfig),
  });
}

function modelContext(input: Members): Context {
  return present({
    "sagemaker:NetworkIsolation": input.EnableNetworkIsolation ?? false,
    ...vpcContext(input.VpcConfig),
  });
}

function configContext(input: Members, arn: (kind: string, name: unknown) => string): Context {
  // That conditions on what variants are made of hold for a shadow variant, too, is believed.
  const variants = [...(input.ProductionVariants ?? []), ...(input.ShadowProductionVariants ?? [])] as Members[];
  return present({
    "sagemaker:InstanceTypes": variants.map((variant) => variant.InstanceType).filter(Boolean),
    "sagemaker:AcceleratorTypes": variants.map((variant) => variant.AcceleratorType).filter(Boolean),
    "sagemaker:ServerlessMaxConcurrency": variants
      .map((variant) => variant.ServerlessConfig?.MaxConcurrency)
      .filter(Boolean),
    "sagemaker:ServerlessMemorySize": variants
      .map((variant) => variant.ServerlessConfig?.MemorySizeInMB)
      .filter(Boolean),
    "sagemaker:ModelArn": variants.flatMap((variant) => (variant.ModelName ? [arn("model", variant.ModelName)] : [])),
    "sagemaker:VolumeKmsKeyArn": input.KmsKeyId,
    "sagemaker:NetworkIsolation": input.EnableNetworkIsolation,
    ...vpcContext(input.VpcConfig),
  });
}

function packageContext(input: Members): Context {
  const properties = (input.CustomerMetadataProperties ?? {}) as Record<string, string>;
  return present({
    "sagemaker:ModelApprovalStatus": input.ModelApprovalStatus,
    "sagemaker:CustomerMetadataPropertiesToRemove": input.CustomerMetadataPropertiesToRemove,
    "sagemaker:ModelLifeCycle:Stage": input.ModelLifeCycle?.Stage,
    "sagemaker:ModelLifeCycle:StageStatus": input.ModelLifeCycle?.StageStatus,
    ...Object.fromEntries(
      Object.entries(properties).map(([key, value]) => [`sagemaker:CustomerMetadataProperties/${key}`, value]),
    ),
  });
}

/** What a package holds before an update (Service Authorization Reference, UpdateModelPackage). */
function currentContext(row: ModelPackage | undefined): Context {
  const properties = (row?.input.CustomerMetadataProperties ?? {}) as Record<string, string>;
  return present({
    "sagemaker:CurrentModelLifeCycleStage": row?.input.ModelLifeCycle?.Stage,
    "sagemaker:CurrentModelLifeCycleStageStatus": row?.input.ModelLifeCycle?.StageStatus,
    ...Object.fromEntries(
      Object.entries(properties).map(([key, value]) => [`sagemaker:CurrentCustomerMetadataProperties/${key}`, value]),
    ),
  });
}
