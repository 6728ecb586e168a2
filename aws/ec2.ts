import {
  CreateTagsCommand,
  DeleteSecurityGroupCommand,
  type DescribeInstanceTypeOfferingsCommandInput,
  DescribeSubnetsCommand,
  DescribeVpcEndpointServicesCommand,
  DescribeVpcsCommand,
  EC2Client,
  type IpPermission,
  paginateDescribeInstanceTypeOfferings,
  paginateDescribeSecurityGroups,
  paginateDescribeVpcs,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
} from "@aws-sdk/client-ec2";
import { type AwsSession, clientSettings, hasCode } from "./session";
import { tagList } from "./tagging";

/** How many VPCs the account has in the session's Region, the default one included. */
export async function countVpcs(session: AwsSession): Promise<number> {
  const client = new EC2Client(clientSettings(session));
  let count = 0;
  for await (const page of paginateDescribeVpcs({ client }, {})) count += page.Vpcs?.length ?? 0;
  return count;
}

/** The account's default network; undefined where it has none. */
export async function defaultNetwork(
  session: AwsSession,
): Promise<{ readonly vpcId: string; readonly subnetIds: readonly string[] } | undefined> {
  const client = new EC2Client(clientSettings(session));
  const vpcId = (await client.send(new DescribeVpcsCommand({ Filters: [{ Name: "is-default", Values: ["true"] }] })))
    .Vpcs?.[0]?.VpcId;
  if (vpcId === undefined) return undefined;
  const { Subnets = [] } = await client.send(
    new DescribeSubnetsCommand({ Filters: [{ Name: "vpc-id", Values: [vpcId] }] }),
  );
  return { vpcId, subnetIds: Subnets.map(({ SubnetId }) => SubnetId!) };
}

/**
 * Zones (`eu-central-1a`) in which EC2 offers instance types, by type (`g5.xlarge`); none for one that the Region does
 * not have.
 */
export async function zonesOffering(session: AwsSession, types: readonly string[]): Promise<Map<string, Set<string>>> {
  const client = new EC2Client(clientSettings(session));
  const found = new Map(types.map((type) => [type, new Set<string>()]));
  const input: DescribeInstanceTypeOfferingsCommandInput = {
    LocationType: "availability-zone",
    Filters: [{ Name: "instance-type", Values: [...types] }],
  };
  for await (const page of paginateDescribeInstanceTypeOfferings({ client }, input))
    for (const { InstanceType: type, Location: zone } of page.InstanceTypeOfferings ?? [])
      if (type && zone) found.get(type)?.add(zone);
  return found;
}

/**
 * Zones in which interface endpoints of AWS's services can be made, by the service's name; none for one that the Region
 * does not have.
 */
export async function zonesOfServices(
  session: AwsSession,
  names: readonly string[],
): Promise<Map<string, Set<string>>> {
  const client = new EC2Client(clientSettings(session));
  const found = new Map(names.map((name) => [name, new Set<string>()]));
  for (let token: string | undefined; ;) {
    // By a filter: a name that the Region does not have is left out, where a list of names would be refused as a whole.
    const answer = await client.send(
      new DescribeVpcEndpointServicesCommand({
        Filters: [{ Name: "service-name", Values: [...names] }],
        NextToken: token,
      }),
    );
    for (const { ServiceName: name, AvailabilityZones: zones } of answer.ServiceDetails ?? [])
      for (const zone of zones ?? []) found.get(name ?? "")?.add(zone);
    token = answer.NextToken;
    if (!token) return found;
  }
}

/** A security group with the rules that it has now. */
export interface SecurityGroup {
  readonly id: string;
  readonly ingress: IpPermission[];
  readonly egress: IpPermission[];
}

/** Security groups of these names, in whatever VPC. */
export async function securityGroupsNamed(session: AwsSession, names: readonly string[]): Promise<SecurityGroup[]> {
  const client = new EC2Client(clientSettings(session));
  const found: SecurityGroup[] = [];
  for await (const { SecurityGroups = [] } of paginateDescribeSecurityGroups(
    { client },
    { Filters: [{ Name: "group-name", Values: [...names] }] },
  ))
    found.push(
      ...SecurityGroups.map(({ GroupId, IpPermissions = [], IpPermissionsEgress = [] }) => ({
        id: GroupId!,
        ingress: IpPermissions,
        egress: IpPermissionsEgress,
      })),
    );
  return found;
}

/** Tags things of EC2 by their ids, over the tags that they have. */
export async function tagByIds(
  session: AwsSession,
  ids: readonly string[],
  tags: Readonly<Record<string, string>>,
): Promise<void> {
  if (ids.length > 0)
    await new EC2Client(clientSettings(session)).send(
      new CreateTagsCommand({ Resources: [...ids], Tags: tagList(tags) }),
    );
}

/** The values of a tag on security groups, where they start so; each once. */
export async function tagValuesOfGroups(session: AwsSession, key: string, start: string): Promise<string[]> {
  const found = new Set<string>();
  for await (const { SecurityGroups = [] } of paginateDescribeSecurityGroups(
    { client: new EC2Client(clientSettings(session)) },
    { Filters: [{ Name: `tag:${key}`, Values: [`${start}*`] }] },
  ))
    for (const { Tags = [] } of SecurityGroups)
      for (const { Key, Value } of Tags) if (Key === key && Value?.startsWith(start)) found.add(Value);
  return [...found];
}

/** Takes all rules out of a group: while another group's rule refers to it, it cannot be deleted. */
export async function revokeRules(session: AwsSession, { id, ingress, egress }: SecurityGroup): Promise<void> {
  const client = new EC2Client(clientSettings(session));
  if (ingress.length > 0)
    await client.send(new RevokeSecurityGroupIngressCommand({ GroupId: id, IpPermissions: ingress }));
  if (egress.length > 0)
    await client.send(new RevokeSecurityGroupEgressCommand({ GroupId: id, IpPermissions: egress }));
}

/**
 * @returns false while something (a network interface that needs its minutes) still uses the group; one that is gone is
 * deleted.
 */
export async function deleteSecurityGroup(session: AwsSession, id: string): Promise<boolean> {
  try {
    await new EC2Client(clientSettings(session)).send(new DeleteSecurityGroupCommand({ GroupId: id }));
  } catch (error) {
    if (hasCode(error, "DependencyViolation")) return false;
    if (!hasCode(error, "InvalidGroup.NotFound")) throw error;
  }
  return true;
}
