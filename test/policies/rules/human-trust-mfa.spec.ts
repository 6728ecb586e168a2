import { humanTrustMfa as rule } from "../../../policies/rules/human-trust-mfa";
import { describeRule, unknownText } from "../../support/policy";

const role = "aws:iam/role:Role";
const trust = (principal: object, condition?: object) => ({
  assumeRolePolicy: {
    Statement: { Effect: "Allow", Principal: principal, Action: "sts:AssumeRole", Condition: condition },
  },
});
const mfa = { Bool: { "aws:MultiFactorAuthPresent": "true" } };

describeRule(rule, {
  refuses: {
    "an account without a second factor": [
      role,
      trust({ AWS: "arn:aws:iam::1:root" }),
      /Role resource is taken without a second factor/,
    ],
    "an account by its number": [role, trust({ AWS: "111111111111" }), /without a second factor/],
    "a user without a second factor": [role, trust({ AWS: ["arn:aws:iam::1:user/bob"] }), /without a second factor/],
    "a second factor that may be missing": [
      role,
      trust({ AWS: "arn:aws:iam::1:root" }, { Bool: { "aws:MultiFactorAuthPresent": "false" } }),
      /without/,
    ],
    "sessions of Identity Center among others": [
      role,
      trust(
        { AWS: "arn:aws:iam::1:root" },
        {
          ArnLike: {
            "aws:PrincipalArn": ["arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*", "arn:aws:iam::*:role/*"],
          },
        },
      ),
      /without/,
    ],
    "sessions without an identity provider": [
      role,
      trust({ AWS: "arn:aws:iam::1:root" }, { Null: { "aws:FederatedProvider": "true" } }),
      /without/,
    ],
  },
  accepts: {
    "sessions of an identity provider, which asked for its own": [
      role,
      trust({ AWS: "arn:aws:iam::1:root" }, { Null: { "aws:FederatedProvider": "false" } }),
    ],
    "sessions of Identity Center, which asked for its own": [
      role,
      trust(
        { AWS: "arn:aws:iam::1:root" },
        { ArnLike: { "aws:PrincipalArn": "arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*" } },
      ),
    ],
    "a second factor": [role, trust({ AWS: "arn:aws:iam::1:root" }, mfa)],
    "an identity provider, which asks for its own": [role, trust({ Federated: "arn:aws:iam::1:saml-provider/okta" })],
    "a service": [role, trust({ Service: "lambda.amazonaws.com" })],
    "another role": [role, trust({ AWS: "arn:aws:iam::1:role/release-build" })],
  },
  ignores: ["aws:iam/policy:Policy"],
  stoppedBy: { "a trust that a preview does not know": [role, { assumeRolePolicy: unknownText }, /assumeRolePolicy/] },
});
