import { acceptedOdds } from "../rollout/rules";
import { countOf, signalNames } from "../rollout/served";
import { clusteredMean, type ClusterTally, noClusters, together } from "../statistics/clusters";
import { type Difference, differenceOf, meanDifference } from "../statistics/difference";
import { dispersionOf, noDispersion, withCount } from "../statistics/dispersion";
import { widestBound } from "../statistics/group-sequential";
import { logRatioEvidence, type WeightEpoch } from "../statistics/sample-ratio";
import { logHarm, noEvidence, withBlock } from "../statistics/two-rates";
import type { Decision } from "../verdict";
import { boundsOf, targetInformation } from "./boundaries";
import { type Arm, arms, designOf, type ExperimentDesign, testOf } from "./design";
import { courseOf, type Look } from "./look";

export type ExperimentOutcome = "running" | "won" | "lost" | "void" | "inconclusive" | "guardrail";

/** What an experiment has come to. */
export interface ExperimentVerdict extends Decision<ExperimentOutcome> {
  /** Looks that counted: what ended an experiment stays, whatever comes later. */
  readonly looks: number;
  /** When it ended; undefined while it runs. */
  readonly endedAt: string | undefined;
  /** Challenger less champion, more is better; undefined before both have two labelled units. */
  readonly difference: { readonly mean: number; readonly low: number; readonly high: number } | undefined;
  /** Of what the design asks for. */
  readonly informationShare: number;
  /** Labelled units of those assigned. */
  readonly labelled: Readonly<Record<Arm, number>>;
}

/**
 * What an experiment has come to, by the looks so far.
 * @param course what was observed, look by look (`Course`).
 * @throws InvalidExperiment with all that is wrong with design and course.
 */
export function judgeExperiment(designInput: unknown, courseInput: unknown): ExperimentVerdict {
  const design = designOf(designInput);
  const course = courseOf(courseInput);
  return judge(design, Date.parse(course.startedAt), course.looks);
}

/** Below it a variance that is robust to clusters says nothing yet. */
const leastUnits = 10;
/** Information grows by less between two looks: then the second tests nothing. */
const leastGain = 1e-3;

/** What is known at a look. */
interface Standing {
  readonly at: string;
  readonly difference: Difference | undefined;
  /** Logarithm of the evidence that the split is not the intended one. */
  readonly ratio: number;
  /** Of each guardrail of the design, logarithm of the evidence for harm. */
  readonly harm: readonly number[];
  readonly labelled: Readonly<Record<Arm, number>>;
}

function judge(design: ExperimentDesign, startedAt: number, looks: readonly Look[]): ExperimentVerdict {
  const end = startedAt + design.maximumHours * 3_600_000;
  const isOver = ({ at }: Pick<Look, "at">): boolean => Date.parse(at) >= end;
  const beyond = looks.findIndex(isOver);
  const standings = standingsOf(design, beyond < 0 ? looks : looks.slice(0, beyond + 1));
  const tested = new Map<Standing, number>();
  let most = 0;
  for (const standing of standings) {
    if (!standing.difference) continue;
    const { information } = standing.difference;
    const enough = most * (1 + leastGain);
    // The last look of all tests even without news: it has what is left of the error chance to spend.
    if (information <= enough && !isOver(standing)) continue;
    most = Math.max(information, enough);
    tested.set(standing, most);
  }
  const last = standings.at(-1);
  const target = targetInformation(design);
  const bounds = boundsOf(design, [...tested.values()], target, beyond >= 0);
  const boundAt = new Map([...tested.keys()].map((standing, index) => [standing, bounds[index]!]));
  let information = 0;
  for (const [index, standing] of standings.entries()) {
    information = tested.get(standing) ?? information;
    const bound = boundAt.get(standing);
    const told = outcomeAt(design, standing, bound, isOver(standing), information >= target);
    if (told.verdict === "running" && standing !== last) continue;
    return {
      ...told,
      looks: index + 1,
      endedAt: told.verdict === "running" ? undefined : standing.at,
      difference: intervalOf(standing.difference, bound),
      informationShare: Math.min(1, information / target),
      labelled: standing.labelled,
    };
  }
  const nothing = { looks: 0, endedAt: undefined, difference: undefined, informationShare: 0 };
  return { verdict: "running", reasons: ["no look yet"], ...nothing, labelled: { champion: 0, challenger: 0 } };
}

function outcomeAt(
  design: ExperimentDesign,
  { difference, ratio, harm }: Standing,
  bound: number | undefined,
  over: boolean,
  complete: boolean,
): Decision<ExperimentOutcome> {
  if (ratio >= Math.log(1 / design.sampleRatioAlpha))
    return {
      verdict: "void",
      reasons: [
        `the split is not the intended one (odds of ${odds(ratio)} to 1): what was assigned otherwise, such as by retries or by naming a variant, makes the models' images differ`,
      ],
    };
  const harmed = design.guardrails.filter(({ alpha }, index) => harm[index]! >= Math.log(1 / alpha));
  if (harmed.length > 0)
    return {
      verdict: "guardrail",
      reasons: harmed.map(
        ({ signal }) =>
          `the challenger has more ${signalNames[signal]} than the champion (odds of ${odds(harm[design.guardrails.findIndex((one) => one.signal === signal)]!)} to 1)`,
      ),
    };
  const metric = design.metric.name;
  if (difference && bound !== undefined && Math.abs(difference.z) >= bound) {
    const won = difference.z > 0;
    const by = `${metric} differs by ${signed(difference.mean)} (z ${difference.z.toFixed(2)}, bound ${bound.toFixed(2)})`;
    if (design.question.kind === "superiority")
      return won
        ? { verdict: "won", reasons: [`the challenger is better: ${by}`] }
        : { verdict: "lost", reasons: [`the challenger is worse: ${by}`] };
    const margin = design.question.margin;
    return won
      ? { verdict: "won", reasons: [`the challenger is worse by less than ${margin}, or better: ${by}`] }
      : { verdict: "lost", reasons: [`the challenger is worse by more than ${margin}: ${by}`] };
  }
  const open = difference
    ? `${metric} differs by ${signed(difference.mean)}, which proves nothing yet`
    : `fewer than ${leastUnits} labelled ${design.unit}s of a model`;
  const ended = over || (complete && design.stopping.rule !== "always-valid");
  if (!ended) return { verdict: "running", reasons: [open] };
  const why = over ? `the maximum of ${design.maximumHours} hours is over` : "all the information of the plan is in";
  return {
    verdict: "inconclusive",
    reasons: [why, difference ? `${metric} differs by ${signed(difference.mean)}` : open],
  };
}

function standingsOf(design: ExperimentDesign, looks: readonly Look[]): Standing[] {
  const { shift } = testOf(design);
  const sign = design.metric.better === "higher" ? 1 : -1;
  const scores = { champion: noClusters, challenger: noClusters };
  let pairs = noClusters;
  // A course whose first looks knew no pairs is judged without them: none may be missing.
  const paired = looks.length > 0 && looks.every((look) => look.pairs !== undefined);
  const assigned = { champion: 0, challenger: 0 };
  const epochs: WeightEpoch[] = [];
  let harm = design.guardrails.map(() => noEvidence);
  let noise = design.guardrails.map(() => noDispersion);
  return looks.map((look) => {
    for (const arm of arms) {
      scores[arm] = together(scores[arm], look.arms[arm].scores);
      assigned[arm] += look.arms[arm].units;
    }
    pairs = together(pairs, look.pairs ?? noClusters);
    addEpoch(epochs, look);
    const counts = design.guardrails.map(({ signal }) => ({
      new: countOf(look.arms.challenger.served, signal),
      old: countOf(look.arms.champion.served, signal),
    }));
    harm = harm.map((one, index) =>
      withBlock(one, counts[index]!, {
        ...guardrailRules,
        accepted: acceptedOdds[design.guardrails[index]!.signal],
        dispersion: dispersionOf(noise[index]!),
      }),
    );
    noise = noise.map((one, index) => withCount(one, counts[index]!.old));
    return {
      at: look.at,
      difference: paired ? betterInPairs(pairs, sign, shift) : betterBy(scores, sign, shift),
      ratio: logRatioEvidence(epochs),
      harm: harm.map(logHarm),
      labelled: { champion: scores.champion.clusters, challenger: scores.challenger.clusters },
    };
  });
}

/** Only harm is asked for here, and a look lasts long enough to be believed as a whole. */
const guardrailRules = { margin: 2, cap: Infinity } as const;

/** Looks with the same split are one epoch. */
function addEpoch(epochs: WeightEpoch[], { challengerPercent, arms: counted }: Look): void {
  const weights = [100 - challengerPercent, challengerPercent];
  const served = [counted.champion.units, counted.challenger.units];
  const index = epochs.findIndex((epoch) => epoch.weights[1] === challengerPercent);
  const same = epochs[index];
  if (!same) epochs.push({ weights, served });
  else epochs[index] = { weights, served: same.served.map((one, arm) => one + served[arm]!) };
}

/** More is better, whatever the metric. */
function betterBy(scores: Readonly<Record<Arm, ClusterTally>>, sign: 1 | -1, shift: number): Difference | undefined {
  const champion = clusteredMean(scores.champion);
  const challenger = clusteredMean(scores.challenger);
  if (!champion || !challenger || Math.min(champion.units, challenger.units) < leastUnits) return undefined;
  const [better, worse] = sign === 1 ? [challenger, champion] : [champion, challenger];
  return differenceOf(better, worse, shift);
}

/** The same, of images that both models answered. */
function betterInPairs(pairs: ClusterTally, sign: 1 | -1, shift: number): Difference | undefined {
  const found = clusteredMean(pairs);
  if (!found || found.units < leastUnits) return undefined;
  return meanDifference({ ...found, mean: sign * found.mean }, shift);
}

/** Repeated confidence interval: true at all looks together, with the chance of the design. */
function intervalOf(difference: Difference | undefined, bound: number | undefined): ExperimentVerdict["difference"] {
  if (!difference) return undefined;
  const width = (bound ?? widestBound) * difference.deviation;
  return { mean: difference.mean, low: difference.mean - width, high: difference.mean + width };
}

function odds(logarithm: number): string {
  return logarithm > Math.log(1e6) ? "more than a million" : Math.exp(logarithm).toFixed(0);
}

function signed(value: number): string {
  return `${value >= 0 ? "+" : "-"}${Math.abs(value).toPrecision(3)}`;
}
