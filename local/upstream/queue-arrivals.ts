import type { Cloud } from "../cloud";

/** Messages as the local cloud's own engines hear them: who polls a queue is woken instead of asking all the time. */
const listeners = new WeakMap<Cloud, Map<string, Set<() => void>>>();

/** Calls `wake` for every message that is sent to a queue. @param queue its name. @returns a function that ends it. */
export function listenToQueue(cloud: Cloud, queue: string, wake: () => void): () => void {
  const queues = listeners.get(cloud) ?? new Map<string, Set<() => void>>();
  listeners.set(cloud, queues);
  const heard = queues.get(queue) ?? new Set<() => void>();
  queues.set(queue, heard.add(wake));
  return () => void heard.delete(wake);
}

/** Tells the listeners; called by whoever owns the queues. */
export function tellArrival(cloud: Cloud, queue: string): void {
  for (const wake of [...(listeners.get(cloud)?.get(queue) ?? [])]) wake();
}

/** The same for a message that its queue holds back, once it is handed out. @param seconds of cloud time. */
export function tellWhenVisible(cloud: Cloud, queue: string, seconds: number): void {
  if (seconds <= 0) return tellArrival(cloud, queue);
  void cloud.clock.sleep(seconds * 1000).then(() => tellArrival(cloud, queue));
}
