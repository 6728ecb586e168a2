import type { Scope } from "../../../scope";
import { allow, type Statement } from "../../document";

/** What is made with a tag of the environment. */
const made = [
  // The VPC and its subnets.
  "ec2:CreateSubnet",
  "ec2:CreateVpc",
  // Routes, and what leads out.
  "ec2:AllocateAddress",
  "ec2:CreateInternetGateway",
  "ec2:CreateNatGateway",
  "ec2:CreateRouteTable",
  // Who may talk to whom.
  "ec2:CreateSecurityGroup",
  // Endpoints of services, and the log of what went by.
  "ec2:CreateFlowLogs",
  "ec2:CreateVpcEndpoint",
];

/** What is changed, looked into and taken away, by that tag. */
const changed = [
  // The VPC and its subnets.
  "ec2:DeleteSubnet",
  "ec2:DeleteVpc",
  "ec2:DescribeVpcAttribute",
  "ec2:ModifySubnetAttribute",
  "ec2:ModifyVpcAttribute",
  // Routes, and what leads out.
  "ec2:AssociateRouteTable",
  "ec2:AttachInternetGateway",
  "ec2:CreateRoute",
  "ec2:DeleteInternetGateway",
  "ec2:DeleteNatGateway",
  "ec2:DeleteRoute",
  "ec2:DeleteRouteTable",
  "ec2:DetachInternetGateway",
  "ec2:DisassociateRouteTable",
  "ec2:ReleaseAddress",
  // Who may talk to whom.
  "ec2:AuthorizeSecurityGroupEgress",
  "ec2:AuthorizeSecurityGroupIngress",
  "ec2:DeleteSecurityGroup",
  "ec2:RevokeSecurityGroupEgress",
  "ec2:RevokeSecurityGroupIngress",
  // Endpoints of services, and the log of what went by.
  "ec2:DeleteFlowLogs",
  "ec2:DeleteVpcEndpoints",
  "ec2:ModifyVpcEndpoint",
];

/** The network. What is made carries the environment's tag, and only what carries it is changed. */
export function deployNetwork({ arns, environment }: Scope): Statement[] {
  return [
    allow("MakeNetwork", made, [arns.ec2("*/*")], {
      StringEquals: { "aws:RequestTag/environment": environment },
    }),
    allow("TagNetwork", ["ec2:CreateTags"], [arns.ec2("*/*")], {
      StringEquals: { "aws:RequestTag/environment": environment },
    }),
    // A subnet is made in a VPC: the parent needs the permission as well, and has the tag already.
    allow("DeployNetwork", [...made, ...changed], [arns.ec2("*/*")], {
      StringEquals: { "aws:ResourceTag/environment": environment },
    }),
    allow(
      "SeeNetwork",
      [
        // EC2's descriptions know no resource.
        "ec2:DescribeAddresses",
        "ec2:DescribeAddressesAttribute",
        "ec2:DescribeAvailabilityZones",
        "ec2:DescribeFlowLogs",
        "ec2:DescribeInternetGateways",
        "ec2:DescribeNatGateways",
        "ec2:DescribeNetworkAcls",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribePrefixLists",
        "ec2:DescribeRouteTables",
        "ec2:DescribeSecurityGroupRules",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeTags",
        "ec2:DescribeVpcEndpoints",
        "ec2:DescribeVpcs",
      ],
      ["*"],
    ),
  ];
}
