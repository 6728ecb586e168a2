import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { StartFailure } from "./start-failure";

/** A port that somebody else holds. */
class PortTaken extends StartFailure {}

/** Turns EADDRINUSE into a sentence that names the port, its holder where that can be known, and the next step. */
export function portTaken(error: unknown, port: number, option: string): unknown {
  // gRPC tells it in words only.
  if (
    (error as NodeJS.ErrnoException).code !== "EADDRINUSE" &&
    !/EADDRINUSE|No address added/.test((error as Error).message)
  )
    return error;
  const holder = holderOf(port);
  return new PortTaken(
    `Port ${port} on 127.0.0.1 is in use${holder ? ` by process ${holder.pid} (${holder.command})` : ""}.`,
    `Stop that process, or choose another port with ${option}.`,
    { cause: error },
  );
}

/** The process that listens on a port, from Linux's /proc; undefined where that is not to be had. */
function holderOf(port: number): { pid: number; command: string } | undefined {
  try {
    const wanted = port.toString(16).toUpperCase().padStart(4, "0");
    const sockets = ["/proc/net/tcp", "/proc/net/tcp6"]
      .flatMap((file) => readFileSync(file, "utf8").split("\n").slice(1))
      .map((line) => line.trim().split(/\s+/));
    // Column 1 is the local address, column 3 the state (0A: listening), column 9 the socket's inode.
    const inode = sockets.find((columns) => columns[1]?.endsWith(`:${wanted}`) && columns[3] === "0A")?.[9];
    if (!inode) return undefined;
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name)))
      if (holds(pid, inode))
        return {
          pid: Number(pid),
          command: readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, 3).join(" ").trim().slice(0, 120),
        };
  } catch {
    // Not Linux, or not allowed to look.
  }
  return undefined;
}

function holds(pid: string, inode: string): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${fd}`) === `socket:[${inode}]`;
      } catch {
        return false;
      }
    });
  } catch {
    return false;
  }
}
