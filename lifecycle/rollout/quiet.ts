import { type DispersionTally, dispersionOf, noDispersion, withCount } from "../statistics/dispersion";
import {
  type Count,
  type EvidenceRules,
  noEvidence,
  type RateBlock,
  type RateEvidence,
  withBlock,
} from "../statistics/two-rates";

/**
 * Evidence of the blocks in which neither configuration has an incident, such as a minute that one instance spends badly.
 * A few incidents of the old one make its errors so lumpy that all others of them together say hardly anything; apart
 * from incidents they come one by one.
 */
export interface QuietEvidence {
  /** Share of requests above which events are an incident; 0 before anybody knows what is usual: no block counts then. */
  readonly incidentAbove: number;
  readonly rates: RateEvidence;
  /** Of the old configuration, incidents left out. */
  readonly dispersion: DispersionTally;
}

/** Nine of ten blocks have a rate up to this one; incidents are so many times as bad. */
const usual = 0.9;
const incidentTimes = 10;
/** The most that one block may say, as a logarithm: incidents of a moment look like a higher rate, and are seldom four. */
const cap = 2;

/** Before the first block. @param history of the old configuration, block by block. */
export function quietBefore(history: readonly Count[]): QuietEvidence {
  const rates = history.filter(({ requests }) => requests > 0).map(({ requests, events }) => events / requests);
  const usualRate = rates.sort((one, other) => one - other)[Math.floor(usual * rates.length)] ?? 0;
  const incidentAbove = Math.min(1, incidentTimes * usualRate);
  return {
    incidentAbove,
    rates: noEvidence,
    dispersion: history.reduce((tally, count) => withQuiet(tally, count, incidentAbove), noDispersion),
  };
}

/** With a further block. */
export function quietAfter(
  { incidentAbove, rates, dispersion }: QuietEvidence,
  block: RateBlock,
  odds: Pick<EvidenceRules, "accepted" | "margin">,
): QuietEvidence {
  return {
    incidentAbove,
    rates: withBlock(rates, block, { ...odds, cap, dispersion: dispersionOf(dispersion), incidentAbove }),
    dispersion: withQuiet(dispersion, block.old, incidentAbove),
  };
}

function withQuiet(tally: DispersionTally, count: Count, incidentAbove: number): DispersionTally {
  return count.events > incidentAbove * count.requests ? tally : withCount(tally, count);
}
