import type { Archive, ArchivedEvent, EventStore } from "./buses";
import { compilePattern } from "./patterns";
import type { EventEnvelope } from "./transform";

const DAY_MS = 86_400_000;

/**
 * Keeps what comes to a bus in the bus's archives. Replayed events are not archived again (EventBridge user guide,
 * "Archiving events").
 */
export class Archivist {
  constructor(private readonly store: EventStore) {}

  keep(bus: string, event: EventEnvelope): void {
    if (event["replay-name"] !== undefined) return;
    for (const archive of this.store.archives.values()) {
      if (archive.busName !== bus || (archive.pattern !== undefined && !compilePattern(archive.pattern)(event)))
        continue;
      this.forgetOld(archive);
      this.store.archived.put(`${archive.name}#${event.id}`, {
        archive: archive.name,
        atMs: this.store.cloud.clock.nowMs(),
        event,
      });
    }
  }

  /** What an archive holds now, oldest first. */
  held(archive: Archive): ArchivedEvent[] {
    this.forgetOld(archive);
    return [...this.store.archived.values()]
      .filter((held) => held.archive === archive.name)
      .sort((a, b) => a.atMs - b.atMs);
  }

  drop(archive: Archive): void {
    for (const [key, held] of [...this.store.archived.entries()])
      if (held.archive === archive.name) this.store.archived.delete(key);
  }

  /** Zero days keep events for ever. */
  private forgetOld(archive: Archive): void {
    if (archive.retentionDays === 0) return;
    const oldest = this.store.cloud.clock.nowMs() - archive.retentionDays * DAY_MS;
    for (const [key, held] of [...this.store.archived.entries()])
      if (held.archive === archive.name && held.atMs < oldest) this.store.archived.delete(key);
  }
}
