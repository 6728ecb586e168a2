import type { Members } from "../members";
import { hex } from "./naming";
import type { Session } from "./session";

/**
 * The account's default VPC with a subnet per zone, as AWS gives every account one. The ids depend on account and
 * region only: the simulator behind makes up others at each start, and what lives in the network would have to be
 * replaced after a restart.
 */
export function defaultVpc({ accountId, region }: Session): Members {
  return {
    VpcId: `vpc-${hex(`default ${accountId} ${region}`, 17)}`,
    CidrBlock: "172.31.0.0/16",
    IsDefault: true,
    State: "available",
    DhcpOptionsId: "default",
    InstanceTenancy: "default",
  };
}

export function defaultSubnetIds({ accountId, region }: Session): string[] {
  return ["a", "b", "c"].map((zone) => `subnet-${hex(`default ${accountId} ${region}${zone}`, 17)}`);
}
