import { logRatioEvidence } from "../statistics/sample-ratio";
import type { Decision } from "../verdict";
import { harmOf, type RolloutEvidence, safetyOf } from "./evidence";
import { type RolloutRules, usualRules } from "./rules";
import { countOf, type Served, type Signal, signalNames, signals } from "./served";

export type RolloutVerdict = "promote" | "hold" | "roll back" | "inconclusive";

/**
 * What to do with a new configuration that has a part of the traffic, at any block, however often it is asked. It is
 * promoted when every signal is proven to be no worse than it may be, never because nothing was seen; rolled back when one
 * is proven to be worse; inconclusive when the time is over.
 */
export function decideRollout(evidence: RolloutEvidence, rules: RolloutRules = usualRules): Decision<RolloutVerdict> {
  const worse = signals.filter((signal) => harmOf(evidence, signal, rules) >= 0);
  if (worse.length > 0)
    return {
      verdict: "roll back",
      reasons: worse.map((signal) => `more ${signalNames[signal]}: ${sharesOf(evidence, signal)}`),
    };
  const doubts = [
    ...(evidence.blocks < rules.leastBlocks
      ? [`watched for ${evidence.blocks} of at least ${rules.leastBlocks} blocks`]
      : []),
    ...splitDoubt(evidence, rules),
    ...signals
      .filter((signal) => safetyOf(evidence, signal, rules) < 0)
      .map((signal) => `not yet proven to be no worse in ${signalNames[signal]}: ${sharesOf(evidence, signal)}`),
  ];
  if (doubts.length === 0)
    return {
      verdict: "promote",
      reasons: signals.map((signal) => `no worse in ${signalNames[signal]}: ${sharesOf(evidence, signal)}`),
    };
  return evidence.blocks >= rules.mostBlocks
    ? { verdict: "inconclusive", reasons: [`${evidence.blocks} blocks are over`, ...doubts] }
    : { verdict: "hold", reasons: doubts };
}

/** What a rollout has come to once its time is over: what is not proven by then stays unproven. */
export function concludeRollout(
  evidence: RolloutEvidence,
  rules: RolloutRules = usualRules,
): Decision<Exclude<RolloutVerdict, "hold">> {
  const { verdict, reasons } = decideRollout(evidence, rules);
  return verdict === "hold"
    ? { verdict: "inconclusive", reasons: [`the update was over after ${evidence.blocks} blocks`, ...reasons] }
    : { verdict, reasons };
}

/** A split that is not the intended one makes both sides' requests differ. */
function splitDoubt({ epochs }: RolloutEvidence, { promoteAlpha }: RolloutRules): string[] {
  if (logRatioEvidence(epochs) < Math.log(1 / promoteAlpha)) return [];
  const told = epochs.map(({ weights, served }) => `${served[1]} of ${served[0]! + served[1]!} at ${weights[1]} %`);
  return [`the new configuration's share of the requests is not the intended one: ${told.join(", ")}`];
}

function sharesOf({ served }: RolloutEvidence, signal: Signal): string {
  const of = (one: Served): string => {
    const { events, requests } = countOf(one, signal);
    return `${events} of ${requests}`;
  };
  return `${of(served.new)} requests, before ${of(served.old)}`;
}
