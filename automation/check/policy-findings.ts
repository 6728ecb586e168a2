import type { EngineEvent } from "@pulumi/pulumi/automation";
import {
  bySeverity,
  type Observation,
  type PolicyEvents,
  type PolicyFinding,
  type Severity,
  type Undecided,
} from "../../lifecycle/policy-findings";
import { clean, nameOf } from "../stack/engine-log";

/** What the policy pack says of a rule, as far as reports show it. */
export interface RuleMetadata {
  readonly name: string;
  /** Demand and reason; the engine puts it before each message. */
  readonly description: string;
  readonly displayName: string;
  readonly severity: Severity;
  readonly remediationSteps: string;
  readonly url: string;
  readonly framework: { readonly name: string; readonly reference: string };
}

/** The typings of the Automation API know violations only. */
type PolicyEngineEvent = EngineEvent & {
  readonly policyRemediationEvent?: { readonly policyName: string; readonly resourceUrn?: string };
};

const stopped = /^can't run (?:policy|remediation) '.*?' from policy pack '.*?' during preview: (.*)$/s;

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

function distinct<Item extends Observation>(items: readonly Item[]): Item[] {
  return [...new Map(items.map((item) => [JSON.stringify([item.rule, item.urn, item.message]), item])).values()];
}
