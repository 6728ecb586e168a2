/** A value that must not be passed. */
export interface Limit {
  readonly value: number;
  /** On which side of it the objective is broken. */
  readonly breach: "above" | "below";
}

/** How far a value lies beyond the limit; negative on the good side. */
export function beyond({ value: limit, breach }: Limit, value: number): number {
  return breach === "above" ? value - limit : limit - value;
}

/** The value that lies so far beyond the limit. */
export function valueBeyond({ value: limit, breach }: Limit, distance: number): number {
  return breach === "above" ? limit + distance : limit - distance;
}
