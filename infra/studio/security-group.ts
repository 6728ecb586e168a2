import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";

/**
 * What Studio's apps say to one another (SageMaker developer guide, "Connect Studio notebooks in a VPC"): home folders
 * by NFS, kernels on the high ports.
 */
const insidePorts = [
  { what: "home folders (NFS)", name: "nfs", from: 2049, to: 2049 },
  { what: "kernels and apps", name: "apps", from: 8192, to: 65_535 },
] as const;

/**
 * The group of Studio's apps in a network of our own. Ways out are those of the network's own groups, which go along.
 */
export function studioGroup(
  name: string,
  vpcId: pulumi.Input<string>,
  tags: Readonly<Record<string, string>>,
  options: pulumi.CustomResourceOptions,
): aws.ec2.SecurityGroup {
  const group = new aws.ec2.SecurityGroup(name, { vpcId, description: "Studio apps among themselves", tags }, options);
  for (const { what, name: port, from, to } of insidePorts) {
    const rule = {
      securityGroupId: group.id,
      referencedSecurityGroupId: group.id,
      ipProtocol: "tcp",
      fromPort: from,
      toPort: to,
      description: what,
      tags,
    };
    new aws.vpc.SecurityGroupIngressRule(`${name}-${port}-in`, rule, options);
    new aws.vpc.SecurityGroupEgressRule(`${name}-${port}-out`, rule, options);
  }
  return group;
}
