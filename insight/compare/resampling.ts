import type { TileOutcome } from "./outcomes";

/** Recalls at which COCO reads precision: 0, 0.01, … 1. */
const recalls = Array.from({ length: 101 }, (_, index) => index / 100);

/** All answers of a class to some tiles, best first, with the tile that each is of. */
export interface Ranking {
  /** In the unit of the outcomes. */
  readonly scores: Float64Array;
  readonly hits: Uint8Array;
  readonly tiles: Uint32Array;
  /** True boxes of each tile. */
  readonly positives: Uint32Array;
}

/** The answers of one class to some tiles. @param label index of the class. */
export function rankingOf(tiles: readonly TileOutcome[], label: number): Ranking {
  const count = tiles.reduce((sum, { ranked }) => sum + ranked[label]!.scores.length, 0);
  const rows = new Uint32Array(count);
  const scores = new Float64Array(count);
  const hits = new Uint8Array(count);
  const tile = new Uint32Array(count);
  let at = 0;
  for (const [index, { ranked }] of tiles.entries()) {
    const { scores: own, hits: right } = ranked[label]!;
    for (let answer = 0; answer < own.length; answer++) {
      rows[at] = at;
      scores[at] = own[answer]!;
      hits[at] = right.charCodeAt(answer) === 49 ? 1 : 0;
      tile[at++] = index;
    }
  }
  // Answers of the same score keep the order of their tiles, as in COCO's evaluation.
  rows.sort((a, b) => scores[b]! - scores[a]! || a - b);
  return {
    scores: Float64Array.from(rows, (row) => scores[row]!),
    hits: Uint8Array.from(rows, (row) => hits[row]!),
    tiles: Uint32Array.from(rows, (row) => tile[row]!),
    positives: Uint32Array.from(tiles, ({ true: boxes }) => boxes.filter((box) => box[4] === label).length),
  };
}

/**
 * COCO's 101-point interpolated average precision at IoU 0.50.
 * @param counts how often each tile counts; once each without it.
 * @returns undefined where there is no true box.
 */
export function averagePrecision(ranking: Ranking, counts?: Uint32Array): number | undefined {
  const points = precisions(ranking, counts);
  return points && points.reduce((sum, { precision }) => sum + precision, 0) / recalls.length;
}

export interface CurvePoint {
  readonly recall: number;
  readonly precision: number;
  /** The answers at or above this score reach the recall; undefined where none do. */
  readonly score?: number;
}

/** Precision (its envelope) at each of COCO's recalls. @returns undefined where there is no true box. */
export function precisions(
  { scores, hits, tiles, positives }: Ranking,
  counts?: Uint32Array,
): CurvePoint[] | undefined {
  let total = 0;
  for (let tile = 0; tile < positives.length; tile++) total += positives[tile]! * (counts ? counts[tile]! : 1);
  if (total === 0) return undefined;
  const precision = new Float64Array(hits.length);
  const found = new Float64Array(hits.length);
  let right = 0;
  let seen = 0;
  for (let at = 0; at < hits.length; at++) {
    const weight = counts ? counts[tiles[at]!]! : 1;
    right += hits[at]! * weight;
    seen += weight;
    precision[at] = seen > 0 ? right / seen : 0;
    found[at] = right;
  }
  for (let at = hits.length - 2; at >= 0; at--)
    if (precision[at + 1]! > precision[at]!) precision[at] = precision[at + 1]!;
  let at = 0;
  return recalls.map((recall) => {
    while (at < hits.length && found[at]! / total < recall) at++;
    return at < hits.length ? { recall, precision: precision[at]!, score: scores[at]! } : { recall, precision: 0 };
  });
}

/** Mean over the classes that the tiles hold; 0 where they hold none. */
export function meanAveragePrecision(rankings: readonly Ranking[], counts?: Uint32Array): number {
  const values = rankings.flatMap((ranking) => averagePrecision(ranking, counts) ?? []);
  return values.length > 0 ? values.reduce((sum, value) => sum + value, 0) / values.length : 0;
}

export type Interval = readonly [low: number, high: number];

/** How often each tile counts, in samples with repetition: the same ones for all models that are compared. */
export function draws(tiles: number, samples: number): Uint32Array[] {
  const random = generator(tiles);
  return Array.from({ length: samples }, () => {
    const counts = new Uint32Array(tiles);
    for (let drawn = 0; drawn < tiles; drawn++) counts[Math.floor(random() * tiles)]!++;
    return counts;
  });
}

/** The middle 95 % of values; undefined where there are none. */
export function middle(values: readonly number[]): Interval | undefined {
  if (values.length === 0) return undefined;
  const sorted = [...values].sort((a, b) => a - b);
  // Linear between neighbours, as NumPy's percentile is by default.
  const at = (share: number): number => {
    const place = share * (sorted.length - 1);
    const below = sorted[Math.floor(place)]!;
    return below + (sorted[Math.ceil(place)]! - below) * (place % 1);
  };
  return [at(0.025), at(0.975)];
}

/**
 * Numbers from 0 to 1, the same ones each time: the same outcomes have the same intervals. Mulberry32 (T. Ettinger,
 * public domain), which passes gjrand's small tests; 32 bits are plenty to choose among tiles.
 */
function generator(seed: number): () => number {
  let state = (seed + 0x9e3779b9) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
