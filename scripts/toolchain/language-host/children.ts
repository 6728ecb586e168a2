import type { ChildProcess } from "node:child_process";

/** Milliseconds a child gets to end after SIGTERM before it is killed; the engine itself waits five seconds for us. */
const graceMs = 3000;

const running = new Set<ChildProcess>();

/** Remembers a child until it ends, so that it cannot outlive the host. Returns the same child. */
export function track<Child extends ChildProcess>(child: Child): Child {
  running.add(child);
  child.once("close", () => running.delete(child));
  return child;
}

export function stopChild(child: ChildProcess): void {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGTERM");
  setTimeout(() => child.kill("SIGKILL"), graceMs).unref();
}

export function stopChildren(): void {
  for (const child of running) stopChild(child);
}
