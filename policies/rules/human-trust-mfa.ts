import { statementsOf, valuesOf } from "../document";
import { securityHub } from "../frameworks";
import { byType, defineRule } from "../rule";
import { types } from "../types";

export const humanTrustMfa = defineRule({
  name: "human-trust-mfa",
  description: "Roles that people take by a user or an account demand a second factor.",
  rationale: "A stolen key alone must not approve a model. Identity Center and OIDC bring their own second factor.",
  severity: "high",
  framework: securityHub("IAM.19", "MFA is enabled for all users"),
  remediationSteps: "Set requireMfa to true, or trust an identity provider instead.",
  url: "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html",
  ...byType({
    *[types.role](props, _config, { name }) {
      for (const { Effect, Principal, Condition } of statementsOf(props["assumeRolePolicy"])) {
        const people = valuesOf((Principal as Record<string, unknown> | undefined)?.["AWS"]);
        const conditions = (Condition ?? {}) as Conditions;
        if (Effect !== "Allow" || !people.some(isPeople) || ofProvider(conditions)) continue;
        if (!valuesOf(conditions["Bool"]?.["aws:MultiFactorAuthPresent"]).includes("true"))
          yield `Role ${name} is taken without a second factor.`;
      }
    },
  }),
});

/** An account or a user; a role was taken by somebody whom its own trust has checked. */
function isPeople(principal: string): boolean {
  return /^\d{12}$|:root$|:user\//.test(principal);
}

type Conditions = Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>;

/**
 * Only for sessions of an identity provider or of Identity Center, which ask for a factor of their own and carry none
 * of AWS's.
 */
function ofProvider(conditions: Conditions): boolean {
  const roles = valuesOf(conditions["ArnLike"]?.["aws:PrincipalArn"]);
  return (
    valuesOf(conditions["Null"]?.["aws:FederatedProvider"]).includes("false") ||
    (roles.length > 0 && roles.every((arn) => /:role\/aws-reserved\/sso\.amazonaws\.com\//.test(arn)))
  );
}
