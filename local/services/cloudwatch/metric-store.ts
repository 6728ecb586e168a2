import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../../clock";
import type { Aggregate } from "./aggregate";
import { addAggregate, addSample, emptyAggregate } from "./aggregate";

export interface MetricIdentity {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** One metric: its samples by minute, and by second where they were sent with a storage resolution of one second. */
export interface Series extends MetricIdentity {
  readonly units: Set<string>;
  readonly minutes: Map<number, Aggregate>;
  readonly seconds: Map<number, Aggregate>;
  lastMs: number;
}

export interface Point {
  readonly ms: number;
  readonly aggregate: Aggregate;
}

const MINUTE_MS = 60_000;
/** CloudWatch keeps one-minute points for 15 days and one-second points for three hours. */
const MINUTES_KEPT_MS = 15 * 86_400_000;
const SECONDS_KEPT_MS = 3 * 3_600_000;
/** Real time between snapshots on disk: a killed local cloud loses at most this much. */
const SNAPSHOT_MS = 60_000;

/**
 * Metric samples as aggregates per bucket of time, in memory. They do not go to the journal one by one: a snapshot is
 * written once a minute and when the local cloud stops.
 */
export class MetricStore {
  private readonly series = new Map<string, Series>();
  private readonly file: string | undefined;
  private timer: NodeJS.Timeout | undefined;
  private dirty = false;

  constructor(
    private readonly clock: Clock,
    stateDir: string | undefined,
  ) {
    this.file = stateDir && join(stateDir, "metrics.json");
    if (this.file && existsSync(this.file)) this.read(this.file);
  }

  start(): void {
    if (this.file) this.timer = setInterval(() => this.snapshot(), SNAPSHOT_MS).unref();
  }

  stop(): void {
    clearInterval(this.timer);
    this.snapshot();
  }

  /** Adds samples of one value at a time. @param highResolution keeps one-second points too. */
  add(identity: MetricIdentity, ms: number, value: number, count = 1, unit = "None", highResolution = false): void {
    for (const bucket of this.buckets(identity, ms, unit, highResolution)) addSample(bucket, value, count);
  }

  /** Adds a statistic set. */
  addSet(identity: MetricIdentity, ms: number, set: Aggregate, unit = "None", highResolution = false): void {
    for (const bucket of this.buckets(identity, ms, unit, highResolution)) addAggregate(bucket, set);
  }

  /** All metrics that have points. */
  list(): Series[] {
    return [...this.series.values()];
  }

  /**
   * Points of a metric in [startMs, endMs), one per period that has samples, oldest first. Periods begin at multiples
   * of themselves unless `aligned` is false; then the first one begins at `startMs`.
   */
  points(
    identity: MetricIdentity,
    startMs: number,
    endMs: number,
    periodSeconds: number,
    unit?: string,
    aligned = true,
  ): Point[] {
    const series = this.series.get(keyOf(identity));
    if (!series || (unit !== undefined && !series.units.has(unit))) return [];
    const period = periodSeconds * 1000;
    const fine = periodSeconds % 60 !== 0;
    const [buckets, width] = fine ? [series.seconds, 1000] : [series.minutes, MINUTE_MS];
    const first = aligned ? Math.floor(startMs / period) * period : startMs;
    const byPeriod = new Map<number, Aggregate>();
    for (const [at, bucket] of inRange(buckets, width, first, endMs)) {
      const begin = first + Math.floor((at - first) / period) * period;
      let whole = byPeriod.get(begin);
      if (!whole) byPeriod.set(begin, (whole = emptyAggregate()));
      addAggregate(whole, bucket);
    }
    return [...byPeriod].sort(([a], [b]) => a - b).map(([ms, aggregate]) => ({ ms, aggregate }));
  }

  private buckets(identity: MetricIdentity, ms: number, unit: string, highResolution: boolean): Aggregate[] {
    const key = keyOf(identity);
    let series = this.series.get(key);
    if (!series)
      this.series.set(
        key,
        (series = { ...identity, units: new Set(), minutes: new Map(), seconds: new Map(), lastMs: ms }),
      );
    series.units.add(unit);
    series.lastMs = Math.max(series.lastMs, ms);
    this.dirty = true;
    const found = [
      bucketAt(series.minutes, Math.floor(ms / MINUTE_MS) * MINUTE_MS, this.clock.nowMs() - MINUTES_KEPT_MS),
    ];
    if (highResolution)
      found.push(bucketAt(series.seconds, Math.floor(ms / 1000) * 1000, this.clock.nowMs() - SECONDS_KEPT_MS));
    return found;
  }

  private snapshot(): void {
    if (!this.file || !this.dirty) return;
    this.dirty = false;
    const packed = [...this.series.values()].map(
      ({ namespace, name, dimensions, units, minutes, seconds, lastMs }) => ({
        namespace,
        name,
        dimensions,
        units: [...units],
        minutes: pack(minutes),
        seconds: pack(seconds),
        lastMs,
      }),
    );
    // Written beside and renamed: a kill in the middle leaves the older snapshot whole.
    writeFileSync(`${this.file}.new`, JSON.stringify(packed));
    renameSync(`${this.file}.new`, this.file);
  }

  private read(file: string): void {
    const packed = JSON.parse(readFileSync(file, "utf8")) as (MetricIdentity & {
      units: string[];
      minutes: PackedBuckets;
      seconds: PackedBuckets;
      lastMs: number;
    })[];
    for (const one of packed)
      this.series.set(keyOf(one), {
        ...one,
        units: new Set(one.units),
        minutes: unpack(one.minutes),
        seconds: unpack(one.seconds),
      });
  }
}

type PackedBuckets = [ms: number, count: number, sum: number, min: number, max: number, values?: [number, number][]][];

function pack(buckets: Map<number, Aggregate>): PackedBuckets {
  return [...buckets].map(([ms, { count, sum, min, max, values }]) => [
    ms,
    count,
    sum,
    min,
    max,
    values && [...values],
  ]);
}

function unpack(packed: PackedBuckets): Map<number, Aggregate> {
  return new Map(
    packed.map(([ms, count, sum, min, max, values]) => [
      ms,
      { count, sum, min, max, values: values ? new Map(values) : undefined },
    ]),
  );
}

/** The bucket of a time; makes it, and drops what is too old, when it is not there. */
function bucketAt(buckets: Map<number, Aggregate>, at: number, oldest: number): Aggregate {
  let bucket = buckets.get(at);
  if (!bucket) {
    buckets.set(at, (bucket = emptyAggregate()));
    // Buckets are made in the order of time but for late samples, so the oldest come first.
    for (const ms of buckets.keys()) {
      if (ms >= oldest) break;
      buckets.delete(ms);
    }
  }
  return bucket;
}

function* inRange(
  buckets: Map<number, Aggregate>,
  width: number,
  startMs: number,
  endMs: number,
): Generator<[number, Aggregate]> {
  const first = Math.ceil(startMs / width) * width;
  if ((endMs - first) / width > buckets.size) {
    for (const [at, bucket] of buckets) if (at >= first && at < endMs) yield [at, bucket];
    return;
  }
  for (let at = first; at < endMs; at += width) {
    const bucket = buckets.get(at);
    if (bucket) yield [at, bucket];
  }
}

/** The same metric has the same key, in whatever order its dimensions come. */
export function keyOf({ namespace, name, dimensions }: MetricIdentity): string {
  return JSON.stringify([namespace, name, Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1))]);
}

/** Dimensions as CloudWatch's requests list them. */
export function dimensionRecord(list: readonly { Name: string; Value: string }[] | undefined): Record<string, string> {
  return Object.fromEntries((list ?? []).map(({ Name, Value }) => [Name, Value]));
}
