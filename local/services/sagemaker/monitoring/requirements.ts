import type { Call, Requirement } from "../../../call";
import type { Members } from "../../../members";
import { type Context, given, need, passRole } from "../../../iam/permissions/requirements";
import { addTagsRequirement, tagContext, type Tag } from "../tags";

/** The operation's own action where it knows no resource: lists. */
export function onAny(_input: unknown, { operation }: Call): Requirement[] {
  return [need(`sagemaker:${operation}`, "*")];
}

/** The operation's own action on one resource. */
export function onOne(arn: string, { operation }: Call, context: Context = {}): Requirement[] {
  return [need(`sagemaker:${operation}`, arn, context)];
}

/** What a request that brings a job along must be allowed: its keys, its role, its tags. */
export function bringingJob(
  arn: string,
  call: Call,
  { context, roleArn, tags }: { context: Context; roleArn: string | undefined; tags?: readonly Tag[] },
): Requirement[] {
  return [
    ...onOne(arn, call, { ...tagContext(tags), ...context }),
    ...passRole(roleArn, "sagemaker.amazonaws.com"),
    ...addTagsRequirement(arn, tags, call),
  ];
}

/**
 * Condition keys of what creates or changes a monitoring job (Service Authorization Reference).
 * @param resources `MonitoringResources`. @param output `MonitoringOutputConfig`. @param network of the job.
 */
export function jobContext(
  resources: Members | undefined,
  output: Members | undefined,
  network: Members | undefined,
  maxRuntime: number | undefined,
): Context {
  if (!resources) return {};
  return given({
    "sagemaker:InstanceTypes": [resources.ClusterConfig.InstanceType],
    "sagemaker:VolumeKmsKeyArn": resources.ClusterConfig.VolumeKmsKeyId,
    "sagemaker:OutputKmsKeyArn": output?.KmsKeyId,
    "sagemaker:NetworkIsolation": network?.EnableNetworkIsolation ?? false,
    "sagemaker:InterContainerTrafficEncryption": network?.EnableInterContainerTrafficEncryption ?? false,
    "sagemaker:MaxRuntimeInSeconds": maxRuntime,
    "sagemaker:VpcSubnets": network?.VpcConfig?.Subnets,
    "sagemaker:VpcSecurityGroupIds": network?.VpcConfig?.SecurityGroupIds,
  });
}
