import type { Decision } from "./verdict";

const severities = ["critical", "high", "medium", "low"] as const;
export type Severity = (typeof severities)[number];

/** A rule and what it is about. */
export interface Observation {
  readonly rule: string;
  readonly urn: string;
  /** Type and name of the resource; empty where a rule is about the whole stack. */
  readonly resource: string;
  readonly message: string;
}

/** A violation. */
export interface PolicyFinding extends Observation {
  readonly severity: Severity;
  readonly level: "mandatory" | "advisory";
  readonly remediation: string;
  readonly url: string;
  /** Whether the plan shows it, or the state where the plan does not know. */
  readonly source: "plan" | "state";
}

/** A rule that an unknown value stopped. */
export type Undecided = Observation;

export interface PolicyEvents {
  readonly findings: readonly PolicyFinding[];
  readonly remediations: readonly Observation[];
  readonly undecided: readonly Undecided[];
}

/**
 * Plan and state together. The plan counts: what it does not violate is mended by it. Only where it was stopped by
 * something unknown the state counts instead; what is not in the state yet stays undecided until it is.
 */
export function combine(
  plan: PolicyEvents,
  state: PolicyEvents,
): PolicyEvents & { readonly cured: readonly PolicyFinding[] } {
  const open = (finding: PolicyFinding) => plan.undecided.some((one) => sameSubject(one, finding));
  const told = (finding: PolicyFinding) =>
    plan.findings.some((one) => sameSubject(one, finding) && one.message === finding.message);
  const fromState = state.findings.filter((finding) => open(finding) && !told(finding));
  return {
    findings: [...plan.findings, ...fromState].sort(bySeverity),
    cured: state.findings.filter((finding) => !open(finding) && !told(finding)),
    remediations: plan.remediations,
    undecided: plan.undecided,
  };
}

/** Whether an environment may be as its findings say. */
export function judgeFindings(findings: readonly PolicyFinding[]): Decision<"pass" | "fail"> {
  const mandatory = findings.filter(({ level }) => level === "mandatory");
  return {
    verdict: mandatory.length > 0 ? "fail" : "pass",
    reasons: mandatory.map(({ rule, resource, message }) => `${rule}: ${message}${resource ? ` (${resource})` : ""}`),
  };
}

/** Rules that judge the whole stack stop without a resource: then all that they found in the state counts. */
function sameSubject(one: Observation, other: Observation): boolean {
  return (
    one.rule === other.rule &&
    (one.urn === other.urn || one.resource.startsWith("pulumi:pulumi:Stack ") || one.urn === "")
  );
}

/** Mandatory first, then the most severe, then by rule and resource. */
export function bySeverity(one: PolicyFinding, other: PolicyFinding): number {
  const rank = ({ level, severity }: PolicyFinding) =>
    (level === "mandatory" ? 0 : severities.length) + severities.indexOf(severity);
  return rank(one) - rank(other) || one.rule.localeCompare(other.rule) || one.urn.localeCompare(other.urn);
}
