import { createHash } from "node:crypto";
import type { PolicyFinding } from "../../lifecycle/policy-findings";
import type { CheckReport } from "./check";
import type { RuleMetadata } from "./policy-findings";

/** GitHub sorts security results by this number (code scanning, "SARIF support"). */
const securitySeverity = { critical: "9.5", high: "8.0", medium: "5.0", low: "2.0" } as const;

/**
 * The report as SARIF 2.1.0, which code scanning services read. A policy sees resources, not lines of a program, so
 * each result points to the settings of its stack and names the resource as a logical location.
 */
export function sarifOf(report: CheckReport, rules: readonly RuleMetadata[]): object {
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "peregrine check",
            version: report.policyPack,
            semanticVersion: report.policyPack,
            rules: rules.map(ruleOf),
          },
        },
        // One category per stack: results of one do not close those of another.
        automationDetails: { id: `peregrine-check/${report.environment}/` },
        invocations: [{ executionSuccessful: true, exitCode: report.verdict === "pass" ? 0 : 1 }],
        results: report.findings.map((finding) => resultOf(finding, report.environment, rules)),
        properties: { verdict: report.verdict, cured: report.cured.length, undecided: report.undecided.length },
      },
    ],
  };
}

function ruleOf({ description, displayName, framework, name, remediationSteps, severity, url }: RuleMetadata): object {
  return {
    id: name,
    name: name.replace(/(^|-)(\w)/g, (_, _hyphen, letter: string) => letter.toUpperCase()),
    shortDescription: { text: displayName },
    fullDescription: { text: description },
    help: { text: remediationSteps, markdown: `${remediationSteps}\n\n[More](${url})` },
    helpUri: url,
    defaultConfiguration: { level: "error" },
    properties: {
      tags: ["security", framework.reference],
      "security-severity": securitySeverity[severity],
      precision: "very-high",
    },
  };
}

function resultOf(
  { level, message, remediation, resource, rule, source, urn }: PolicyFinding,
  environment: string,
  rules: readonly RuleMetadata[],
): object {
  const ruleIndex = rules.findIndex(({ name }) => name === rule);
  return {
    ruleId: rule,
    ...(ruleIndex < 0 ? {} : { ruleIndex }),
    kind: "fail",
    level: level === "mandatory" ? "error" : "warning",
    message: { text: `${resource || `Stack ${environment}`}: ${[message, remediation].filter(Boolean).join(" ")}` },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri: `Pulumi.${environment}.yaml` }, region: { startLine: 1 } },
        logicalLocations: [{ name: resource || environment, fullyQualifiedName: urn || environment, kind: "resource" }],
      },
    ],
    partialFingerprints: {
      "peregrineFinding/v1": createHash("sha256")
        .update(JSON.stringify([environment, rule, urn, message]))
        .digest("hex"),
    },
    properties: { source },
  };
}
