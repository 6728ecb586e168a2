import type { ExperimentPrices, ExperimentTraffic } from "./design";

/** US dollars of an experiment. */
export interface ExperimentCost {
  /** Of the challenger's instances. */
  readonly instances: number;
  readonly labels: number;
  readonly requests: number;
  /** If it runs until `hours`. */
  readonly total: number;
  /** Until `expectedHours`. */
  readonly expected: number;
}

/** What an experiment of these hours costs. */
export function costOf(
  { challengerUsdPerHour, usdPerLabel, usdPerRequest }: ExperimentPrices,
  { requestsPerSecond, labelledShare, labelHours }: ExperimentTraffic,
  hours: number,
  expectedHours: number,
): ExperimentCost {
  const at = (length: number) => {
    const requests = length * 3600 * requestsPerSecond;
    return {
      instances: length * challengerUsdPerHour,
      // Labels of the last images come when the experiment is over, and are not asked for.
      labels: Math.max(0, length - labelHours) * 3600 * requestsPerSecond * labelledShare * usdPerLabel,
      requests: requests * usdPerRequest,
    };
  };
  const sum = ({ instances, labels, requests }: ReturnType<typeof at>) => instances + labels + requests;
  return { ...at(hours), total: sum(at(hours)), expected: sum(at(expectedHours)) };
}
