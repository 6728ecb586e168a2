import type { Metrics } from "../../aws/cloudwatch";
import type { Logs } from "../../aws/logs";
import { type Arm, arms } from "../../lifecycle/experiment/design";
import { nothingServed, type Served, servedTogether } from "../../lifecycle/rollout/served";
import { answersByMinute, minutesTogether, requestsByMinute, type ServedQuery } from "../../records/served";

/** Where it is counted. */
export interface ServedSources {
  readonly metrics: Pick<Metrics, "points">;
  readonly logs: Pick<Logs, "linesBetween">;
}

/**
 * Requests of each variant in some minutes, with those that failed and those that were slow, and its answers, with those
 * that were empty and those that were unsure.
 * @param latencyMs a request that takes the model longer is slow.
 */
export async function servedBetween(
  { metrics, logs }: ServedSources,
  span: Omit<ServedQuery, "variant">,
  latencyMs: number,
): Promise<Readonly<Record<Arm, Served>>> {
  const served = async (variant: Arm): Promise<Served> => {
    const query = { ...span, variant };
    const [requests, answers] = await Promise.all([
      requestsByMinute(metrics, query, latencyMs),
      answersByMinute(logs, query),
    ]);
    return [...minutesTogether(requests, ...answers.values()).values()].reduce(servedTogether, nothingServed);
  };
  const [champion, challenger] = await Promise.all(arms.map(served));
  return { champion: champion!, challenger: challenger! };
}
