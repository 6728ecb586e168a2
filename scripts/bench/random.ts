import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { mersenne } from "pure-rand/generator/mersenne";

/** Above it, a count is drawn as a normal value: its relative error is smaller than what a simulation sees. */
const normalFrom = 200;

/** Random numbers that are always the same for a seed; seeds side by side have nothing in common. */
export class Random {
  private readonly generator;
  private spare: number | undefined;

  constructor(seed: number) {
    this.generator = mersenne(seed);
  }

  /** 0 to 1, without 1. */
  uniform(): number {
    return uniformFloat64(this.generator);
  }

  chance(p: number): boolean {
    return this.uniform() < p;
  }

  /** Standard normal (Box and Muller). */
  normal(): number {
    if (this.spare !== undefined) {
      const spare = this.spare;
      this.spare = undefined;
      return spare;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** Number of arrivals with this mean. */
  poisson(mean: number): number {
    if (mean > normalFrom) return Math.max(0, Math.round(mean + Math.sqrt(mean) * this.normal()));
    const limit = Math.exp(-mean);
    let count = 0;
    for (let product = this.uniform(); product > limit; product *= this.uniform()) count++;
    return count;
  }

  /** Successes of `trials`: by the waiting times between them, so that rare ones cost little. */
  binomial(trials: number, p: number): number {
    if (p <= 0 || trials <= 0) return 0;
    if (p >= 1) return trials;
    if (p > 0.5) return trials - this.binomial(trials, 1 - p);
    const mean = trials * p;
    if (mean * (1 - p) > normalFrom)
      return Math.min(trials, Math.max(0, Math.round(mean + Math.sqrt(mean * (1 - p)) * this.normal())));
    const scale = Math.log1p(-p);
    let count = 0;
    for (let at = 0; ; count++) {
      at += Math.floor(Math.log(1 - this.uniform()) / scale) + 1;
      if (at > trials) return count;
    }
  }

  /** Trials until the first success, at least 1, with this mean. */
  geometric(mean: number): number {
    return mean <= 1 ? 1 : 1 + Math.floor(Math.log(1 - this.uniform()) / Math.log1p(-1 / mean));
  }
}
