import type { Cloud } from "../cloud";
import { AwsError } from "../errors";
import { askAs } from "../iam/asking";
import type { Principal } from "../iam/principal";
import type { Table } from "../journal";
import type { UpstreamClients } from "./clients";

interface Line {
  readonly timestamp: number;
  readonly message: string;
}

/** How long lines are gathered before they are written, in real time. */
const gatherMs = 200;

/**
 * Log groups that services opened for their own lines; AWS leaves them behind as well, so they are nobody's leftover.
 */
export function serviceLogGroups(cloud: Cloud): Table<boolean> {
  return cloud.journal.table<boolean>("upstream/service-log-groups");
}

interface Batch {
  readonly group: string;
  readonly stream: string;
  readonly lines: Line[];
  /** As which the lines are written; undefined for what services write for themselves. */
  readonly role: Principal | undefined;
}

/**
 * CloudWatch Logs for services: lines are gathered and written in the order they came, stream by stream. Of a role's
 * lines IAM is asked first what AWS's agents need: `logs:CreateLogGroup` where there is no group,
 * `logs:CreateLogStream` and `logs:PutLogEvents`.
 */
export function logWriter(
  cloud: Cloud,
  clients: UpstreamClients,
): Pick<Cloud["internals"], "log"> & { close(): Promise<void> } {
  const waiting = new Map<string, Batch>();
  const known = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

  function log(group: string, stream: string, lines: readonly string[], role?: Principal): void {
    const timestamp = Math.round(cloud.clock.nowMs());
    const key = `${group}\n${stream}`;
    const held = waiting.get(key) ?? { group, stream, lines: [], role };
    waiting.set(key, held);
    // CloudWatch Logs refuses empty messages and cuts at 1 MiB.
    held.lines.push(
      ...lines.filter((line) => line !== "").map((line) => ({ timestamp, message: line.slice(0, 262_144) })),
    );
    timer ??= setTimeout(flush, gatherMs);
  }

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    const batches = [...waiting.values()];
    waiting.clear();
    writing = writing.then(async () => {
      for (const batch of batches) await write(batch);
    });
  }

  /** Whether the role may do something with a stream. What services write for themselves nobody is asked about. */
  function may(operation: string, { group, stream, role }: Batch): boolean {
    if (role === undefined) return true;
    try {
      askAs(
        cloud,
        role,
        ["logs", operation],
        { logGroupName: group, logStreamName: stream },
        role.invokedBy ?? "logs.amazonaws.com",
      );
      return true;
    } catch (error) {
      if (error instanceof AwsError) return false;
      throw error;
    }
  }

  async function write(batch: Batch): Promise<void> {
    const { group, stream, lines } = batch;
    try {
      if (!known.has(`${group}\n${stream}`) && !(await open(batch))) return;
      if (!may("PutLogEvents", batch)) return;
      // PutLogEvents takes 10,000 lines at a time.
      for (let at = 0; at < lines.length; at += 5000)
        await clients.send("logs", "PutLogEvents", {
          logGroupName: group,
          logStreamName: stream,
          logEvents: lines.slice(at, at + 5000),
        });
    } catch (error) {
      // A group that was deleted meanwhile is opened again by the next lines.
      known.delete(`${group}\n${stream}`);
      process.emitWarning(`log lines for ${group} ${stream} are lost: ${(error as Error).message}`);
    }
  }

  /** @returns whether there is a stream to write to now. */
  async function open(batch: Batch): Promise<boolean> {
    const { group, stream } = batch;
    if (may("CreateLogGroup", batch) && (await created("CreateLogGroup", { logGroupName: group })))
      serviceLogGroups(cloud).put(group, true);
    if (!may("CreateLogStream", batch)) return false;
    try {
      await created("CreateLogStream", { logGroupName: group, logStreamName: stream });
    } catch (error) {
      // No group, and no right to make one.
      if (batch.role && error instanceof AwsError && error.code === "ResourceNotFoundException") return false;
      throw error;
    }
    known.add(`${group}\n${stream}`);
    return true;
  }

  async function created(operation: string, input: Record<string, string>): Promise<boolean> {
    try {
      await clients.send("logs", operation, input);
      return true;
    } catch (error) {
      if (error instanceof AwsError && error.code === "ResourceAlreadyExistsException") return false;
      throw error;
    }
  }

  return {
    log,
    close: async () => {
      flush();
      await writing;
    },
  };
}
