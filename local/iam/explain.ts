import type { Decision } from "./evaluate";

/** The decision in one sentence, with the statement behind it. */
export function explain(decision: Decision): string {
  if (decision.layer === "root") return "Allowed: the account's root user is not limited by identity policies.";
  const source = decision.policy ? ` (${decision.statement} of ${decision.policy})` : "";
  if (decision.allowed) return `Allowed by ${article(decision.layer)} ${nameOf[decision.layer]}${source}.`;
  if (decision.explicit) return `Denied by a Deny statement in ${article(decision.layer)} ${nameOf[decision.layer]}${source}.`;
  return `Denied: no ${nameOf[decision.layer]} allows it.`;
}

/** How AWS ends the message of a denied request. */
export function denialClause(decision: Decision, action: string): string {
  const { layer } = decision;
  if (layer === "root") return "";
  if (decision.explicit) return ` with an explicit deny in ${article(layer)} ${nameOf[layer]}`;
  return ` because no ${nameOf[layer]} allows the ${action} action`;
}

const nameOf = {
  "service-control": "service control policy",
  resource: "resource-based policy",
  identity: "identity-based policy",
  boundary: "permissions boundary",
  session: "session policy",
} as const;

function article(layer: keyof typeof nameOf): string {
  return layer === "identity" ? "an" : "a";
}
