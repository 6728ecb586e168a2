import { CloudWatchLogsClient, DeleteLogGroupCommand, FilterLogEventsCommand, paginateDescribeLogGroups } from "@aws-sdk/client-cloudwatch-logs";
import { type AwsSession, clientSettings, hasCode } from "./session";

/** CloudWatch Logs: lines of one source, and groups to delete. */
export class Logs {
  private readonly client: CloudWatchLogsClient;

  constructor(session: AwsSession) {
    this.client = new CloudWatchLogsClient(clientSettings(session));
  }

  /** Lines of the streams whose names start so, up to 1 MB; none where the group does not exist. */
  async lines(group: string, streams: string): Promise<string[]> {
    try {
      const { events = [] } = await this.client.send(new FilterLogEventsCommand({ logGroupName: group, logStreamNamePrefix: streams }));
      return events.map(({ message }) => message ?? "");
    } catch (error) {
      if (hasCode(error, "ResourceNotFoundException")) return [];
      throw error;
    }
  }

  async groupsNamed(start: string): Promise<string[]> {
    const names: string[] = [];
    for await (const page of paginateDescribeLogGroups({ client: this.client }, { logGroupNamePrefix: start })) names.push(...(page.logGroups ?? []).map(({ logGroupName }) => logGroupName!));
    return names;
  }

  async deleteGroup(name: string): Promise<void> {
    await this.client.send(new DeleteLogGroupCommand({ logGroupName: name }));
  }
}
