import { clusteredMean, type MeanEstimate, tallyOf } from "./clusters";

/** Scores of one image by both models: in a shadow test both answer every request. */
export interface PairedScore {
  /** Images of one flight are alike. */
  readonly flight: string;
  readonly champion: number;
  readonly challenger: number;
}

/** What pairs say. */
export interface PairedComparison {
  /** Challenger less champion, its variance robust to flights; undefined below two flights. */
  readonly difference: MeanEstimate | undefined;
  /**
   * How many times fewer labelled images pairs need than two separate groups of the same images: 1 / (1 - ρ) where both
   * models' scores vary alike and have the correlation ρ (Cochran and Cox, Experimental Designs, section 2.3).
   */
  readonly savings: number | undefined;
}

/** Compares two models on the same images. @param scores in any order. */
export function comparePairs(scores: readonly PairedScore[]): PairedComparison {
  const flights = new Map<string, PairedScore[]>();
  for (const score of scores) flights.set(score.flight, [...(flights.get(score.flight) ?? []), score]);
  const difference = clusteredMean(
    tallyOf([...flights.values()].map((own) => own.map(({ champion, challenger }) => challenger - champion))),
  );
  const apart = varianceOf(scores.map(({ champion }) => champion)) + varianceOf(scores.map((one) => one.challenger));
  const paired = varianceOf(scores.map(({ champion, challenger }) => challenger - champion));
  return { difference, savings: scores.length > 1 && paired > 0 ? apart / paired : undefined };
}

function varianceOf(values: readonly number[]): number {
  const mean = values.reduce((total, value) => total + value, 0) / values.length;
  return values.reduce((total, value) => total + (value - mean) ** 2, 0) / (values.length - 1);
}
