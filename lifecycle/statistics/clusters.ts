/**
 * Values that come in clusters, as the frames of a flight do: alike within one, independent between them. Sums are all
 * that is kept, so tallies add up and no image's score has to be.
 */
export interface ClusterTally {
  readonly clusters: number;
  /** Values in all clusters. */
  readonly values: number;
  readonly sum: number;
  /** Sum of the squared values. */
  readonly squares: number;
  /** Sums over clusters: of the squared cluster sum, of cluster sum times size, of the squared size. */
  readonly sumSquares: number;
  readonly sumSizes: number;
  readonly sizeSquares: number;
}

export const noClusters: ClusterTally = {
  clusters: 0,
  values: 0,
  sum: 0,
  squares: 0,
  sumSquares: 0,
  sumSizes: 0,
  sizeSquares: 0,
};

/** Tallies clusters; an empty one counts for nothing. Independent values are clusters of one. */
export function tallyOf(clusters: Iterable<readonly number[]>): ClusterTally {
  const tally = { ...noClusters } as { -readonly [key in keyof ClusterTally]: number };
  for (const values of clusters) {
    if (values.length === 0) continue;
    const sum = values.reduce((total, value) => total + value, 0);
    tally.clusters++;
    tally.values += values.length;
    tally.sum += sum;
    tally.squares += values.reduce((total, value) => total + value * value, 0);
    tally.sumSquares += sum * sum;
    tally.sumSizes += sum * values.length;
    tally.sizeSquares += values.length ** 2;
  }
  return tally;
}

/** Two tallies of different clusters, together. */
export function together(one: ClusterTally, other: ClusterTally): ClusterTally {
  return {
    clusters: one.clusters + other.clusters,
    values: one.values + other.values,
    sum: one.sum + other.sum,
    squares: one.squares + other.squares,
    sumSquares: one.sumSquares + other.sumSquares,
    sumSizes: one.sumSizes + other.sumSizes,
    sizeSquares: one.sizeSquares + other.sizeSquares,
  };
}

/** A mean, and how sure it is. */
export interface MeanEstimate {
  readonly mean: number;
  /** Of the mean, not of the values. */
  readonly variance: number;
  /** Independent units behind it. */
  readonly units: number;
}

/**
 * Mean of all values with its cluster-robust variance: that of a ratio of cluster sums, linearised, with the factor
 * G / (G - 1) (Liang and Zeger, Biometrika 73, 1986; Cochran, Sampling Techniques, 3rd edition, equation 9A.2).
 * @returns undefined below two clusters: nothing tells how much they differ.
 */
export function clusteredMean(tally: ClusterTally): MeanEstimate | undefined {
  const { clusters, values, sum, sumSquares, sumSizes, sizeSquares } = tally;
  if (clusters < 2) return undefined;
  const mean = sum / values;
  const residuals = sumSquares - 2 * mean * sumSizes + mean ** 2 * sizeSquares;
  // Equal clusters leave rounding, which may be negative.
  const variance = Math.max(0, (clusters / (clusters - 1)) * (residuals / values ** 2));
  return { mean, variance, units: clusters };
}

/**
 * How many times as much the mean of clustered values varies as that of as many independent ones: Kish's design effect
 * (Survey Sampling, 1965, section 5.4), 1 + (m (1 + c²) - 1) ρ with mean size m and sizes' coefficient of variation c.
 * @param correlation of two values of a cluster (ICC), 0 to 1.
 */
export function designEffect(meanSize: number, correlation: number, sizeVariation = 0): number {
  return Math.max(1, 1 + (meanSize * (1 + sizeVariation ** 2) - 1) * correlation);
}
