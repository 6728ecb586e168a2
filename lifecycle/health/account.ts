import { type CheckResult, failed, ok, warning } from "./finding";

/** Whose credentials are at work. */
export interface Caller {
  readonly accountId: string;
  readonly arn: string;
  readonly region: string;
}

/** Whether the stack may be deployed to the caller's account. @param allowedAccountIds all are, where it is empty. */
export function judgeAccount(
  { accountId, arn, region }: Caller,
  allowedAccountIds: readonly string[],
  stack: string,
): CheckResult {
  const who = `${accountId} in ${region}, as ${arn}`;
  if (allowedAccountIds.length === 0 || allowedAccountIds.includes(accountId)) return ok(who);
  return failed(
    `${who}: ${stack} may be deployed to ${allowedAccountIds.join(", ")} alone`,
    `Use a profile of that account, or, if this one is right: pulumi config set --path 'peregrine:allowedAccountIds[${allowedAccountIds.length}]' ${accountId} --stack ${stack}`,
  );
}

/**
 * Commands of the AWS CLI go where the shell's variables say, not where the stack is.
 * @param variables of the shell.
 */
export function judgeRegion(region: string, variables: Readonly<Record<string, string | undefined>>): CheckResult {
  const other = [variables["AWS_REGION"], variables["AWS_DEFAULT_REGION"]].find(
    (name) => name !== undefined && name !== "" && name !== region,
  );
  return other
    ? warning(
        `the stack is in ${region}, the AWS CLI of this shell asks ${other}`,
        `Before you follow a runbook: export AWS_REGION=${region}`,
      )
    : ok(region);
}
