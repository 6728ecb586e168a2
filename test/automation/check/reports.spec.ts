import assert from "node:assert/strict";
import type { CheckReport } from "../../../automation/check/check";
import { checkText } from "../../../automation/check/text";
import type { RuleMetadata } from "../../../automation/check/policy-findings";
import { sarifOf } from "../../../automation/check/sarif";
import type { PolicyFinding } from "../../../lifecycle/policy-findings";

const rules: RuleMetadata[] = (["critical", "low"] as const).map((severity) => ({
  name: `rule-${severity}`,
  severity,
  description: "Demand. Reason.",
  displayName: "Demand.",
  remediationSteps: "Mend it.",
  url: "https://example.org/rule",
  framework: { name: "F", reference: "F.1" },
}));
const urn = "urn:pulumi:prod::peregrine::aws:kms/key:Key::key";
const finding = (change: Partial<PolicyFinding> = {}): PolicyFinding => ({
  rule: "rule-critical",
  urn,
  resource: "aws:kms/key:Key key",
  message: "The key does not rotate.",
  severity: "critical",
  level: "mandatory",
  remediation: "Mend it.",
  url: "https://example.org/rule",
  source: "plan",
  ...change,
});
const report = (change: Partial<CheckReport> = {}): CheckReport => ({
  schema: "peregrine.check/1",
  environment: "prod",
  policyPack: "1.2.3",
  verdict: "fail",
  findings: [finding(), finding({ rule: "rule-low", urn: "", resource: "", level: "advisory", source: "state" })],
  cured: [],
  remediations: [],
  undecided: [],
  changes: { same: 5, create: 2 },
  ...change,
});

describe("a check as text", () => {
  it("lists every violation with its cure, and ends with the verdict", () => {
    assert.equal(
      checkText(report()),
      `FAIL  rule-critical (critical): aws:kms/key:Key key
      The key does not rotate.
      Mend it.
      https://example.org/rule

warn  rule-low (critical): the stack, as the state has it
      The key does not rotate.
      Mend it.
      https://example.org/rule

prod: FAIL under policy pack 1.2.3: 1 mandatory violation, 1 advisory; plan: 2 create
`,
    );
  });

  it("tells what the plan mends, what was rewritten and what is not known yet", () => {
    const about = { rule: "rule-low", urn, resource: "aws:kms/key:Key key", message: "x" };
    const text = checkText(
      report({
        verdict: "pass",
        findings: [],
        cured: [finding()],
        remediations: [about],
        undecided: [about, about],
        changes: {},
      }),
    );
    assert.match(
      text,
      /The plan mends what the state violates today:\n {2}rule-critical: aws:kms\/key:Key key: The key does not rotate\./,
    );
    assert.match(text, /Rewritten on the way:\n {2}rule-low/);
    assert.match(text, /Not known before the next update[^\n]*\n {2}rule-low: 2 resources/);
    assert.match(text, /prod: PASS under policy pack 1\.2\.3: 0 mandatory violations, 0 advisory; plan: no changes\n$/);
  });
});

/** What the schema of SARIF 2.1.0 (OASIS) demands, as far as we use it: required members, types and enumerations. */
function problemsOf(log: any): string[] {
  const problems: string[] = [];
  const must = (ok: unknown, what: string) => void (ok || problems.push(what));
  const message = (value: any, where: string) =>
    must(typeof value?.text === "string" && value.text !== "", `${where} needs a text`);
  must(
    log.version === "2.1.0" && /sarif.*2\.1\.0/.test(log.$schema) && Array.isArray(log.runs) && log.runs.length > 0,
    "version, $schema and runs",
  );
  for (const run of log.runs) {
    const { driver } = run.tool;
    must(typeof driver.name === "string" && driver.name !== "", "tool.driver.name");
    must(!driver.semanticVersion || /^\d+\.\d+\.\d+/.test(driver.semanticVersion), "semanticVersion");
    must(new Set(driver.rules.map((rule: any) => rule.id)).size === driver.rules.length, "rules are unique");
    for (const rule of driver.rules) {
      must(typeof rule.id === "string", "rule.id");
      for (const member of ["shortDescription", "fullDescription", "help"]) message(rule[member], `rule.${member}`);
      must(/^https?:/.test(rule.helpUri), "rule.helpUri");
      must(["none", "note", "warning", "error"].includes(rule.defaultConfiguration.level), "rule level");
      must(
        Number(rule.properties["security-severity"]) > 0 && Number(rule.properties["security-severity"]) <= 10,
        "security-severity",
      );
    }
    for (const invocation of run.invocations)
      must(typeof invocation.executionSuccessful === "boolean", "invocation.executionSuccessful");
    for (const result of run.results) {
      message(result.message, "result.message");
      must(["none", "note", "warning", "error"].includes(result.level), "result.level");
      must(["notApplicable", "pass", "fail", "review", "open", "informational"].includes(result.kind), "result.kind");
      must(
        result.ruleIndex === undefined || driver.rules[result.ruleIndex]?.id === result.ruleId,
        "ruleIndex points to ruleId",
      );
      for (const location of result.locations) {
        must(
          typeof location.physicalLocation.artifactLocation.uri === "string" &&
            !/^\/|\s/.test(location.physicalLocation.artifactLocation.uri),
          "a relative uri",
        );
        must(location.physicalLocation.region.startLine >= 1, "startLine");
        for (const logical of location.logicalLocations)
          must(logical.name && logical.fullyQualifiedName, "logicalLocation");
      }
      for (const value of Object.values(result.partialFingerprints)) must(typeof value === "string", "fingerprint");
    }
  }
  return problems;
}

describe("a check as SARIF", () => {
  it("is SARIF 2.1.0", () => assert.deepEqual(problemsOf(JSON.parse(JSON.stringify(sarifOf(report(), rules)))), []));

  it("would not be with a result that names no message", () => {
    assert.deepEqual(
      problemsOf({
        version: "2.1.0",
        $schema: "sarif-2.1.0",
        runs: [
          {
            tool: { driver: { name: "x", rules: [] } },
            invocations: [],
            results: [{ level: "error", kind: "fail", locations: [], partialFingerprints: {} }],
          },
        ],
      }),
      ["result.message needs a text"],
    );
  });

  it("has the rules, the results with their resources, and one category per stack", () => {
    const [run] = (sarifOf(report(), rules) as any).runs;
    assert.deepEqual(
      run.tool.driver.rules.map(({ id, name, properties }: any) => [id, name, properties["security-severity"]]),
      [
        ["rule-critical", "RuleCritical", "9.5"],
        ["rule-low", "RuleLow", "2.0"],
      ],
    );
    assert.deepEqual(
      run.results.map(({ ruleId, ruleIndex, level }: any) => [ruleId, ruleIndex, level]),
      [
        ["rule-critical", 0, "error"],
        ["rule-low", 1, "warning"],
      ],
    );
    assert.equal(run.results[0].message.text, "aws:kms/key:Key key: The key does not rotate. Mend it.");
    assert.equal(run.results[0].locations[0].logicalLocations[0].fullyQualifiedName, urn);
    assert.equal(run.automationDetails.id, "peregrine-check/prod/");
  });

  it("gives a finding the same fingerprint every time, and another to another", () => {
    const prints = (one: CheckReport) =>
      (sarifOf(one, rules) as any).runs[0].results.map(
        (result: any) => result.partialFingerprints["peregrineFinding/v1"],
      );
    assert.deepEqual(prints(report()), prints(report()));
    assert.equal(new Set([...prints(report()), ...prints(report({ environment: "dev" }))]).size, 4);
  });
});
