import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";

/** Where Studio's apps live. */
export interface WorkplaceNetwork {
  readonly vpcId: pulumi.Input<string>;
  readonly subnetIds: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * Of a network of our own, whose traffic they bound. Without them the network is the account's default, and apps
   * reach the internet by SageMaker's own way.
   */
  readonly securityGroupIds?: pulumi.Input<pulumi.Input<string>[]>;
}

/** The account's default VPC with all its subnets: for trying out. */
export function defaultNetwork(options: pulumi.InvokeOutputOptions): WorkplaceNetwork {
  const vpcId = aws.ec2.getVpcOutput({ default: true }, options).id;
  const subnetIds = aws.ec2.getSubnetsOutput(
    {
      filters: [
        { name: "vpc-id", values: [vpcId] },
        { name: "default-for-az", values: ["true"] },
      ],
    },
    options,
  ).ids;
  return { vpcId, subnetIds };
}
