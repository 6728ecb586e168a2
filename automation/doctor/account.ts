import type { AwsSession } from "../../aws/session";
import { callerIdentity } from "../../aws/sts";
import { judgeAccount } from "../../lifecycle/health/account";
import type { CheckResult } from "../../lifecycle/health/finding";

/** Whose credentials they are, and whether the stack may be deployed to their account. */
export async function accountCheck(
  session: AwsSession,
  allowedAccountIds: readonly string[],
  stack: string,
): Promise<CheckResult> {
  const { accountId, arn } = await callerIdentity(session);
  return judgeAccount({ accountId, arn, region: session.region }, allowedAccountIds, stack);
}
