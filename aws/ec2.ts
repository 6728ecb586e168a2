import { DescribeSubnetsCommand, DescribeVpcsCommand, EC2Client, paginateDescribeVpcs } from "@aws-sdk/client-ec2";
import { type AwsSession, clientSettings } from "./session";

/** How many VPCs the account has in the session's Region, the default one included. */
export async function countVpcs(session: AwsSession): Promise<number> {
  const client = new EC2Client(clientSettings(session));
  let count = 0;
  for await (const page of paginateDescribeVpcs({ client }, {})) count += page.Vpcs?.length ?? 0;
  return count;
}

/** The account's default network; undefined where it has none. */
export async function defaultNetwork(session: AwsSession): Promise<{ readonly vpcId: string; readonly subnetIds: readonly string[] } | undefined> {
  const client = new EC2Client(clientSettings(session));
  const vpcId = (await client.send(new DescribeVpcsCommand({ Filters: [{ Name: "is-default", Values: ["true"] }] }))).Vpcs?.[0]?.VpcId;
  if (vpcId === undefined) return undefined;
  const { Subnets = [] } = await client.send(new DescribeSubnetsCommand({ Filters: [{ Name: "vpc-id", Values: [vpcId] }] }));
  return { vpcId, subnetIds: Subnets.map(({ SubnetId }) => SubnetId!) };
}
