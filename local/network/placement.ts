import type { Members } from "../cloud";
import type { Principal } from "../iam/principal";

/** Where something runs in a VPC: its network interfaces lie in these subnets, behind these security groups. */
export interface Placement {
  readonly subnetIds: readonly string[];
  readonly securityGroupIds: readonly string[];
}

/** The place that a request's `VpcConfig` names, as SageMaker, Lambda and CodeBuild spell it; undefined outside of a VPC. */
export function placementOf(config: Members | undefined): Placement | undefined {
  const subnetIds = (config?.Subnets ?? config?.SubnetIds ?? config?.subnets ?? []) as string[];
  const securityGroupIds = (config?.SecurityGroupIds ??
    config?.SecurityGroups ??
    config?.securityGroupIds ??
    []) as string[];
  return subnetIds.length > 0 ? { subnetIds, securityGroupIds } : undefined;
}

/**
 * The same session, used from a place in a VPC. Access keys that are issued for it carry the place along, and so do the sessions
 * that are made with those: whoever signs with them calls from there.
 */
export function placed(principal: Principal, network: Placement | undefined): Principal {
  return network ? { ...principal, network } : principal;
}
