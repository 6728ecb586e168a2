import { securityHub } from "../frameworks";
import { defineRule } from "../rule";

const refused: Readonly<Record<string, string>> = {
  "aws:iam/user:User": "An IAM user",
  "aws:iam/accessKey:AccessKey": "An access key",
  "aws:iam/userLoginProfile:UserLoginProfile": "A console password",
  "aws:iam/userPolicy:UserPolicy": "A policy inside of a user",
  "aws:iam/userPolicyAttachment:UserPolicyAttachment": "A policy at a user",
  "aws:iam/groupPolicy:GroupPolicy": "A policy inside of a group",
  "aws:iam/serviceSpecificCredential:ServiceSpecificCredential": "A password of a service",
};

export const noIamUsers = defineRule({
  name: "no-iam-users",
  description: "People and machines take roles: there are no users, passwords or access keys.",
  rationale: "A key that never expires is found one day, in a repository or on a laptop.",
  severity: "critical",
  framework: securityHub("IAM.2", "IAM users have no policies of their own; here there are no users"),
  remediationSteps: "Let people sign in by IAM Identity Center, and machines by OIDC or by a service's role.",
  url: "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",
  appliesTo: (type) => type in refused,
  *check({ type }) {
    yield `${refused[type]} would be part of this stack.`;
  },
});
