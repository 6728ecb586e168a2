import type { Cloud } from "../../cloud";
import type { Members } from "../../members";
import { AwsError } from "../../errors";
import { askAs } from "../../iam/asking";
import type { Principal } from "../../iam/principal";
import { LogStream } from "../../runner/lines";
import { serviceLogGroups } from "../../upstream/log-writer";
import { CODEBUILD_PRINCIPAL } from "./checks";
import { PhaseFailure } from "./phases";
import type { BuildRecord } from "./records";

/** The log of a build in CloudWatch Logs, written with the permissions of the project's service role. */
export class BuildLog {
  private stream: LogStream | undefined;
  private hidden: readonly string[] = [];

  constructor(
    private readonly cloud: Cloud,
    private readonly build: BuildRecord,
  ) {}

  /** Creates group and stream where they are missing. @throws PhaseFailure ACCESS_DENIED in CodeBuild's words. */
  async open(principal: Principal): Promise<void> {
    const { logs, serviceRole, arn } = this.build;
    if (!logs) return;
    try {
      await this.create(principal, logs.group, logs.stream);
      // Lines are gathered and written from inside.
      askAs(
        this.cloud,
        principal,
        ["logs", "PutLogEvents"],
        { logGroupName: logs.group, logStreamName: logs.stream },
        CODEBUILD_PRINCIPAL,
      );
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      throw new PhaseFailure(
        "ACCESS_DENIED",
        `Service role ${serviceRole} does not allow AWS CodeBuild to create Amazon CloudWatch Logs log streams for build ${arn}. Error message: ${error.message}`,
      );
    }
    this.stream = new LogStream(this.cloud, logs.group, logs.stream);
  }

  /** Values that must not be read in the log. */
  hide(values: readonly string[]): void {
    // One or two characters stand in every other line.
    this.hidden = values.filter((value) => value.length > 2).sort((a, b) => b.length - a.length);
  }

  readonly write = (line: string): void =>
    this.stream?.write(this.hidden.reduce((text, value) => text.replaceAll(value, "***"), line));

  /** A line of CodeBuild's own. */
  note(text: string): void {
    const stamp = this.cloud.clock.now().toISOString().replaceAll("-", "/").replace("T", " ").replace("Z", "");
    this.write(`[Container] ${stamp} ${text}`);
  }

  flush(): void {
    this.stream?.flush();
  }

  private async create(principal: Principal, logGroupName: string, logStreamName: string): Promise<void> {
    const send = (operation: string, input: Members): Promise<Members> =>
      this.cloud.as(principal, "logs", operation, input, CODEBUILD_PRINCIPAL);
    const createStream = (): Promise<Members> => send("CreateLogStream", { logGroupName, logStreamName });
    try {
      await createStream();
    } catch (error) {
      if (!(error instanceof AwsError) || error.code !== "ResourceNotFoundException") throw error;
      await send("CreateLogGroup", { logGroupName });
      serviceLogGroups(this.cloud).put(logGroupName, true);
      await createStream();
    }
  }
}
