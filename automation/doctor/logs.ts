import { Logs } from "../../aws/logs";
import type { AwsSession } from "../../aws/session";
import type { CheckResult } from "../../lifecycle/health/finding";
import { judgeLogRetention } from "../../lifecycle/health/log-retention";

/**
 * Whether what jobs and apps write into SageMaker's own log groups ends one day.
 * @param retentionDays what the settings give to other groups.
 */
export async function logRetentionCheck(session: AwsSession, retentionDays: number): Promise<CheckResult> {
  return judgeLogRetention(await new Logs(session).groups("/aws/sagemaker/"), retentionDays);
}
