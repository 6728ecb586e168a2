import type { RolloutBlock } from "../../../lifecycle/rollout/evidence";
import { nothingServed, type Served } from "../../../lifecycle/rollout/served";
import { Random } from "../random";

/**
 * How requests and errors come, the mean error rate being the same: one by one; with minutes without traffic; with
 * minutes of eight times the traffic; with incidents that hit both configurations; in lumps, as whole flights fail; in
 * minutes that one configuration's instances spend badly.
 */
export const kinds = ["steady", "gaps", "rushes", "incidents", "lumps", "bad minutes"] as const;
export type Kind = (typeof kinds)[number];

/** A release as it is simulated. */
export interface Release {
  readonly seed: number;
  readonly requestsPerSecond: number;
  readonly kind: Kind;
  /** Error rates of both configurations. */
  readonly oldRate: number;
  readonly newRate: number;
}

/** Of other signals: shares of requests, the same with both configurations. */
const others = { slow: 0.01, empty: 0, unsure: 0.03 } as const;
const lumpMean = 10;
const incident = { chance: 0.05, times: 8 } as const;
/** Of the errors, half come in bad minutes, in which this share of requests fails. */
const bad = { rate: 0.1, minutes: 2 } as const;

/** Minutes of one release, for whatever split a rule asks for. */
export class Trace {
  private readonly random: Random;
  private gap = 0;
  private badMinutes = { old: 0, new: 0 };

  constructor(private readonly release: Release) {
    this.random = new Random(release.seed);
  }

  /** What the old configuration served before, minute by minute. */
  history(minutes: number): Served[] {
    return Array.from({ length: minutes }, () => this.minute(0).old);
  }

  minute(newPercent: number): RolloutBlock {
    const { random } = this;
    const { oldRate, newRate, kind } = this.release;
    const requests = random.poisson(60 * this.release.requestsPerSecond * this.traffic());
    const mine = random.binomial(requests, newPercent / 100);
    // The mean of the multiplier is 1.
    const hit = kind === "incidents" && random.chance(incident.chance);
    const times = kind === "incidents" ? (hit ? incident.times : 1) / (1 + incident.chance * (incident.times - 1)) : 1;
    return {
      newPercent,
      new: this.served("new", mine, Math.min(1, newRate * times)),
      old: this.served("old", requests - mine, Math.min(1, oldRate * times)),
    };
  }

  private traffic(): number {
    const { random } = this;
    if (this.release.kind === "rushes") return random.chance(0.1) ? 8 : 0.22;
    if (this.release.kind !== "gaps") return 1;
    if (this.gap === 0 && random.chance(0.1)) this.gap = random.geometric(5);
    return this.gap > 0 && this.gap-- > 0 ? 0 : 1;
  }

  private served(side: "old" | "new", requests: number, rate: number): Served {
    const { random } = this;
    return {
      ...nothingServed,
      requests,
      answers: requests,
      errors: this.errors(side, requests, rate),
      slow: random.binomial(requests, others.slow),
      empty: random.binomial(requests, others.empty),
      unsure: random.binomial(requests, others.unsure),
    };
  }

  private errors(side: "old" | "new", requests: number, rate: number): number {
    const { random } = this;
    if (this.release.kind === "lumps") {
      let errors = 0;
      for (let lump = random.poisson((requests * rate) / lumpMean); lump > 0; lump--)
        errors += random.geometric(lumpMean);
      return Math.min(requests, errors);
    }
    if (this.release.kind !== "bad minutes") return random.binomial(requests, rate);
    const share = Math.min(0.9, rate / 2 / bad.rate);
    if (this.badMinutes[side] === 0 && random.chance(share / (bad.minutes * (1 - share) + share)))
      this.badMinutes[side] = random.geometric(bad.minutes);
    const now = this.badMinutes[side] > 0;
    if (now) this.badMinutes[side]--;
    return random.binomial(requests, rate / 2 + (now ? bad.rate : 0));
  }
}
