import { trustLimited as rule } from "../../../policies/rules/trust-limited";
import { describeRule, unknownText } from "../../support/policy";

const role = "aws:iam/role:Role";
const trust = (statement: object) => ({
  assumeRolePolicy: JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", ...statement }],
  }),
});
const github = "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com";
const subject = (sub: string) => ({
  StringLike: { "token.actions.githubusercontent.com:sub": sub },
  StringEquals: { "token.actions.githubusercontent.com:aud": "sts.amazonaws.com" },
});

describeRule(rule, {
  refuses: {
    "trust in everybody": [role, trust({ Principal: "*" }), /Role resource: everybody is trusted/],
    "trust in everybody, written otherwise": [role, trust({ Principal: { AWS: ["*"] } }), /everybody is trusted/],
    "a service for whichever account": [
      role,
      trust({ Principal: { Service: "sagemaker.amazonaws.com" } }),
      /sagemaker\.amazonaws\.com is trusted for whichever/,
    ],
    "an identity provider with all its subjects": [
      role,
      trust({
        Principal: { Federated: github },
        Condition: { StringEquals: { "token.actions.githubusercontent.com:aud": "sts.amazonaws.com" } },
      }),
      /all subjects of/,
    ],
    "a subject by wildcard": [
      role,
      trust({ Principal: { Federated: github }, Condition: subject("*") }),
      /is a wildcard/,
    ],
    "every repository of GitHub": [
      role,
      trust({ Principal: { Federated: github }, Condition: subject("repo:*") }),
      /is a wildcard/,
    ],
  },
  accepts: {
    "a service on behalf of our account": [
      role,
      trust({
        Principal: { Service: "sagemaker.amazonaws.com" },
        Condition: { StringEquals: { "aws:SourceAccount": "1" } },
      }),
    ],
    "a service that acts for nobody else": [role, trust({ Principal: { Service: "ec2.amazonaws.com" } })],
    "one repository of GitHub": [
      role,
      trust({ Principal: { Federated: github }, Condition: subject("repo:us/peregrine:ref:refs/heads/main") }),
    ],
    "an account": [role, trust({ Principal: { AWS: "arn:aws:iam::1:root" } })],
    "a denial for everybody": [role, trust({ Effect: "Deny", Principal: "*" })],
  },
  ignores: ["aws:iam/rolePolicy:RolePolicy"],
  stoppedBy: { "a trust that a preview does not know": [role, { assumeRolePolicy: unknownText }, /assumeRolePolicy/] },
});
