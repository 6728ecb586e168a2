import { project } from "../../../contract/names";
import type { Scope } from "../../scope";
import { allow, type Statement } from "../document";

/**
 * What SageMaker does as an execution role to put a job or a model into a VPC (SageMaker developer guide,
 * "CreateTrainingJob API: Execution Role Permissions").
 */
const lookups = [
  // EC2's descriptions know no resource.
  "ec2:DescribeDhcpOptions",
  "ec2:DescribeNetworkInterfaces",
  "ec2:DescribeSecurityGroups",
  "ec2:DescribeSubnets",
  "ec2:DescribeVpcs",
];

/**
 * Lets jobs and models join the environment's VPC, on its own subnets and security groups alone. None where there is no
 * VPC of ours.
 */
export function joinNetwork({ arns, environment, settings: { network } }: Scope): Statement[] {
  if (network.mode === "default-vpc") return [];
  const interfaces = [arns.ec2("network-interface/*")];
  return [
    // EC2's describe calls know no resource.
    allow("SeeNetwork", lookups, ["*"]),
    allow("JoinSubnets", ["ec2:CreateNetworkInterface"], [arns.ec2("subnet/*"), arns.ec2("security-group/*")], {
      StringEquals: { "aws:ResourceTag/project": project, "aws:ResourceTag/environment": environment },
    }),
    // SageMaker makes the interfaces without tags of ours.
    allow(
      "MakeInterfaces",
      [
        // SageMaker developer guide, "CreateTrainingJob API: Execution Role Permissions".
        "ec2:CreateNetworkInterface",
        "ec2:CreateNetworkInterfacePermission",
        "ec2:DeleteNetworkInterface",
        "ec2:DeleteNetworkInterfacePermission",
      ],
      interfaces,
    ),
  ];
}
