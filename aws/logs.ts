import {
  CloudWatchLogsClient,
  DeleteLogGroupCommand,
  DeleteLogStreamCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
  paginateDescribeLogGroups,
  paginateDescribeLogStreams,
  paginateFilterLogEvents,
  PutRetentionPolicyCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { type AwsSession, clientSettings, hasCode } from "./session";

export interface LogGroup {
  readonly name: string;
  /** Days; undefined for ever. */
  readonly retentionDays: number | undefined;
  readonly bytes: number;
  /** The key that it is encrypted with; undefined for CloudWatch's own. */
  readonly keyArn: string | undefined;
}

/** A line, and when CloudWatch has it from. */
export interface LogLine {
  readonly stream: string;
  readonly at: Date;
  readonly text: string;
}

/** CloudWatch Logs: lines of one source, and groups to look at or to delete. */
export class Logs {
  private readonly client: CloudWatchLogsClient;

  constructor(session: AwsSession) {
    this.client = new CloudWatchLogsClient(clientSettings(session));
  }

  /** Lines of the streams whose names start so, up to 1 MB; none where the group does not exist. */
  async lines(group: string, streams: string): Promise<string[]> {
    try {
      const { events = [] } = await this.client.send(
        new FilterLogEventsCommand({ logGroupName: group, logStreamNamePrefix: streams }),
      );
      return events.map(({ message }) => message ?? "");
    } catch (error) {
      if (hasCode(error, "ResourceNotFoundException")) return [];
      throw error;
    }
  }

  /**
   * Lines of some time, the end not included, of the streams whose names start so; none where the group does not exist.
   * @param pattern filter of CloudWatch Logs; lines that it lets through may still be others.
   */
  async linesBetween(
    logGroupName: string,
    { streams, pattern, from, to }: { streams: string; pattern: string; from: Date; to: Date },
  ): Promise<LogLine[]> {
    const found: LogLine[] = [];
    const query = {
      logGroupName,
      logStreamNamePrefix: streams,
      filterPattern: pattern,
      startTime: from.getTime(),
      // Its end is included (FilterLogEvents, `endTime`).
      endTime: to.getTime() - 1,
    };
    try {
      for await (const { events = [] } of paginateFilterLogEvents({ client: this.client }, query))
        found.push(
          ...events.map(({ logStreamName = "", timestamp = 0, message = "" }) => ({
            stream: logStreamName,
            at: new Date(timestamp),
            text: message,
          })),
        );
    } catch (error) {
      if (!hasCode(error, "ResourceNotFoundException")) throw error;
    }
    return found;
  }

  /** The last lines of the newest stream whose name starts so; none where there is none. */
  async tail(group: string, streams: string, limit: number): Promise<string[]> {
    const logStreamName = (await this.streams(group, streams)).at(-1);
    if (logStreamName === undefined) return [];
    const { events = [] } = await this.client.send(
      new GetLogEventsCommand({ logGroupName: group, logStreamName, limit, startFromHead: false }),
    );
    return events.map(({ message }) => message ?? "");
  }

  /** Groups whose names start so. */
  async groups(start: string): Promise<LogGroup[]> {
    const found: LogGroup[] = [];
    for await (const { logGroups = [] } of paginateDescribeLogGroups(
      { client: this.client },
      { logGroupNamePrefix: start },
    ))
      found.push(
        ...logGroups.map(({ logGroupName, retentionInDays, storedBytes, kmsKeyId }) => ({
          name: logGroupName!,
          retentionDays: retentionInDays,
          bytes: storedBytes ?? 0,
          keyArn: kmsKeyId,
        })),
      );
    return found;
  }

  /** Streams of a group whose names start so; none where the group does not exist. */
  async streams(logGroupName: string, logStreamNamePrefix?: string): Promise<string[]> {
    const found: string[] = [];
    try {
      for await (const { logStreams = [] } of paginateDescribeLogStreams(
        { client: this.client },
        { logGroupName, logStreamNamePrefix },
      ))
        found.push(...logStreams.map(({ logStreamName }) => logStreamName!));
    } catch (error) {
      if (!hasCode(error, "ResourceNotFoundException")) throw error;
    }
    return found;
  }

  async deleteStream(logGroupName: string, logStreamName: string): Promise<void> {
    await this.client.send(new DeleteLogStreamCommand({ logGroupName, logStreamName }));
  }

  /** Has a group keep its lines for so many days. */
  async retain(logGroupName: string, retentionInDays: number): Promise<void> {
    await this.client.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays }));
  }

  async deleteGroup(name: string): Promise<void> {
    await this.client.send(new DeleteLogGroupCommand({ logGroupName: name }));
  }
}
