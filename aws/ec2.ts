import { DeleteSecurityGroupCommand, EC2Client, type IpPermission, paginateDescribeSecurityGroups, paginateDescribeVpcs, RevokeSecurityGroupEgressCommand, RevokeSecurityGroupIngressCommand } from "@aws-sdk/client-ec2";
import { type AwsSession, clientSettings, hasCode } from "./session";

/** How many VPCs the account has in the session's Region, the default one included. */
export async function countVpcs(session: AwsSession): Promise<number> {
  const client = new EC2Client(clientSettings(session));
  let count = 0;
  for await (const page of paginateDescribeVpcs({ client }, {})) count += page.Vpcs?.length ?? 0;
  return count;
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
  for await (const { SecurityGroups = [] } of paginateDescribeSecurityGroups({ client }, { Filters: [{ Name: "group-name", Values: [...names] }] }))
    found.push(...SecurityGroups.map(({ GroupId, IpPermissions = [], IpPermissionsEgress = [] }) => ({ id: GroupId!, ingress: IpPermissions, egress: IpPermissionsEgress })));
  return found;
}

/** Takes all rules out of a group: while another group's rule refers to it, it cannot be deleted. */
export async function revokeRules(session: AwsSession, { id, ingress, egress }: SecurityGroup): Promise<void> {
  const client = new EC2Client(clientSettings(session));
  if (ingress.length > 0) await client.send(new RevokeSecurityGroupIngressCommand({ GroupId: id, IpPermissions: ingress }));
  if (egress.length > 0) await client.send(new RevokeSecurityGroupEgressCommand({ GroupId: id, IpPermissions: egress }));
}

/** @returns false while something (a network interface that needs its minutes) still uses the group; one that is gone is deleted. */
export async function deleteSecurityGroup(session: AwsSession, id: string): Promise<boolean> {
  try {
    await new EC2Client(clientSettings(session)).send(new DeleteSecurityGroupCommand({ GroupId: id }));
  } catch (error) {
    if (hasCode(error, "DependencyViolation")) return false;
    if (!hasCode(error, "InvalidGroup.NotFound")) throw error;
  }
  return true;
}
