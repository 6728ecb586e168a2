import { createHash } from "node:crypto";

/** A captured answer that somebody could label. */
export interface Candidate {
  readonly inferenceId: string;
  readonly flight: string;
  /** Of its detections. */
  readonly confidences: readonly number[];
  /** Flat numbers of the answer. */
  readonly features: Readonly<Record<string, number>>;
  /** People said that something is wrong in it, and nobody drew what is right. */
  readonly reported: boolean;
}

/** How a feature usually is. */
export interface Usual {
  readonly centre: number;
  /** In which it usually varies: a standard deviation, above 0. */
  readonly spread: number;
}

/** Why an answer is worth a person's time. */
export type SelectionReason = "random" | "reported" | "drifted" | "uncertain" | "other";

export interface Chosen {
  readonly inferenceId: string;
  readonly why: SelectionReason;
}

/**
 * A fifth by lot: only those tell how good all answers are. The others teach most: what people complained of, what is
 * unlike what the model knows, and what it is unsure of.
 */
const shares = [
  ["random", 0.2],
  ["reported", 0.2],
  ["drifted", 0.3],
  ["uncertain", 0.3],
] as const;
/** Nearer than this to what is usual is not drifted. */
const leastDrift = 3;
/** Less than this is not uncertain: a detection of confidence 0.95 has 0.19. */
const leastUncertainty = 0.2;

/**
 * Chooses answers to label: each reason gets its share, and what one leaves over goes to the others, by lot at last.
 * Within a reason flights take turns, the worst answer of each first, since images of a flight are much alike.
 * @param usual by feature.
 * @param seed another one draws other lots.
 */
export function selectForLabelling(
  candidates: readonly Candidate[],
  count: number,
  usual: Readonly<Record<string, Usual>>,
  seed = "",
): Chosen[] {
  const lot = (candidate: Candidate): number => drawn(candidate.inferenceId, seed);
  const byLot = [...candidates].sort((a, b) => lot(a) - lot(b));
  const ranked: Readonly<Record<Exclude<SelectionReason, "other">, readonly Candidate[]>> = {
    random: byLot,
    reported: inTurns(byLot.filter(({ reported }) => reported)),
    drifted: inTurns(above(byLot, (candidate) => drift(candidate, usual), leastDrift)),
    uncertain: inTurns(above(byLot, uncertainty, leastUncertainty)),
  };
  const chosen = new Map<string, SelectionReason>();
  const take = (reason: keyof typeof ranked, wanted: number): void => {
    let left = Math.min(wanted, count - chosen.size);
    for (const { inferenceId } of ranked[reason]) {
      if (left <= 0) return;
      if (chosen.has(inferenceId)) continue;
      chosen.set(inferenceId, reason);
      left -= 1;
    }
  };
  // Lots are drawn first and from all, or they would tell of what the others left over.
  for (const [reason, share] of shares) take(reason, Math.max(1, Math.round(share * count)));
  for (const reason of ["reported", "drifted", "uncertain"] as const) take(reason, count);
  // What nothing speaks for fills up. It is drawn from the rest alone, so it does not tell of all answers.
  const rest = byLot.filter(({ inferenceId }) => !chosen.has(inferenceId)).slice(0, count - chosen.size);
  return [
    ...[...chosen].map(([inferenceId, why]) => ({ inferenceId, why })),
    ...rest.map(({ inferenceId }) => ({ inferenceId, why: "other" as const })),
  ];
}

/** Whether an answer that was chosen so tells of all answers. */
export function isRandom(why: SelectionReason): boolean {
  return why === "random";
}

/** How far the oddest feature is from what is usual, in spreads. */
export function drift({ features }: Candidate, usual: Readonly<Record<string, Usual>>): number {
  return Math.max(
    0,
    ...Object.entries(features).map(([name, value]) => {
      const known = usual[name];
      return known && known.spread > 0 ? Math.abs(value - known.centre) / known.spread : 0;
    }),
  );
}

/** Mean of 4c(1 - c) over the detections: 1 where all are as likely right as wrong; 0 without detections. */
export function uncertainty({ confidences }: Candidate): number {
  if (confidences.length === 0) return 0;
  return confidences.reduce((sum, confidence) => sum + 4 * confidence * (1 - confidence), 0) / confidences.length;
}

/** What is usual among answers themselves: median, and the median distance from it on the scale of a standard deviation. */
export function usualOf(candidates: readonly Candidate[]): Record<string, Usual> {
  const names = new Set(candidates.flatMap(({ features }) => Object.keys(features)));
  return Object.fromEntries(
    [...names].map((name) => {
      const values = candidates.flatMap(({ features }) => features[name] ?? []);
      const centre = median(values);
      return [name, { centre, spread: 1.4826 * median(values.map((value) => Math.abs(value - centre))) }];
    }),
  );
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

function above(candidates: readonly Candidate[], score: (one: Candidate) => number, least: number): Candidate[] {
  const scores = new Map(candidates.map((one) => [one, score(one)]));
  return candidates.filter((one) => scores.get(one)! >= least).sort((a, b) => scores.get(b)! - scores.get(a)!);
}

/** The first of each flight, then the second of each, and so on. */
function inTurns(ranked: readonly Candidate[]): Candidate[] {
  const seen = new Map<string, number>();
  const turns = ranked.map((one) => {
    const turn = seen.get(one.flight) ?? 0;
    seen.set(one.flight, turn + 1);
    return { one, turn };
  });
  return turns.sort((a, b) => a.turn - b.turn).map(({ one }) => one);
}

/** A lot of an answer, in [0, 1): the same every time, and nothing that the answer itself has to do with. */
function drawn(inferenceId: string, seed: string): number {
  return createHash("sha256").update(`${seed} ${inferenceId}`).digest().readUInt32BE() / 2 ** 32;
}
