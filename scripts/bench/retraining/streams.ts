/** Simulated years of a model's world, and what each choice of training days costs. Days are whole numbers from 0. */
export const days = 365;
/** A training learns the mean of the world over the days before it. */
const learnedDays = 7;

export const kinds = ["quiet", "abrupt", "gradual", "recurring"] as const;
export type Kind = (typeof kinds)[number];

export interface Year {
  readonly kind: Kind;
  /** Where the world is on each day, in points of mAP50 that a model which does not know it loses. */
  readonly world: readonly number[];
  /** Error of each day's labelled sample, points. */
  readonly noise: readonly number[];
}

/** Uniform numbers from 0 to 1, always the same for a seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** @param noisePoints standard deviation of a day's sample. */
export function yearOf(kind: Kind, noisePoints: number, random: () => number): Year {
  const between = (low: number, high: number) => low + (high - low) * random();
  const world = worldOf(kind, between, () => random() < 0.5);
  const noise = Array.from({ length: days }, () => noisePoints * gaussian(random));
  return { kind, world, noise };
}

function worldOf(kind: Kind, between: (low: number, high: number) => number, coin: () => boolean): number[] {
  const year = Array<number>(days).fill(0);
  switch (kind) {
    case "quiet":
      return year;
    case "abrupt": {
      for (let change = Math.floor(between(1, 4)); change > 0; change -= 1) {
        const [from, by] = [Math.floor(between(30, 335)), between(5, 25) * (coin() ? 1 : -1)];
        for (let day = from; day < days; day += 1) year[day]! += by;
      }
      return year;
    }
    case "gradual": {
      const perDay = between(5, 40) / days;
      return year.map((_, day) => day * perDay);
    }
    case "recurring": {
      const [period, height] = [Math.floor(between(40, 130)), between(5, 25)];
      return year.map((_, day) => (Math.floor(day / period) % 2 === 1 ? height : 0));
    }
  }
}

/** Box and Muller. */
function gaussian(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** What a day costs a model, in points: by the day of its training. */
export function lossesOf({ world }: Year): (trained: number, day: number) => number {
  const sums = [0];
  for (const value of world) sums.push(sums.at(-1)! + value);
  const knows = world.map((value, day) => {
    const from = Math.max(0, day - learnedDays);
    return day === 0 ? value : (sums[day]! - sums[from]!) / (day - from);
  });
  return (trained, day) => Math.abs(world[day]! - knows[trained]!);
}

/**
 * The least that a year can cost, knowing all of it: dynamic programming over the days of training.
 * @param price of a training, point-days.
 */
export function oracleCost(year: Year, price: number): number {
  const loss = lossesOf(year);
  const least = Array<number>(days + 1).fill(0);
  for (let trained = days - 1; trained >= 0; trained -= 1) {
    let lost = 0;
    let best = Infinity;
    for (let next = trained + 1; next <= days; next += 1) {
      lost += loss(trained, next - 1);
      best = Math.min(best, lost + (next < days ? price : 0) + least[next]!);
    }
    least[trained] = best;
  }
  return least[0]!;
}
