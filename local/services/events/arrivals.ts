import { createHash } from "node:crypto";

/** When an event reaches its targets, in milliseconds of cloud time after it happened. */
export interface Arrivals {
  readonly firstMs: number;
  /** It comes again. */
  readonly secondMs?: number;
}

export const atOnce: Arrivals = { firstMs: 0 };

/**
 * One event in so many is late, and one in so many comes twice. AWS gives no numbers: often enough that a run of some
 * minutes meets both.
 */
const share = 4;
/** An event that is late comes after what happened up to half a minute later. */
const lateMs = { least: 5_000, most: 30_000 };
const againMs = { least: 20_000, most: 60_000 };
/** What a platform acts upon always comes twice. */
const alwaysTwice = "SageMaker Model Package State Change";

/**
 * EventBridge delivers at least once and in no order (its user guide, "Event delivery"): decides for each event whether
 * it is late and whether it comes twice. The same seed and the same events give the same arrivals; of four events of a
 * kind one is late and one comes twice, on average.
 */
export class ArrivalPlan {
  private readonly counts = new Map<string, number>();

  constructor(private readonly seed: string) {}

  /** @param kind source and detail type. */
  next(source: string, detailType: string): Arrivals {
    const kind = `${source} ${detailType}`;
    const count = this.counts.get(kind) ?? 0;
    this.counts.set(kind, count + 1);
    const bytes = createHash("sha256").update(`${this.seed} ${kind} ${count}`).digest();
    const between = ({ least, most }: { least: number; most: number }, at: number): number =>
      least + ((most - least) * bytes[at]!) / 255;
    const firstMs = bytes[0]! % share === 0 ? between(lateMs, 1) : 0;
    const twice = bytes[2]! % share === 0 || detailType === alwaysTwice;
    return { firstMs, ...(twice ? { secondMs: firstMs + between(againMs, 3) } : {}) };
  }
}
