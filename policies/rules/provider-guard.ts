import { wellArchitected } from "../frameworks";
import { parsed } from "../inputs";
import { byType, defineRule } from "../rule";

interface Config {
  /** The AWS profile that the stack works through; undefined allows any. */
  readonly profile?: string;
  /** Whether the provider must be limited to named accounts. */
  readonly accountsRequired: boolean;
  /** Accounts that the provider may be limited to; empty allows any. */
  readonly accounts: readonly string[];
  readonly regions: readonly string[];
}

export const providerGuard = defineRule<Config>({
  name: "provider-guard",
  description: "AWS is reached through the environment's profile, account and region, without keys in the settings.",
  rationale:
    "Costs are allocated by the profile; and a shell that is logged in elsewhere must not get a copy of production.",
  severity: "critical",
  framework: wellArchitected("MLSEC01", "Validate ML data permissions, privacy and accounts"),
  remediationSteps:
    "Set aws:profile, aws:region and allowedAccountIds of the stack as policies/config/<environment>.json demands.",
  url: "https://www.pulumi.com/registry/packages/aws/api-docs/provider/",
  configSchema: {
    properties: {
      profile: { type: "string" },
      accountsRequired: { type: "boolean" },
      accounts: { type: "array", items: { type: "string" } },
      regions: { type: "array", items: { type: "string" } },
    },
  },
  defaults: { accountsRequired: false, accounts: [], regions: [] },
  ...byType<Config>({
    *"pulumi:providers:aws"(props, { profile, accountsRequired, accounts, regions }) {
      if (profile !== undefined && props["profile"] !== profile)
        yield `The profile is ${JSON.stringify(props["profile"] ?? null)}, not ${JSON.stringify(profile)}.`;
      for (const secret of ["accessKey", "secretKey", "token"])
        if (props[secret] !== undefined) yield `${secret} is written into the provider's settings.`;
      const allowed = (parsed(props["allowedAccountIds"]) as string[] | undefined) ?? [];
      if (accountsRequired && allowed.length === 0) yield "allowedAccountIds is not set: any account would do.";
      for (const account of allowed)
        if (accounts.length > 0 && !accounts.includes(account))
          yield `The account ${account} is not one of the environment's.`;
      if (regions.length > 0 && !regions.includes(String(props["region"])))
        yield `The region is ${String(props["region"])} (allowed: ${regions.join(", ")}).`;
    },
  }),
});
