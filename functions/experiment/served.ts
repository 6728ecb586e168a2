import type { Metrics } from "../../aws/cloudwatch";
import { type Arm, arms } from "../../lifecycle/experiment/design";
import type { Served } from "../../lifecycle/rollout/served";

/** What is counted, and where. */
export interface ServedQuery {
  readonly endpoint: string;
  /** A request that takes longer is slow. */
  readonly latencyMs: number;
  /** Whole minutes, the end not included. */
  readonly from: Date;
  readonly to: Date;
}

/** Requests of each variant in some minutes, with those that failed and those that were slow. */
export async function servedBetween(
  metrics: Pick<Metrics, "values">,
  { endpoint, latencyMs, from, to }: ServedQuery,
): Promise<Readonly<Record<Arm, Served>>> {
  const sum = async (variant: Arm, name: string, statistic: string): Promise<number> => {
    const dimensions = { EndpointName: endpoint, VariantName: variant };
    const query = { namespace: "AWS/SageMaker", name, dimensions, statistic, periodSeconds: 60 };
    return Math.round((await metrics.values(query, from, to)).reduce((total, value) => total + value, 0));
  };
  const served = async (variant: Arm): Promise<Served> => {
    const [requests, errors, slow] = await Promise.all([
      sum(variant, "Invocations", "Sum"),
      sum(variant, "Invocation5XXErrors", "Sum"),
      // How many values lie above a limit, here in microseconds (CloudWatch user guide, "Statistics definitions": TC).
      sum(variant, "ModelLatency", `TC(${latencyMs * 1000}:)`),
    ]);
    // Metrics of one minute come one after the other: none can be more than the requests.
    return { requests, errors: Math.min(errors, requests), slow: Math.min(slow, requests), empty: 0, unsure: 0 };
  };
  const [champion, challenger] = await Promise.all(arms.map(served));
  return { champion: champion!, challenger: challenger! };
}
