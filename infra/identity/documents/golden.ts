import { goldenMetric } from "../../../contract/golden-metric";
import { allow, type Statement } from "../document";

/**
 * Tells the rollouts' alarms of these environments what a new fleet answered to the golden images. `PutMetricData` knows no resource,
 * only the namespace.
 */
export function tellGoldenFailures(environments: readonly { readonly environment: string }[]): Statement[] {
  const namespaces = environments.map(({ environment }) => goldenMetric(environment).namespace);
  return [
    allow("TellGoldenFailures", ["cloudwatch:PutMetricData"], ["*"], {
      StringEquals: { "cloudwatch:namespace": namespaces },
    }),
  ];
}
