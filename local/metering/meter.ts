import { randomUUID } from "node:crypto";
import type { Clock } from "../clock";
import type { Journal, Table } from "../journal";
import type { Item } from "./items";

export type Tags = Readonly<Record<string, string>>;

/** What a resource used of one thing within an hour, under the tags that it had then. */
export interface Usage {
  readonly hourMs: number;
  readonly arn: string;
  readonly item: Item;
  readonly amount: number;
  readonly tags: Tags;
}

/** Something that runs, and how many of it. */
interface Running {
  readonly arn: string;
  readonly item: Item;
  readonly units: number;
  readonly sinceMs: number;
  readonly tags: Tags;
}

/** How many of one thing run for a resource. */
export interface Gauge {
  set(units: number): void;
}

const HOUR_MS = 3_600_000;
/** What is counted by the request is written once in a while: a killed cloud loses at most this much, real time. */
const WRITE_MS = 1000;

/**
 * What resources use: by the hour while they run, by the request when they are called. It holds no prices. A tag counts
 * for what is used from then on: what ran before keeps the tags that it had.
 */
export class Meter {
  private readonly written: Table<Usage>;
  private readonly running: Table<Running>;
  private readonly counted = new Map<string, Usage>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    journal: Journal,
    private readonly clock: Clock,
    /** Tags of a resource that is there. */
    private readonly tagsOf: (arn: string) => Tags | undefined,
  ) {
    this.written = journal.table("usage");
    this.running = journal.table("usage/running");
  }

  start(): void {
    // Processes of a cloud that was killed are gone; what starts again is counted anew.
    for (const [id] of this.running.entries()) if (id.startsWith("process:")) this.level(id, undefined);
    this.timer = setInterval(() => this.write(), WRITE_MS).unref();
  }

  stop(): void {
    clearInterval(this.timer);
    this.write();
  }

  /** For what runs as processes: a gauge of its own, which ends with the cloud. */
  gauge(arn: string, item: Item): Gauge {
    const id = `process:${randomUUID()}`;
    return { set: (units) => this.level(id, units > 0 ? { arn, item, units } : undefined) };
  }

  /** From now on so many of it are there; 0 for none any more. */
  hold(arn: string, item: Item, units: number): void {
    this.level(`${arn} ${item.price}`, units > 0 ? { arn, item, units } : undefined);
  }

  /** Ends whatever is held for a resource that is gone. */
  release(arn: string): void {
    for (const [id, one] of this.running.entries()) if (one.arn === arn) this.level(id, undefined);
  }

  /** Counts what was used at once. */
  count(arn: string, item: Item, amount: number): void {
    const hourMs = hourOf(this.clock.nowMs());
    this.add({ hourMs, arn, item, amount, tags: this.tagsOf(arn) ?? {} });
  }

  /** Counts units that ran from one time to another. */
  span(arn: string, item: Item, units: number, fromMs: number, toMs: number): void {
    const tags = this.tagsOf(arn) ?? {};
    for (const usage of byHour({ arn, item, units, sinceMs: fromMs, tags }, toMs)) this.add(usage);
  }

  /** All that was used until now, also by what still runs. */
  usage(): Usage[] {
    for (const [id, one] of this.running.entries()) {
      const tags = this.tagsOf(one.arn);
      if (tags && keyOf(tags) !== keyOf(one.tags)) this.level(id, one);
    }
    this.write();
    const nowMs = this.clock.nowMs();
    return [...this.written.values(), ...[...this.running.values()].flatMap((one) => byHour(one, nowMs))];
  }

  private level(id: string, next: Pick<Running, "arn" | "item" | "units"> | undefined): void {
    const nowMs = this.clock.nowMs();
    const before = this.running.get(id);
    if (before) for (const usage of byHour(before, nowMs)) this.add(usage);
    if (next) {
      const { arn, item, units } = next;
      this.running.put(id, { arn, item, units, sinceMs: nowMs, tags: this.tagsOf(arn) ?? {} });
    } else this.running.delete(id);
  }

  private add(usage: Usage): void {
    const { hourMs, arn, item, tags } = usage;
    const id = [hourMs, arn, item.price, item.usageType, keyOf(tags)].join(" ");
    const before = this.counted.get(id) ?? this.written.get(id);
    this.counted.set(id, { ...usage, amount: (before?.amount ?? 0) + usage.amount });
  }

  private write(): void {
    for (const [id, usage] of this.counted) this.written.put(id, usage);
    this.counted.clear();
  }
}

function hourOf(ms: number): number {
  return Math.floor(ms / HOUR_MS) * HOUR_MS;
}

function keyOf(tags: Tags): string {
  return JSON.stringify(Object.entries(tags).sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** What something that runs used until a time, hour by hour. */
function byHour({ arn, item, units, sinceMs, tags }: Running, untilMs: number): Usage[] {
  const hours: Usage[] = [];
  for (let hourMs = hourOf(sinceMs); hourMs < untilMs; hourMs += HOUR_MS) {
    const ms = Math.min(untilMs, hourMs + HOUR_MS) - Math.max(sinceMs, hourMs);
    const share = item.monthly ? ms / monthMs(hourMs) : ms / HOUR_MS;
    if (ms > 0) hours.push({ hourMs, arn, item, amount: units * share, tags });
  }
  return hours;
}

function monthMs(ms: number): number {
  const date = new Date(ms);
  const first = (months: number) => Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1);
  return first(1) - first(0);
}
