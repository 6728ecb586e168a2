import type { RetrainingProposal } from "../../contract/monitoring";
import { totalOf } from "../new-data/counts";
import type { Decision } from "../verdict";
import { type Need, type Observation, retrainingNeed, type Worth } from "./need";

/** What the user sets. */
export interface RetrainingPolicy {
  /** Hours between the start of one training and the next. */
  readonly cooldownHours: number;
  /** New labelled objects that a class needs before it counts as learnable. */
  readonly minLabels: number;
  /** Share by which the labelled objects must have grown where nothing but new data speaks for a training. */
  readonly minGrowth: number;
  /** What retraining may cost in a calendar month (UTC), USD. */
  readonly monthlyUsd: number;
  /** Failed challengers in a row after which people are asked. */
  readonly maxFailures: number;
  readonly worth: Worth;
}

/** Money of this month, USD. */
export interface RetrainingMoney {
  /** Of this month's executions so far. */
  readonly spentUsd: number;
  /** Price of the jobs times the hours that past executions took. */
  readonly expectedUsd: number;
  /** Price of the jobs times the longest that they may run. */
  readonly atMostUsd: number;
}

/** A proposal that was decided about before. */
export interface EarlierProposal extends Observation {
  /** Classes that fell short. */
  readonly classes?: readonly string[];
}

/** Everything that a decision is made from; recorded with it. */
export interface RetrainingFacts {
  /** Now: ISO 8601, UTC. */
  readonly at: string;
  readonly proposal: RetrainingProposal;
  /** Proposals since the last successful training, this one not among them. */
  readonly earlier: readonly EarlierProposal[];
  /** Labelled objects by class: those that came since the last successful training, and all. Null: nobody looked. */
  readonly labels: { readonly fresh: Readonly<Record<string, number>>; readonly total: number } | null;
  /** Start of the last successful training; undefined where there was none. */
  readonly lastSuccess?: string;
  /** When a training was started last, whatever became of it. */
  readonly lastStart?: string;
  /** Executions under way. */
  readonly running: readonly string[];
  /** The newest candidate, while nobody has decided about it. */
  readonly waitingCandidate?: string;
  /** Endpoints of this environment that compare variants right now. */
  readonly experiments: readonly string[];
  /** A problem where the price is not known: unknown is never taken as 0. */
  readonly money: RetrainingMoney | { readonly problem: string };
  /** Failed challengers in a row: executions that failed, and candidates that were rejected. */
  readonly failures: number;
}

export interface RetrainingDecision extends Decision<"retrain" | "wait" | "no"> {
  /** What people are asked, where it does not go on without them. */
  readonly ask?: string;
  readonly need: Need;
}

/**
 * Whether a proposed retraining is made. Triggers only propose; this alone decides, from all of it at once. A person's
 * proposal is need enough and waits for no data, no cool-down and no failures, but never passes the money or what runs.
 * @returns `no` where nothing speaks for it, `wait` where something does and something else stands against it, with
 * every reason.
 */
export function decideRetraining(facts: RetrainingFacts, policy: RetrainingPolicy): RetrainingDecision {
  const { proposal } = facts;
  const person = proposal.trigger === "person";
  const need = retrainingNeed(
    [...facts.earlier, { at: facts.at, shortfall: proposal.shortfall, trigger: proposal.trigger }],
    policy.worth,
  );
  const why = reasonFor(facts, policy, need);
  if (why === undefined) return { verdict: "no", reasons: [notNeeded(facts, policy, need)], need };
  const held = [
    ...busy(facts),
    ...(person ? [] : [...lacksData(facts, policy), ...coolsDown(facts, policy)]),
    ...tooDear(facts, policy),
  ];
  const failed = !person && facts.failures >= policy.maxFailures;
  const ask = failed
    ? `${facts.failures} trainings in a row came to nothing: look at them, and start the next one yourself`
    : asksForMoney(facts, policy);
  if (failed)
    held.push(
      `the last ${facts.failures} challengers failed or were rejected, and after ${policy.maxFailures} people decide`,
    );
  return {
    verdict: held.length > 0 ? "wait" : "retrain",
    reasons: [why, ...held],
    ...(held.length > 0 && ask !== undefined ? { ask } : {}),
    need,
  };
}

/** What speaks for a training; undefined where nothing does. */
function reasonFor(facts: RetrainingFacts, policy: RetrainingPolicy, need: Need): string | undefined {
  if (facts.proposal.trigger === "person") return `a person asks for it: ${facts.proposal.reason}`;
  if (need.state === "worth-it")
    return `${fallen(facts.proposal)}the model has lost ${rounded(need.lost)} point-days and is expected to lose ${rounded(need.expected)} more, and a training is worth ${policy.worth.pointDays}`;
  if (need.state === "unknown") return "what the model sees has moved, and nobody knows how much it loses by that";
  const growth = growthOf(facts);
  return growth !== undefined && growth >= policy.minGrowth
    ? `the labelled objects have grown by ${Math.round(growth * 100)} % since the last training`
    : undefined;
}

function notNeeded(facts: RetrainingFacts, policy: RetrainingPolicy, need: Need): string {
  const growth = growthOf(facts);
  const grown =
    growth === undefined
      ? "no new labelled objects are known"
      : `the labelled objects have grown by ${Math.round(growth * 100)} % (${Math.round(policy.minGrowth * 100)} % would do)`;
  const known = `${rounded(need.lost + need.expected)} point-days are lost or expected to be`;
  if (need.state === "too-small")
    return need.lost + need.expected >= need.wanted
      ? `${known}, which may still be chance; ${grown}`
      : `${known}, less than the ${rounded(need.wanted)} that a training is worth by now; ${grown}`;
  return `nothing says that the model is worse than it should be; ${grown}`;
}

/** Fresh objects over those of before; undefined without fresh ones, and before the first training. */
function growthOf({ labels, lastSuccess }: RetrainingFacts): number | undefined {
  if (!labels || lastSuccess === undefined) return undefined;
  const fresh = totalOf(labels.fresh);
  return fresh === 0 ? undefined : fresh / Math.max(1, labels.total - fresh);
}

/**
 * A role of one environment sees nothing of another's, so what another's endpoint compares is what its own monitoring
 * says of it.
 */
function busy({ running, waitingCandidate, experiments, proposal }: RetrainingFacts): string[] {
  const { endpoint, variants = [] } = proposal;
  const comparing = new Set([...experiments, ...(endpoint !== undefined && variants.length > 1 ? [endpoint] : [])]);
  return [
    ...(running.length > 0 ? [`a training runs: ${running.join(", ")}`] : []),
    ...(waitingCandidate === undefined ? [] : [`the candidate ${waitingCandidate} waits for a decision`]),
    ...[...comparing].map((name) => `${name} compares variants, and its answer comes first`),
  ];
}

function fallen({ classes, slices }: RetrainingProposal): string {
  const parts = [
    ...(classes.length > 0 ? [`classes ${classes.join(", ")}`] : []),
    ...(slices.length > 0 ? [`slices ${slices.join(", ")}`] : []),
  ];
  return parts.length > 0 ? `most of all in ${parts.join(" and ")}, ` : "";
}

/** Each class that fell short wants labels of its own; where none is named, any class will do. */
function lacksData(facts: RetrainingFacts, policy: RetrainingPolicy): string[] {
  const { labels } = facts;
  const { minLabels } = policy;
  if (!labels) return ["nobody has looked at the data set yet, so no new labels are known"];
  const classes = wantedClasses(facts, policy);
  if (classes.length > 0)
    return classes
      .filter((name) => (labels.fresh[name] ?? 0) < minLabels)
      .map((name) => `${labels.fresh[name] ?? 0} new labelled objects of class ${name}, ${minLabels} are needed`);
  if (Object.values(labels.fresh).some((count) => count >= minLabels)) return [];
  return [
    `${totalOf(labels.fresh)} new labelled objects since the last training, ${minLabels} of one class are needed`,
  ];
}

/**
 * Classes that fell short: as the proposal says, or the last one before it that named any. What names none, such as a
 * look at the data set, does not undo what is known; but much new data is worth a training whatever it is of.
 */
function wantedClasses(facts: RetrainingFacts, { minGrowth }: RetrainingPolicy): readonly string[] {
  const { proposal, earlier } = facts;
  if (proposal.classes.length > 0 || (growthOf(facts) ?? 0) >= minGrowth) return proposal.classes;
  const named = earlier.filter(({ classes = [] }) => classes.length > 0);
  return named.sort((one, other) => Date.parse(other.at) - Date.parse(one.at))[0]?.classes ?? [];
}

function coolsDown({ at, lastStart }: RetrainingFacts, { cooldownHours }: RetrainingPolicy): string[] {
  if (lastStart === undefined) return [];
  const hours = (Date.parse(at) - Date.parse(lastStart)) / 3_600_000;
  return hours >= cooldownHours
    ? []
    : [
        `the last training started ${Math.max(0, Math.floor(hours * 10) / 10)} hours ago, and ${cooldownHours} lie between two`,
      ];
}

/** The cap holds even where the jobs run for as long as they may: what is spent and the most that is to come. */
function tooDear({ money }: RetrainingFacts, { monthlyUsd }: RetrainingPolicy): string[] {
  if ("problem" in money) return [`nobody knows what it costs: ${money.problem}`];
  const { spentUsd, expectedUsd, atMostUsd } = money;
  return spentUsd + atMostUsd <= monthlyUsd
    ? []
    : [
        `${usd(spentUsd)} of this month's ${usd(monthlyUsd)} are spent, and a training costs about ${usd(expectedUsd)}, at most ${usd(atMostUsd)}`,
      ];
}

function asksForMoney({ money }: RetrainingFacts, policy: RetrainingPolicy): string | undefined {
  if ("problem" in money) return "say what the jobs cost (pricing/prices.json)";
  return money.atMostUsd > policy.monthlyUsd
    ? "no training fits into the month's money: raise peregrine:retrainingMonthlyUsd, or lower peregrine:trainingMaxHours"
    : undefined;
}

const rounded = (value: number): string => String(Math.round(value * 10) / 10);
const usd = (value: number): string => `USD ${value.toFixed(2)}`;
