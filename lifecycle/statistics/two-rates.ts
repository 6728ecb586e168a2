import { logSum } from "./special";

/** Requests, and those of them to which something happened, such as an error. */
export interface Count {
  readonly requests: number;
  readonly events: number;
}

/** What two configurations served in the same time: a minute, or a batch. */
export interface RateBlock {
  readonly new: Count;
  readonly old: Count;
}

/** How many times the odds of an event may have become: what an unknown harm is averaged over. */
export const oddsRatios: readonly number[] = [1.25, 1.6, 2, 3, 5, 10, 30, 200];

/**
 * Evidence of blocks about two rates. Given all events of a block, those of the new configuration are hypergeometric if
 * both rates are equal, and by Fisher's noncentral distribution if their odds have the ratio ψ; the likelihood ratio of
 * the two is an e-value whatever the rate is and however it changes from block to block. A product of them is an
 * e-process: under its hypothesis it is ever above 1/α with chance α at most (Ville). Mixtures over ψ: Robbins, Annals of
 * Mathematical Statistics 41, 1970; two streams block by block: Turner, Ly and Grünwald, "Generic e-variables for exact
 * sequential k-sample tests", 2024 (arXiv 2106.02693), here conditional on the block's events, as Fisher's test is.
 */
export interface RateEvidence {
  /** For each of `oddsRatios`, times what is accepted, logarithm of the likelihood ratio against what is accepted. */
  readonly worse: readonly number[];
  /** Logarithm of the e-value of "less than `margin` times as bad" against odds that are `margin` times as high, or more. */
  readonly noWorse: number;
}

export const noEvidence: RateEvidence = { worse: oddsRatios.map(() => 0), noWorse: 0 };

/** How a block's evidence is taken. */
export interface EvidenceRules {
  /** Odds ratio, 1 or more, up to which more events are no harm. */
  readonly accepted: number;
  /** Odds ratio, above 1, from which on the new configuration is worse than it may be. */
  readonly margin: number;
  /**
   * The most that one block may say, as a logarithm: what happens once is no evidence of a state. To say less is
   * always allowed: an e-value that is cut stays one.
   */
  readonly cap: number;
  /**
   * How many events come at once, 1 or more, by what was seen before the block (`dispersion.ts`): evidence counts by
   * lumps. An e-value to the power of 1 / dispersion is one, too (Jensen).
   */
  readonly dispersion: number;
  /**
   * Share of requests, above 0 and up to 1, above which events are an incident: a block in which either side has one says
   * nothing. Given that neither has, the distributions are the same ones without their tails.
   */
  readonly incidentAbove?: number;
}

/** Evidence with a further block. */
export function withBlock(
  evidence: RateEvidence,
  block: RateBlock,
  { accepted, margin, cap, dispersion, incidentAbove = 1 }: EvidenceRules,
): RateEvidence {
  const ratios = [accepted, margin, ...oddsRatios.map((ratio) => accepted * ratio)];
  const [harmless, harmful, ...said] = likelihoodRatios(block, ratios, incidentAbove);
  return {
    // Likelihood ratios of these distributions are monotone, so that lower odds than the accepted ones are rejected, too.
    worse: evidence.worse.map((one, index) => one + Math.min(cap, (said[index]! - harmless!) / dispersion)),
    noWorse: evidence.noWorse + Math.min(cap, -harmful! / dispersion),
  };
}

/** Logarithm of the evidence for harm, averaged over the odds ratios. */
export function logHarm({ worse }: RateEvidence): number {
  return logSum(worse) - Math.log(worse.length);
}

/** The most of each of the hypergeometric chances that are worth adding. */
const negligible = -45;

/** log(ψˣ / E[ψˣ]) for each ψ, the mean over the central hypergeometric distribution of x without incidents. */
function likelihoodRatios(
  { new: { requests, events }, old }: RateBlock,
  ratios: readonly number[],
  incidentAbove: number,
): number[] {
  const all = events + old.events;
  if (all === 0 || requests === 0 || old.requests === 0) return ratios.map(() => 0);
  const least = Math.max(0, all - Math.floor(incidentAbove * old.requests));
  const most = Math.min(all, Math.floor(incidentAbove * requests));
  if (events < least || events > most) return ratios.map(() => 0);
  const chances = new Float64Array(most - least + 1);
  let highest = 0;
  for (let x = least; x < most; x++) {
    const step = ((all - x) * (requests - x)) / ((x + 1) * (old.requests - all + x + 1));
    const next = chances[x - least]! + Math.log(step);
    chances[x - least + 1] = next;
    highest = Math.max(highest, next);
  }
  let total = 0;
  for (const one of chances) if (one - highest > negligible) total += Math.exp(one - highest);
  return ratios.map((ratio) => {
    const tilt = Math.log(ratio);
    return events * tilt - (tiltedSum(chances, tilt) - Math.log(total) - highest) - least * tilt;
  });
}

/** log Σ exp(chance + index × tilt). */
function tiltedSum(chances: Float64Array, tilt: number): number {
  let highest = -Infinity;
  for (let index = 0; index < chances.length; index++) highest = Math.max(highest, chances[index]! + index * tilt);
  let total = 0;
  for (let index = 0; index < chances.length; index++) {
    const term = chances[index]! + index * tilt - highest;
    if (term > negligible) total += Math.exp(term);
  }
  return highest + Math.log(total);
}
