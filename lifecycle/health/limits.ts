import { type CheckResult, combined, ok, warning } from "./finding";
import type { Quota } from "./quotas";

const vpc = "aws:ec2/vpc:Vpc";
/** 5 a Region by default. */
export const vpcQuota = "VPCs per Region";

/** Resource types by the quota that limits them: 2 user profiles and 6 spaces an account by default. */
const studio: Readonly<Record<string, string>> = {
  "Maximum number of Studio user profiles allowed per account": "aws:sagemaker/userProfile:UserProfile",
  "Maximum number of Studio spaces allowed per account": "aws:sagemaker/space:Space",
};
export const studioQuotas: readonly string[] = Object.keys(studio);

const increase = "Ask for more in the console of Service Quotas, service";

/**
 * Room for a VPC where the stack has none yet.
 * @param max undefined where nobody knows.
 * @param types of the stack's resources.
 */
export function judgeVpcs(count: number, max: number | undefined, types: readonly string[]): CheckResult {
  const text = `${count} of ${max ?? "an unknown number of"} VPCs`;
  if (types.includes(vpc)) return ok(`${text}, the stack's own among them`);
  if (max === undefined || count < max) return ok(text);
  return warning(
    `${text}: there is no room for one of the stack's own`,
    `${increase} "Amazon Virtual Private Cloud (Amazon VPC)", or delete one that nobody uses.`,
  );
}

/** Room for people in Studio. @param quotas by name. @param types of the stack's resources. */
export function judgeStudio(quotas: ReadonlyMap<string, Quota>, types: readonly string[]): CheckResult {
  const found = Object.entries(studio).flatMap(([quota, type]): CheckResult[] => {
    const max = quotas.get(quota)?.value;
    const mine = types.filter((one) => one === type).length;
    if (max === undefined) return [];
    const text = `${mine} of ${max} ${type.endsWith("Space") ? "spaces" : "user profiles"}`;
    return [
      mine < max || mine === 0
        ? ok(text)
        : warning(`${text}: the next person has no room`, `${increase} "Amazon SageMaker": ${quota}.`),
    ];
  });
  return combined(found, found.map(({ text }) => text).join(", "));
}
