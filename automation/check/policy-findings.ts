import type { EngineEvent } from "@pulumi/pulumi/automation";
import { clean, nameOf } from "../stack/engine-log";

/** What the policy pack says of a rule, as far as reports show it. */
export interface RuleMetadata {
  readonly name: string;
  /** Demand and reason; the engine puts it before each message. */
  readonly description: string;
  readonly displayName: string;
  readonly severity: "low" | "medium" | "high" | "critical";
  readonly remediationSteps: string;
  readonly url: string;
  readonly framework: { readonly name: string; readonly reference: string };
}

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
  readonly severity: RuleMetadata["severity"];
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

/** The typings of the Automation API know violations only. */
type PolicyEngineEvent = EngineEvent & {
  readonly policyRemediationEvent?: { readonly policyName: string; readonly resourceUrn?: string };
};

const stopped = /^can't run (?:policy|remediation) '.*?' from policy pack '.*?' during preview: (.*)$/s;
const severities = ["critical", "high", "medium", "low"] as const;

/** What policies said in an operation of the engine. Says each thing once, although the engine may repeat it. */
export function readEvents(
  events: readonly EngineEvent[],
  rules: readonly RuleMetadata[],
  source: PolicyFinding["source"],
): PolicyEvents {
  const findings: PolicyFinding[] = [];
  const remediations: Observation[] = [];
  const undecided: Undecided[] = [];
  for (const { policyEvent, policyRemediationEvent } of events as readonly PolicyEngineEvent[]) {
    if (policyRemediationEvent)
      remediations.push(
        about(policyRemediationEvent.policyName, policyRemediationEvent.resourceUrn, "would be rewritten by the rule"),
      );
    if (!policyEvent) continue;
    const { policyName, resourceUrn, enforcementLevel } = policyEvent;
    const text = clean(policyEvent.message);
    const reason = stopped.exec(text)?.[1];
    if (reason !== undefined) undecided.push(about(policyName, resourceUrn, reason));
    else
      findings.push(
        findingOf(
          rules.find(({ name }) => name === policyName),
          about(policyName, resourceUrn, text),
          enforcementLevel === "mandatory" ? "mandatory" : "advisory",
          source,
        ),
      );
  }
  return {
    findings: distinct(findings).sort(bySeverity),
    remediations: distinct(remediations),
    undecided: distinct(undecided),
  };
}

function about(rule: string, urn = "", message: string): Observation {
  return { rule, urn, resource: urn ? nameOf(urn) : "", message };
}

/** A rule of another pack has no metadata here: then its message says all that is known. */
function findingOf(
  rule: RuleMetadata | undefined,
  observation: Observation,
  level: PolicyFinding["level"],
  source: PolicyFinding["source"],
): PolicyFinding {
  const { description = "", remediationSteps = "", severity = "medium", url = "" } = rule ?? {};
  const message = observation.message.replace(description, "").trim();
  return {
    ...observation,
    message:
      remediationSteps && message.endsWith(remediationSteps)
        ? message.slice(0, -remediationSteps.length).trim()
        : message,
    severity,
    level,
    remediation: remediationSteps,
    url,
    source,
  };
}

/**
 * Plan and state together. The plan counts: what it does not violate is mended by it. Only where it was stopped by something
 * unknown the state counts instead; what is not in the state yet stays undecided until it is.
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

/** Rules that judge the whole stack stop without a resource: then all that they found in the state counts. */
function sameSubject(one: Observation, other: Observation): boolean {
  return (
    one.rule === other.rule &&
    (one.urn === other.urn || nameOf(one.urn).startsWith("pulumi:pulumi:Stack ") || one.urn === "")
  );
}

function bySeverity(one: PolicyFinding, other: PolicyFinding): number {
  const rank = ({ level, severity }: PolicyFinding) =>
    (level === "mandatory" ? 0 : severities.length) + severities.indexOf(severity);
  return rank(one) - rank(other) || one.rule.localeCompare(other.rule) || one.urn.localeCompare(other.urn);
}

function distinct<Item extends Observation>(items: readonly Item[]): Item[] {
  return [...new Map(items.map((item) => [JSON.stringify([item.rule, item.urn, item.message]), item])).values()];
}
