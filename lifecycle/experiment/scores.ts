import type { ScoredAnswer, ScoresDocument } from "../../contract/experiment";
import type { ExperimentMode } from "../../contract/desired-release";
import { type ClusterTally, tallyOf } from "../statistics/clusters";
import { type Arm, arms, type ExperimentDesign } from "./design";

/** Metrics that labelled answers are scored by, each 0 to 1 on one image. */
export const scoredMetrics: Readonly<Record<string, (answer: ScoredAnswer) => number | undefined>> = {
  /** F1 at an IoU of 0.5; an empty answer to an empty image is right. */
  f1: ({ right, found, true: objects }) => (found + objects === 0 ? 1 : (2 * right) / (found + objects)),
  precision: ({ right, found }) => (found === 0 ? undefined : right / found),
  recall: ({ right, true: objects }) => (objects === 0 ? undefined : right / objects),
};

/** A flight counts once nobody has labelled any more of it for so long: its labels belong together. */
const settleMs = 3_600_000;

/** What is counted of an experiment, in service time. */
export interface Counting {
  readonly startedAt: string;
  /** Counted by the look before; undefined before the first. */
  readonly after: string | undefined;
  /** That this look counts to. */
  readonly until: string;
}

/**
 * Units whose labels were complete after one time and no later than another: looks that follow each other count every
 * unit once, however often they are made. A flight that both models answered is left out; copies of a shadow are all
 * answered by both.
 */
export function scoresBetween(
  { unit, metric }: Pick<ExperimentDesign, "unit" | "metric">,
  mode: ExperimentMode,
  { answers }: Pick<ScoresDocument, "answers">,
  counting: Counting,
): Readonly<Record<Arm, ClusterTally>> {
  const score = scoreBy(metric);
  const counted: Record<Arm, number[][]> = { champion: [], challenger: [] };
  for (const complete of completeUnits(unit, answers, counting)) {
    const models = arms.filter((arm) => complete.some(({ variant }) => variant === arm));
    if (mode === "live" && models.length > 1) continue;
    for (const arm of models)
      counted[arm].push(complete.flatMap((one) => (one.variant === arm ? (score(one) ?? []) : [])));
  }
  return { champion: tallyOf(counted.champion), challenger: tallyOf(counted.challenger) };
}

/**
 * Challenger less champion, by unit, of the images that both answered: what they have in common, such as how hard an
 * image is, cancels out.
 */
export function pairsBetween(
  { unit, metric }: Pick<ExperimentDesign, "unit" | "metric">,
  { answers }: Pick<ScoresDocument, "answers">,
  counting: Counting,
): ClusterTally {
  const score = scoreBy(metric);
  const units = completeUnits(unit, answers, counting).map((complete) => {
    const of = (arm: Arm) =>
      new Map(complete.filter(({ variant }) => variant === arm).map((one) => [one.id, score(one)] as const));
    const [champion, challenger] = [of("champion"), of("challenger")];
    return [...challenger].flatMap(([id, value]) => {
      const other = champion.get(id);
      return value === undefined || other === undefined ? [] : [value - other];
    });
  });
  return tallyOf(units);
}

const scoreBy = ({ name }: ExperimentDesign["metric"]) => scoredMetrics[name] ?? (() => undefined);

/** Labelled answers of the units that were complete in the time, by unit. */
function completeUnits(
  unit: ExperimentDesign["unit"],
  answers: readonly ScoredAnswer[],
  { startedAt, after = startedAt, until }: Counting,
): ScoredAnswer[][] {
  const units = unitsOf(
    answers.filter(({ answeredAt, sample }) => sample === "random" && Date.parse(answeredAt) >= Date.parse(startedAt)),
    unit,
  );
  return units.flatMap((ofUnit) => {
    const { complete, readyMs } = completed(ofUnit, unit === "flight" ? settleMs : 0);
    return readyMs > Date.parse(after) && readyMs <= Date.parse(until) ? [complete] : [];
  });
}

function unitsOf(answers: readonly ScoredAnswer[], unit: ExperimentDesign["unit"]): ScoredAnswer[][] {
  const units = new Map<string, ScoredAnswer[]>();
  for (const answer of answers) {
    const key = unit === "flight" ? answer.flight : answer.id;
    units.set(key, [...(units.get(key) ?? []), answer]);
  }
  return [...units.values()];
}

/** The labels that came one soon after the other, and when no more was to be expected. What comes later is too late. */
function completed(answers: readonly ScoredAnswer[], gapMs: number): { complete: ScoredAnswer[]; readyMs: number } {
  const ordered = [...answers].sort((one, other) => Date.parse(one.labelledAt) - Date.parse(other.labelledAt));
  const complete: ScoredAnswer[] = [];
  let last = Date.parse(ordered[0]!.labelledAt);
  for (const answer of ordered) {
    const at = Date.parse(answer.labelledAt);
    if (at - last > gapMs) break;
    complete.push(answer);
    last = at;
  }
  return { complete, readyMs: last + gapMs };
}

/** Flights of each model that were seen first after one time and no later than another. */
export function flightsBetween(
  { flights }: Pick<ScoresDocument, "flights">,
  { startedAt, after = startedAt, until }: Counting,
): Readonly<Record<Arm, number>> {
  const count = (arm: Arm) =>
    Object.values(flights[arm] ?? {}).filter(
      (seen) => Date.parse(seen) > Date.parse(after) && Date.parse(seen) <= Date.parse(until),
    ).length;
  return { champion: count("champion"), challenger: count("challenger") };
}
