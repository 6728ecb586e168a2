import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { mersenne } from "pure-rand/generator/mersenne";
import { isoDay, weekdayOf } from "../../../lifecycle/forecasting/calendar";
import type { DailyValue } from "../../../lifecycle/forecasting/daily";
import type { Limit } from "../../../lifecycle/forecasting/limit";

/** A quality score that must not fall below its limit, as the goals describe it: noise of 0.01 a day. */
export const limit: Limit = { value: 0.55, breach: "below" };
const deviation = 0.01;

/** First day of all streams: 2026-01-01, a Thursday. */
export const firstDay = 20_454;

export interface StreamOptions {
  readonly seed: number;
  readonly days: number;
  /** From the limit, in standard deviations of the noise. */
  readonly headroom: number;
  /** Correlation of a day's noise with the day before. */
  readonly phi: number;
  /** Decline a day, from `from` on. */
  readonly slope?: number;
  readonly from?: number;
  /** Falls at once, in standard deviations, on a day. */
  readonly step?: { readonly day: number; readonly size: number };
  /** Weekends are worse by so many standard deviations. */
  readonly weekend?: number;
  /** Share of days without a value. */
  readonly missing?: number;
  /** Share of days on which something went wrong for a day: 8 standard deviations worse. */
  readonly incidents?: number;
}

export interface Stream {
  readonly values: readonly DailyValue[];
  /** Day on which the level passes the limit; undefined where it never does. */
  readonly breach: number | undefined;
}

/** A seeded stream: level, decline or step, AR(1) noise that is stationary from the first day on. */
export function streamOf(options: StreamOptions): Stream {
  const { seed, days, headroom, phi, slope = 0, from = 0, step, weekend = 0, missing = 0, incidents = 0 } = options;
  // Seeds that lie side by side give streams that have nothing in common.
  const random = mersenne(seed);
  const uniform = (): number => uniformFloat64(random);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const start = limit.value + headroom * deviation;
  let noise = normal();
  const values: DailyValue[] = [];
  for (let index = 0; index < days; index++) {
    const day = firstDay + index;
    const fallen = slope * Math.max(0, index - from) + (step && index >= step.day ? step.size * deviation : 0);
    const season = weekdayOf(day) >= 5 ? weekend * deviation : 0;
    const incident = uniform() < incidents ? 8 * deviation : 0;
    if (uniform() >= missing)
      values.push({ day: isoDay(day), value: start - fallen - season - incident + deviation * noise });
    noise = phi * noise + Math.sqrt(1 - phi * phi) * normal();
  }
  return { values, breach: slope > 0 ? firstDay + from + (headroom * deviation) / slope : undefined };
}
