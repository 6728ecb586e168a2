import { goldenMetric } from "../../../lifecycle/golden-metric";
import type { Scope } from "../../scope";
import { allow, type Statement } from "../document";

/** Notes the head of each target's ledger outside of it. */
export function noteLedgerHeads(targets: readonly Scope[]): Statement[] {
  return [allow("NoteLedgerHeads", ["ssm:PutParameter", "ssm:AddTagsToResource", "ssm:GetParameter"], targets.map(({ arns, ledgerHeadParameter }) => arns.parameter(ledgerHeadParameter)))];
}

/** Tells the rollout's alarm what the new fleet answered to the golden images. `PutMetricData` knows no resource. */
export function tellGoldenFailures(): Statement[] {
  return [allow("TellGoldenFailures", ["cloudwatch:PutMetricData"], ["*"], { StringEquals: { "cloudwatch:namespace": goldenMetric.namespace } })];
}
