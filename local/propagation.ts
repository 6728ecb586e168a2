import type { Clock } from "./clock";
import type { Table } from "./journal";

/** A table as it is read. */
export type Seen<T> = Pick<Table<T>, "get" | "has" | "values" | "entries" | "size">;

/**
 * Tables whose changes are seen late: what was written is there at once for whoever looks it up, and decides after
 * `lagMs`. All changes wait equally long, so that they are seen in the order they were made: a role never before the
 * boundary it was made with. A restart ends all waiting.
 */
export class Propagation {
  private readonly waiting: { readonly atMs: number; readonly arrive: () => void }[] = [];
  private arrived = 0;

  /** @param lagMs cloud time. */
  constructor(
    private readonly clock: Pick<Clock, "nowMs">,
    private readonly lagMs: number,
  ) {}

  /** Grows with every change that is seen. */
  get revision(): number {
    this.advance();
    return this.arrived;
  }

  /** @returns the table to write to and to look things up in, and what is seen of it. */
  follow<T>(live: Table<T>): { readonly table: Table<T>; readonly seen: Seen<T> } {
    const seen = this.lagMs > 0 ? new Map(live.entries()) : undefined;
    const table: Table<T> = {
      ...reader(() => live),
      put: (key, value) => {
        live.put(key, value);
        this.later(() => seen?.set(key, value));
      },
      delete: (key) => {
        this.later(() => seen?.delete(key));
        return live.delete(key);
      },
      get size() {
        return live.size;
      },
      get revision() {
        return live.revision;
      },
    };
    if (!seen) return { table, seen: live };
    const now = (): Map<string, T> => {
      this.advance();
      return seen;
    };
    return {
      table,
      seen: {
        ...reader(now),
        get size() {
          return now().size;
        },
      },
    };
  }

  /** Ends the waiting of all changes so far: what comes with an account was there before anybody asked. */
  settle(): void {
    for (const { arrive } of this.waiting.splice(0)) this.arrive(arrive);
  }

  private later(arrive: () => void): void {
    if (this.lagMs === 0) this.arrive(arrive);
    else this.waiting.push({ atMs: this.clock.nowMs() + this.lagMs, arrive });
  }

  private advance(): void {
    if (this.waiting.length === 0) return;
    const nowMs = this.clock.nowMs();
    while (this.waiting[0] && this.waiting[0].atMs <= nowMs) this.arrive(this.waiting.shift()!.arrive);
  }

  private arrive(arrive: () => void): void {
    this.arrived++;
    arrive();
  }
}

function reader<T>(rows: () => Omit<Seen<T>, "size">): Omit<Seen<T>, "size"> {
  return {
    get: (key) => rows().get(key),
    has: (key) => rows().has(key),
    values: () => rows().values(),
    entries: () => rows().entries(),
  };
}
