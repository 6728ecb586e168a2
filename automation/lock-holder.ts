import { hostname } from "node:os";

/** A process that holds a lock: of an environment, or of a stack in a self-managed backend. */
export interface LockHolder {
  readonly host: string;
  readonly pid: number;
}

/** Whether a holder is a process of this machine that has ended: its lock is a leftover. */
export function hasEnded({ host, pid }: LockHolder): boolean {
  return host === hostname() && !isAlive(pid);
}

/** Whether a process of this machine runs, ours or somebody else's. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
