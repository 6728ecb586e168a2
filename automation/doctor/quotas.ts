import { countVpcs } from "../../aws/ec2";
import { quotasOf } from "../../aws/service-quotas";
import type { AwsSession } from "../../aws/session";
import type { CheckResult } from "../../lifecycle/health/finding";
import { judgeStudio, judgeVpcs, studioQuotas, vpcQuota } from "../../lifecycle/health/limits";
import { judgeQuotas, type QuotaNeed } from "../../lifecycle/health/quotas";

/**
 * Whether the account has what the settings need of one kind.
 * @param essential whether too little is a failure or only a warning.
 */
export async function quotaCheck(
  session: AwsSession,
  needs: readonly QuotaNeed[],
  essential: boolean,
): Promise<CheckResult> {
  const names = needs.map(({ quota }) => quota);
  return judgeQuotas(needs, await quotasOf(session, "sagemaker", names), session, essential);
}

/** Room for a VPC where the stack has none yet. @param types of the stack's resources. */
export async function vpcCheck(session: AwsSession, types: readonly string[]): Promise<CheckResult> {
  const [count, quotas] = await Promise.all([countVpcs(session), quotasOf(session, "vpc", [vpcQuota])]);
  return judgeVpcs(count, quotas.get(vpcQuota)?.value, types);
}

/** Room for people in Studio. @param types of the stack's resources. */
export async function studioCheck(session: AwsSession, types: readonly string[]): Promise<CheckResult> {
  return judgeStudio(await quotasOf(session, "sagemaker", studioQuotas), types);
}
