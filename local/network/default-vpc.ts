import type { Cloud } from "../cloud";
import { hex } from "../provider/naming";
import type { NetworkRecord } from "./topology";

/**
 * The account's default VPC: subnets with a route to an internet gateway and a group that lets everything out. That is
 * no way out for jobs, functions and apps, whose interfaces have no public address.
 */
export function defaultNetwork({ accountId, region }: Cloud): NetworkRecord[] {
  const id = (prefix: string, of = ""): string => `${prefix}-${hex(`default ${accountId} ${region}${of}`, 17)}`;
  const [vpcId, table, group] = [id("vpc"), id("rtb"), id("sg")];
  return [
    {
      type: "aws:ec2/vpc:Vpc",
      id: vpcId,
      properties: {
        enableDnsSupport: true,
        enableDnsHostnames: true,
        mainRouteTableId: table,
        defaultSecurityGroupId: group,
      },
    },
    {
      type: "aws:ec2/route:Route",
      id: `r-${table}`,
      properties: { routeTableId: table, destinationCidrBlock: "0.0.0.0/0", gatewayId: id("igw") },
    },
    {
      type: "aws:ec2/securityGroup:SecurityGroup",
      id: group,
      properties: {
        vpcId,
        egress: [{ protocol: "-1", cidrBlocks: ["0.0.0.0/0"] }],
        ingress: [{ protocol: "-1", self: true }],
      },
    },
    ...["a", "b", "c"].map((zone, index) => ({
      type: "aws:ec2/subnet:Subnet",
      id: id("subnet", zone),
      properties: { vpcId, cidrBlock: `172.31.${index * 16}.0/20`, availabilityZone: region + zone },
    })),
  ];
}
