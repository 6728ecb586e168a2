import type { Cloud } from "../cloud";
import type { Principal } from "../iam/principal";

/**
 * Sends the lines of one container to CloudWatch Logs in batches, as the agent on an instance does: a training loop
 * that prints thousands of lines must not become thousands of requests.
 */
export class LogStream {
  private pending: string[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly cloud: Cloud,
    readonly group: string,
    readonly stream: string,
    /** As which the lines are written; a role that may not loses them. */
    private readonly role?: Principal,
  ) {}

  readonly write = (line: string): void => {
    this.pending.push(line);
    if (this.pending.length >= 500) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), 200).unref();
  };

  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const lines = this.pending;
    if (lines.length === 0) return;
    this.pending = [];
    this.cloud.internals.log(this.group, this.stream, lines, this.role);
  }
}
