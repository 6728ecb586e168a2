import type { Members } from "../members";

/** Where something runs in a VPC: its network interfaces lie in these subnets, behind these security groups. */
export interface Placement {
  readonly subnetIds: readonly string[];
  readonly securityGroupIds: readonly string[];
}

/**
 * The place that a request's `VpcConfig` names, as SageMaker, Lambda and CodeBuild spell it; undefined outside of a
 * VPC.
 */
export function placementOf(config: Members | undefined): Placement | undefined {
  const subnetIds = (config?.Subnets ?? config?.SubnetIds ?? config?.subnets ?? []) as string[];
  const securityGroupIds = (config?.SecurityGroupIds ??
    config?.SecurityGroups ??
    config?.securityGroupIds ??
    []) as string[];
  return subnetIds.length > 0 ? { subnetIds, securityGroupIds } : undefined;
}
