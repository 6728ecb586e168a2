import { covers, identityPolicies, statementsOf, valuesOf } from "../document";
import { wellArchitected } from "../frameworks";
import { defineRule } from "../rule";

export const noWildcardPassRole = defineRule({
  name: "no-wildcard-pass-role",
  description: "iam:PassRole names exact roles and the service that they are passed to.",
  rationale: "Who may pass any role to a service has the rights of all roles.",
  severity: "critical",
  framework: wellArchitected("MLSEC04", "Grant least privilege"),
  remediationSteps: "List the ARNs of the roles and add the condition iam:PassedToService.",
  url: "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html",
  appliesTo: (type) => type in identityPolicies,
  *check({ type, props, name }) {
    for (const document of identityPolicies[type]!(props)) {
      for (const statement of statementsOf(document)) {
        if (statement.Effect !== "Allow" || !covers(statement, "iam:PassRole")) continue;
        // A permissions boundary grants nothing by itself; it must keep PassRole inside the environment by a Deny.
        if (isLimited(document)) continue;
        const resources = valuesOf(statement.Resource);
        if (statement.NotResource !== undefined || resources.some((resource) => /[*?]/.test(resource)))
          yield `Statement ${statement.Sid ?? "without Sid"} of ${name} passes roles by wildcard.`;
        if (!JSON.stringify(statement.Condition ?? {}).includes("iam:PassedToService"))
          yield `Statement ${statement.Sid ?? "without Sid"} of ${name} does not say to which service roles are passed.`;
      }
    }
  },
});

/** Whether a Deny without conditions limits PassRole to some path: the shape of a permissions boundary. */
function isLimited(document: unknown): boolean {
  return statementsOf(document).some(
    (statement) =>
      statement.Effect === "Deny" &&
      !statement.Condition &&
      covers(statement, "iam:PassRole") &&
      valuesOf(statement.NotResource).length > 0,
  );
}
