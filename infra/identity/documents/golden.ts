import { goldenMetric } from "../../../lifecycle/golden-metric";
import { allow, type Statement } from "../document";

/** Tells the rollout's alarm what the new fleet answered to the golden images. `PutMetricData` knows no resource, only the namespace. */
export function tellGoldenFailures(): Statement[] {
  return [allow("TellGoldenFailures", ["cloudwatch:PutMetricData"], ["*"], { StringEquals: { "cloudwatch:namespace": goldenMetric.namespace } })];
}
