import { providerGuard as rule } from "../../../policies/rules/provider-guard";
import { describeRule, unknownText } from "../../support/policy";

const provider = "pulumi:providers:aws";

describeRule(rule, {
  refuses: {
    "another profile": [provider, { profile: "default" }, /The profile is "default", not "ab"/],
    "no profile at all": [provider, {}, /The profile is null, not "ab"/],
    "keys in the settings": [provider, { profile: "ab", secretKey: "x" }, /secretKey is written/],
    "any account, where accounts are named": [
      provider,
      { profile: "ab" },
      /allowedAccountIds is not set/,
      { config: { accountsRequired: true } },
    ],
    "an account of somebody else": [
      provider,
      { profile: "ab", allowedAccountIds: '["999999999999"]' },
      /999999999999 is not one of/,
      { config: { accounts: ["111111111111"] } },
    ],
    "another region": [
      provider,
      { profile: "ab", region: "us-east-1" },
      /us-east-1 \(allowed: eu-central-1\)/,
      { config: { regions: ["eu-central-1"] } },
    ],
  },
  accepts: {
    "the environment's profile": [provider, { profile: "ab", region: "eu-central-1" }],
    "a named account, as text or as a list": [
      provider,
      { profile: "ab", allowedAccountIds: ["111111111111"] },
      ,
      { config: { accountsRequired: true, accounts: ["111111111111"] } },
    ],
  },
  ignores: ["pulumi:providers:random", "aws:sns/topic:Topic"],
  stoppedBy: { "a profile that a preview does not know": [provider, { profile: unknownText }, /\.profile/] },
});
