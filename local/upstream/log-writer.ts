import type { Cloud } from "../cloud";
import { AwsError } from "../errors";
import type { Table } from "../journal";
import type { UpstreamClients } from "./clients";

interface Line {
  readonly timestamp: number;
  readonly message: string;
}

/** How long lines are gathered before they are written, in real time. */
const gatherMs = 200;

/** Log groups that services opened for their own lines; AWS leaves them behind as well, so they are nobody's leftover. */
export function serviceLogGroups(cloud: Cloud): Table<boolean> {
  return cloud.journal.table<boolean>("upstream/service-log-groups");
}

/** CloudWatch Logs for services: lines are gathered and written in the order they came, stream by stream. */
export function logWriter(cloud: Cloud, clients: UpstreamClients): { log(group: string, stream: string, lines: readonly string[]): void; close(): Promise<void> } {
  const waiting = new Map<string, { group: string; stream: string; lines: Line[] }>();
  const known = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

  function log(group: string, stream: string, lines: readonly string[]): void {
    const timestamp = Math.round(cloud.clock.nowMs());
    const key = `${group}\n${stream}`;
    const held = waiting.get(key) ?? { group, stream, lines: [] };
    waiting.set(key, held);
    // CloudWatch Logs refuses empty messages and cuts at 1 MiB.
    held.lines.push(...lines.filter((line) => line !== "").map((line) => ({ timestamp, message: line.slice(0, 262_144) })));
    timer ??= setTimeout(flush, gatherMs);
  }

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    const batches = [...waiting.values()];
    waiting.clear();
    writing = writing.then(async () => {
      for (const batch of batches) await write(batch.group, batch.stream, batch.lines);
    });
  }

  async function write(group: string, stream: string, lines: readonly Line[]): Promise<void> {
    try {
      if (!known.has(`${group}\n${stream}`)) await open(group, stream);
      // PutLogEvents takes 10,000 lines at a time.
      for (let at = 0; at < lines.length; at += 5000)
        await clients.send("logs", "PutLogEvents", { logGroupName: group, logStreamName: stream, logEvents: lines.slice(at, at + 5000) });
    } catch (error) {
      // A group that was deleted meanwhile is opened again by the next lines.
      known.delete(`${group}\n${stream}`);
      process.emitWarning(`log lines for ${group} ${stream} are lost: ${(error as Error).message}`);
    }
  }

  async function open(group: string, stream: string): Promise<void> {
    if (await created("CreateLogGroup", { logGroupName: group })) serviceLogGroups(cloud).put(group, true);
    await created("CreateLogStream", { logGroupName: group, logStreamName: stream });
    known.add(`${group}\n${stream}`);
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
