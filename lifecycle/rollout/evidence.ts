import { type DispersionTally, dispersionOf, noDispersion, withCount } from "../statistics/dispersion";
import { logRare, noRareEvidence, type RareEvidence, withRareCount } from "../statistics/rare";
import type { WeightEpoch } from "../statistics/sample-ratio";
import { logSum } from "../statistics/special";
import { logHarm, noEvidence, oddsRatios, type RateEvidence, withBlock } from "../statistics/two-rates";
import { type QuietEvidence, quietAfter, quietBefore } from "./quiet";
import { acceptedOdds, alphaShares, bySignal, type RolloutRules } from "./rules";
import { countOf, nothingServed, type Served, servedTogether, type Signal } from "./served";

/** What both configurations served in a minute, or another block of time. */
export interface RolloutBlock {
  readonly new: Served;
  readonly old: Served;
  /** Percent of the traffic that the new one was meant to get; undefined where nobody promises a split. */
  readonly newPercent?: number;
}

/** What is known of one signal. */
interface SignalEvidence {
  readonly rates: RateEvidence;
  /** Of the blocks without an incident alone. */
  readonly quiet: QuietEvidence;
  /** That the new configuration has less of it than is tolerated. */
  readonly rare: RareEvidence;
  /** Of the old configuration. */
  readonly dispersion: DispersionTally;
}

/** All that a decision needs of the blocks so far: plain data, of a size that does not grow. */
export interface RolloutEvidence {
  readonly blocks: number;
  readonly served: { readonly new: Served; readonly old: Served };
  readonly signals: Readonly<Record<Signal, SignalEvidence>>;
  /** Requests of the old and the new one, for each split that there was. */
  readonly epochs: readonly WeightEpoch[];
}

/**
 * Before the first block.
 * @param history what the old configuration served before, block by block: it shows whether errors come one by one or in
 * lumps. Without it evidence counts half until the rollout itself shows it.
 */
export function evidenceBefore(history: readonly Served[] = []): RolloutEvidence {
  return {
    blocks: 0,
    served: { new: nothingServed, old: nothingServed },
    signals: bySignal((signal) => ({
      rates: noEvidence,
      quiet: quietBefore(history.map((served) => countOf(served, signal))),
      rare: noRareEvidence,
      dispersion: history.reduce((tally, served) => withCount(tally, countOf(served, signal)), noDispersion),
    })),
    epochs: [],
  };
}

/** With a further block. */
export function evidenceAfter(evidence: RolloutEvidence, block: RolloutBlock, rules: RolloutRules): RolloutEvidence {
  return {
    blocks: evidence.blocks + 1,
    served: {
      new: servedTogether(evidence.served.new, block.new),
      old: servedTogether(evidence.served.old, block.old),
    },
    signals: bySignal((signal) => {
      const { rates, quiet, rare, dispersion } = evidence.signals[signal];
      const counts = { new: countOf(block.new, signal), old: countOf(block.old, signal) };
      const odds = { accepted: acceptedOdds[signal], margin: rules.margin };
      const lumps = dispersionOf(dispersion);
      return {
        rates: withBlock(rates, counts, { ...odds, cap: blockCap(signal, rules), dispersion: lumps }),
        quiet: quietAfter(quiet, counts, odds),
        rare: withRareCount(rare, counts.new, rules.tolerated[signal], lumps),
        dispersion: withCount(dispersion, counts.old),
      };
    }),
    epochs: withEpoch(evidence.epochs, block),
  };
}

/**
 * Logarithm of the evidence that a signal became more frequent, over what a rollback asks for: 0 and more is enough. The
 * mean of two e-processes is one: of all blocks, and of those without an incident.
 */
export function harmOf({ signals }: RolloutEvidence, signal: Signal, rules: RolloutRules): number {
  const { rates, quiet } = signals[signal];
  const mean = logSum([logHarm(rates), logHarm(quiet.rates)]) - Math.LN2;
  return mean - Math.log(1 / (alphaShares[signal] * rules.rollBackAlpha));
}

/**
 * Logarithm of the evidence that it is no worse than it may be, over what a promotion asks for: less than `margin` times
 * as frequent as with the old configuration, or rarer than is tolerated. The mean of both e-processes is one for "neither".
 */
export function safetyOf({ signals }: RolloutEvidence, signal: Signal, rules: RolloutRules): number {
  const { rates, rare } = signals[signal];
  const either = logSum([rates.noWorse, logRare(rare)]) - Math.LN2;
  return either - Math.log(1 / rules.promoteAlpha);
}

/** A little more than half of what a rollback asks for: no single block can bring it about. */
function blockCap(signal: Signal, { rollBackAlpha }: RolloutRules): number {
  return 0.55 * Math.log(oddsRatios.length / (alphaShares[signal] * rollBackAlpha));
}

function withEpoch(epochs: readonly WeightEpoch[], { newPercent, ...served }: RolloutBlock): readonly WeightEpoch[] {
  if (newPercent === undefined) return epochs;
  const last = epochs.at(-1);
  const requests = [served.old.requests, served.new.requests];
  return last?.weights[1] === newPercent
    ? [...epochs.slice(0, -1), { ...last, served: last.served.map((one, index) => one + requests[index]!) }]
    : [...epochs, { weights: [100 - newPercent, newPercent], served: requests }];
}
