import type { Cloud } from "../../cloud";
import type { Table } from "../../journal";
import type { Tags } from "../../metering/meter";

interface Activation {
  readonly active: boolean;
  readonly changedMs: number;
  /** From when on usage is allocated by it; what was used before is not ("Using user-defined cost allocation tags"). */
  readonly sinceMs?: number;
}

const HOUR_MS = 3_600_000;

/** Which tags costs are allocated by: those that somebody activated, from then on. */
export class AllocationTags {
  private readonly rows: Table<Activation>;

  constructor(private readonly cloud: Cloud) {
    this.rows = cloud.journal.table("ce/allocation-tags");
  }

  isActive(key: string): boolean {
    return this.rows.get(key)?.active === true;
  }

  changedMs(key: string): number | undefined {
    return this.rows.get(key)?.changedMs;
  }

  /** Activating what is active changes nothing. */
  set(key: string, active: boolean): void {
    if (this.isActive(key) === active) return;
    const nowMs = this.cloud.clock.nowMs();
    this.rows.put(key, { active, changedMs: nowMs, ...(active ? { sinceMs: nowMs } : {}) });
  }

  /** Of a resource's tags those by which its usage of an hour is allocated: the hour of the activation counts. */
  counting(tags: Tags, hourMs: number): Tags {
    return Object.fromEntries(
      Object.entries(tags).filter(([key]) => {
        const row = this.rows.get(key);
        return row?.active && hourMs + HOUR_MS > row.sinceMs!;
      }),
    );
  }
}
