import { statementsOf, valuesOf } from "../document";
import { securityHub } from "../frameworks";
import { byType, defineRule } from "../rule";

interface Config {
  /** Shortest time between the order to delete a key and its end, 7 to 30 days. */
  readonly minDeletionDays: number;
}

export const kmsKeyRotation = defineRule<Config>({
  name: "kms-key-rotation",
  description: "Keys rotate, can be recovered for some days after their deletion, and are not open to everybody.",
  rationale: "What a deleted key encrypted is lost for ever, backups included.",
  severity: "high",
  framework: securityHub("KMS.4", "Key rotation is enabled (also KMS.3 and KMS.5)"),
  remediationSteps: "Set enableKeyRotation, deletionWindowInDays (keyDeletionDays) and named principals.",
  url: "https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html",
  configSchema: { properties: { minDeletionDays: { type: "integer" } } },
  defaults: { minDeletionDays: 7 },
  ...byType<Config>({
    *"aws:kms/key:Key"(props, { minDeletionDays }) {
      // Asymmetric and HMAC keys do not rotate by themselves.
      const symmetric = (props["customerMasterKeySpec"] ?? "SYMMETRIC_DEFAULT") === "SYMMETRIC_DEFAULT";
      if (symmetric && props["enableKeyRotation"] !== true) yield "The key does not rotate.";
      const days = Number(props["deletionWindowInDays"] ?? 30);
      if (days < minDeletionDays) yield `A deleted key is gone after ${days} days, sooner than ${minDeletionDays}.`;
      if (props["isEnabled"] === false) yield "The key is disabled, so nothing that it encrypted can be read.";
      for (const { Effect, Principal, Condition, Sid } of statementsOf(props["policy"])) {
        const everybody =
          Principal === "*" || valuesOf((Principal as Record<string, unknown> | undefined)?.["AWS"]).includes("*");
        if (Effect === "Allow" && everybody && !Condition)
          yield `Statement ${Sid ?? "without Sid"} of the key policy allows everybody.`;
      }
    },
  }),
});
