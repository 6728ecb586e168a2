import { EC2Client, paginateDescribeVpcs } from "@aws-sdk/client-ec2";
import { type AwsSession, clientSettings } from "./session";

/** How many VPCs the account has in the session's Region, the default one included. */
export async function countVpcs(session: AwsSession): Promise<number> {
  const client = new EC2Client(clientSettings(session));
  let count = 0;
  for await (const page of paginateDescribeVpcs({ client }, {})) count += page.Vpcs?.length ?? 0;
  return count;
}
