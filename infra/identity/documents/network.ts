import type { Scope } from "../../scope";
import { allow, type Statement } from "../document";

/** What SageMaker does as an execution role to put a job or a model into a VPC (SageMaker developer guide, "CreateTrainingJob API: Execution Role Permissions"). */
const lookups = [
  "DescribeNetworkInterfaces",
  "DescribeVpcs",
  "DescribeSubnets",
  "DescribeSecurityGroups",
  "DescribeDhcpOptions",
];

/** Lets jobs and models join the environment's VPC, on its own subnets and security groups alone. None where there is no VPC of ours. */
export function joinNetwork({ arns, environment, settings: { network } }: Scope): Statement[] {
  if (network.mode === "default-vpc") return [];
  const interfaces = [arns.ec2("network-interface/*")];
  return [
    // EC2's describe calls know no resource.
    allow(
      "SeeNetwork",
      lookups.map((name) => `ec2:${name}`),
      ["*"],
    ),
    allow("JoinSubnets", ["ec2:CreateNetworkInterface"], [arns.ec2("subnet/*"), arns.ec2("security-group/*")], {
      StringEquals: { "aws:ResourceTag/project": "peregrine", "aws:ResourceTag/environment": environment },
    }),
    // SageMaker makes the interfaces without tags of ours.
    allow(
      "MakeInterfaces",
      [
        "CreateNetworkInterface",
        "CreateNetworkInterfacePermission",
        "DeleteNetworkInterface",
        "DeleteNetworkInterfacePermission",
      ].map((name) => `ec2:${name}`),
      interfaces,
    ),
  ];
}

/** Writes flow logs. Describing groups knows no resource. */
export function writeFlowLogs({ arns, networkLogGroup }: Scope): Statement[] {
  return [
    allow(
      "WriteFlowLogs",
      ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
      [arns.logGroup(networkLogGroup), arns.logGroup(`${networkLogGroup}:*`)],
    ),
    allow("FindLogGroups", ["logs:DescribeLogGroups"], ["*"]),
  ];
}
