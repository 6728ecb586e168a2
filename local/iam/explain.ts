import type { Decision } from "./evaluate";

/**
 * The decision in one sentence, with the statement behind it.
 * @param action what was asked for: a role's trust policy is called by that name.
 * @internal words of the evaluator's own tests.
 */
export function explain(decision: Decision, action = ""): string {
  if (decision.layer === "root") return "Allowed: the account's root user is not limited by identity policies.";
  const { article, name } = nameOf(decision.layer, action);
  const source = decision.policy ? ` (${decision.statement} of ${decision.policy})` : "";
  if (decision.allowed) return `Allowed by ${article} ${name}${source}.`;
  if (decision.explicit) return `Denied by a Deny statement in ${article} ${name}${source}.`;
  return `Denied: no ${name} allows it.`;
}

/**
 * How AWS ends the message of a denied request (IAM user guide, "Troubleshoot access denied error messages"). The
 * policy that denies is named by its ARN where it has one, which inline and resource-based policies have not.
 */
export function denialClause(decision: Decision, action: string): string {
  const { layer, policy } = decision;
  if (layer === "root") return "";
  const { article, name } = nameOf(layer, action);
  if (!decision.explicit) return ` because no ${name} allows the ${action} action`;
  return ` with an explicit deny in ${article} ${name}${layer !== "resource" && layer !== "endpoint" && policy?.startsWith("arn:") ? `: ${policy}` : ""}`;
}

const names = {
  "service-control": { article: "a", name: "service control policy" },
  resource: { article: "a", name: "resource-based policy" },
  identity: { article: "an", name: "identity-based policy" },
  boundary: { article: "a", name: "permissions boundary" },
  session: { article: "a", name: "session policy" },
  endpoint: { article: "a", name: "VPC endpoint policy" },
} as const;

function nameOf(layer: keyof typeof names, action: string): { readonly article: string; readonly name: string } {
  return layer === "resource" && /^sts:/i.test(action) ? { article: "the", name: "role trust policy" } : names[layer];
}
