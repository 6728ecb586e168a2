import type { Cloud } from "../../../cloud";
import type { ServiceEvent } from "../../../service";

/**
 * Events as the local cloud's own engines hear them: a pipeline waits for "job state changed" instead of polling. They
 * are heard in the process, before EventBridge delivers them, and a listener that fails does not stop the service that
 * emitted.
 */
export type EventListener = (event: ServiceEvent) => void;

const listeners = new WeakMap<Cloud, Set<EventListener>>();

/** Calls `listener` for every event a service emits. @returns a function that ends it. */
export function listen(cloud: Cloud, listener: EventListener): () => void {
  const heard = listeners.get(cloud) ?? new Set<EventListener>();
  listeners.set(cloud, heard);
  heard.add(listener);
  return () => void heard.delete(listener);
}

/** Tells the listeners; called by the owner of `cloud.internals.emit`. */
export function tell(cloud: Cloud, event: ServiceEvent): void {
  for (const listener of [...(listeners.get(cloud) ?? [])]) listener(event);
}
