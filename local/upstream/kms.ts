import type { Call } from "../call";
import type { Cloud } from "../cloud";
import type { Members } from "../members";
import type { Handler } from "../operation";
import { platformChecks } from "../checks/platform";

/**
 * A key whose policy would not let its maker change it again is refused, unless the request bypasses the check (KMS
 * API, CreateKey and PutKeyPolicy, `BypassPolicyLockoutSafetyCheck`).
 */
export function keyOperations(cloud: Cloud, toMoto: Handler): Record<string, Handler> {
  const check = (input: Members, call: Call, keyArn: string): void => {
    if (typeof input.Policy !== "string" || input.BypassPolicyLockoutSafetyCheck === true) return;
    if (cloud.authoriser.wouldAllow?.("kms:PutKeyPolicy", keyArn, input.Policy, call) === false)
      throw platformChecks.keyLockout();
  };
  return {
    CreateKey: (input, call) => {
      check(input, call, cloud.arn("kms", "key/00000000-0000-0000-0000-000000000000"));
      return toMoto(input, call);
    },
    PutKeyPolicy: (input, call) => {
      const key = String(input.KeyId);
      check(input, call, key.startsWith("arn:") ? key : cloud.arn("kms", `key/${key}`));
      return toMoto(input, call);
    },
  };
}
