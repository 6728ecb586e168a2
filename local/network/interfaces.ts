import type { Cloud } from "../cloud";
import type { Service } from "../service";
import type { Principal } from "../iam/principal";
import { recordTable } from "../provider/records";
import { topologyOf } from "./passage";
import type { Placement } from "./placement";
import { platformChecks } from "../checks/platform";

/**
 * What a service does as a role to put something into a VPC (SageMaker developer guide, execution roles, "VpcConfig").
 */
const lookups = [
  "DescribeNetworkInterfaces",
  "DescribeVpcs",
  "DescribeSubnets",
  "DescribeSecurityGroups",
  "DescribeDhcpOptions",
];
const changes = ["CreateNetworkInterfacePermission", "DeleteNetworkInterface", "DeleteNetworkInterfacePermission"];

/**
 * Makes network interfaces for a job, a model or a function, as its role: subnets and groups must exist, and EC2 must
 * let the role. Lambda and CodeBuild need less than SageMaker; they are asked for `CreateNetworkInterface` and
 * `DescribeNetworkInterfaces` alone.
 * @throws AwsError InvalidSubnetID.NotFound, InvalidGroup.NotFound or UnauthorizedOperation, in EC2's words.
 */
export function makeInterfaces(
  cloud: Cloud,
  role: Principal,
  { subnetIds, securityGroupIds }: Placement,
  by: "sagemaker" | "others" = "sagemaker",
): void {
  const { subnets, groups } = topologyOf(cloud);
  const noSubnet = subnetIds.find((id) => !subnets.has(id));
  if (noSubnet) throw platformChecks.subnetExists(noSubnet);
  const noGroup = securityGroupIds.find((id) => !groups.has(id));
  if (noGroup) throw platformChecks.groupExists(noGroup);
  const resources = [
    "network-interface/*",
    ...subnetIds.map((id) => `subnet/${id}`),
    ...securityGroupIds.map((id) => `security-group/${id}`),
  ].map((name) => cloud.arn("ec2", name));
  ask(cloud, role, "CreateNetworkInterface", resources);
  for (const lookup of by === "sagemaker" ? lookups : ["DescribeNetworkInterfaces"]) ask(cloud, role, lookup, ["*"]);
  if (by === "sagemaker") for (const change of changes) ask(cloud, role, change, [resources[0]!]);
}

/** Asks IAM; nothing is made, since nothing would be done with it. */
function ask(cloud: Cloud, principal: Principal, operation: string, resources: readonly string[]): void {
  cloud.authoriser.authorise(
    {
      ...networkTags(cloud),
      permissions: { [operation]: () => resources.map((resource) => ({ action: `ec2:${operation}`, resource })) },
    },
    {},
    cloud.asked(principal, "ec2", operation, "ec2.amazonaws.com"),
  );
}

const services = new WeakMap<Cloud, Service>();

/** EC2 as far as IAM must know the tags of networks that the provider keeps as records. */
function networkTags(cloud: Cloud): Service {
  let service = services.get(cloud);
  if (!service)
    services.set(
      cloud,
      (service = {
        id: "ec2-networks",
        iamPrefix: "ec2",
        operations: {},
        tagsOf: (arn) =>
          [...recordTable(cloud).values()].find(
            (record) => record.type.startsWith("aws:ec2/") && arn.endsWith(`/${record.id}`),
          )?.tags,
      }),
    );
  return service;
}
