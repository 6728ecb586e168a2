import { wellArchitected } from "../frameworks";
import { isGiven } from "../inputs";
import { byType, defineRule, type Subject } from "../rule";
import { types } from "../types";

export const permissionsBoundary = defineRule({
  name: "permissions-boundary",
  description: "Every role and user has a permissions boundary.",
  rationale: "Policies are added to roles for years; none of them can exceed the boundary.",
  severity: "critical",
  framework: wellArchitected("MLSEC04", "Grant least privilege"),
  remediationSteps: "Set permissionsBoundary, as the Role component does (infra/identity).",
  url: "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html",
  ...byType({ [types.role]: bounded, "aws:iam/user:User": bounded }),
});

function* bounded(props: Subject["props"]): Iterable<string> {
  if (!isGiven(props, "permissionsBoundary")) yield "permissionsBoundary is not set.";
}
