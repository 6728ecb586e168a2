import { CloudWatchLogsClient, paginateDescribeLogGroups } from "@aws-sdk/client-cloudwatch-logs";
import { type AwsSession, clientSettings } from "./session";

export interface LogGroup {
  readonly name: string;
  /** Days; undefined for ever. */
  readonly retentionDays: number | undefined;
  readonly bytes: number;
}

/** Log groups whose names begin so. */
export async function logGroups(session: AwsSession, prefix: string): Promise<LogGroup[]> {
  const client = new CloudWatchLogsClient(clientSettings(session));
  const found: LogGroup[] = [];
  for await (const { logGroups: groups = [] } of paginateDescribeLogGroups({ client }, { logGroupNamePrefix: prefix })) found.push(...groups.map(({ logGroupName, retentionInDays, storedBytes }) => ({ name: logGroupName!, retentionDays: retentionInDays, bytes: storedBytes ?? 0 })));
  return found;
}
