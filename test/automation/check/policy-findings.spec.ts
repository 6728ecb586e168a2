import assert from "node:assert/strict";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import { readEvents, type RuleMetadata } from "../../../automation/check/policy-findings";
import { combine, judgeFindings, type PolicyEvents } from "../../../lifecycle/policy-findings";

const rule = (name: string, severity: RuleMetadata["severity"]): RuleMetadata => ({
  name,
  severity,
  description: `${name}, and why.`,
  displayName: `${name}.`,
  remediationSteps: `Mend ${name}.`,
  url: `https://example.org/${name}`,
  framework: { name: "F", reference: "F.1" },
});
const rules = [rule("keys", "critical"), rule("tags", "high"), rule("logs", "low")];
const key = "urn:pulumi:dev::shop::a:b:C$aws:kms/key:Key::key";
const topic = "urn:pulumi:dev::shop::aws:sns/topic:Topic::alerts";

let sequence = 0;
function violation(
  policyName: string,
  resourceUrn: string | undefined,
  message: string,
  enforcementLevel = "mandatory",
): EngineEvent {
  return {
    sequence: (sequence += 1),
    timestamp: 0,
    policyEvent: {
      policyName,
      resourceUrn,
      message,
      enforcementLevel,
      color: "",
      policyPackName: "p",
      policyPackVersion: "1",
      policyPackVersionTag: "1",
    },
  } as unknown as EngineEvent;
}
const said = (name: string, text: string) => `<{%fg 1%}>${name}, and why.\n${text} Mend ${name}.<{%reset%}>`;
const stopped = (name: string, urn?: string) =>
  violation(
    name,
    urn,
    `can't run policy '${name}' from policy pack 'p@v1' during preview: string value at .x can't be known during preview`,
    "advisory",
  );
const plan = (...events: EngineEvent[]): PolicyEvents => readEvents(events, rules, "plan");
const state = (...events: EngineEvent[]): PolicyEvents => readEvents(events, rules, "state");

describe("findings of policies", () => {
  it("hold what was found apart from what is demanded and from what to do", () => {
    const [finding] = plan(violation("keys", key, said("keys", "The key does not rotate."))).findings;
    assert.deepEqual(finding, {
      rule: "keys",
      urn: key,
      resource: "aws:kms/key:Key key",
      message: "The key does not rotate.",
      severity: "critical",
      level: "mandatory",
      remediation: "Mend keys.",
      url: "https://example.org/keys",
      source: "plan",
    });
  });

  it("come once, the mandatory and the severe first", () => {
    const { findings } = plan(
      violation("logs", key, said("logs", "a")),
      violation("tags", topic, said("tags", "b"), "advisory"),
      violation("keys", key, said("keys", "c")),
      violation("keys", key, said("keys", "c")),
    );
    assert.deepEqual(
      findings.map(({ rule: name, level }) => [name, level]),
      [
        ["keys", "mandatory"],
        ["logs", "mandatory"],
        ["tags", "advisory"],
      ],
    );
  });

  it("of another pack are shown as they come", () => {
    const [finding] = plan(violation("theirs", undefined, "Something is wrong")).findings;
    assert.deepEqual(
      [finding!.message, finding!.severity, finding!.resource, finding!.remediation],
      ["Something is wrong", "medium", "", ""],
    );
  });

  it("are not what an unknown value stopped", () => {
    const events = plan(stopped("keys", key));
    assert.deepEqual(events.findings, []);
    assert.deepEqual(events.undecided, [
      {
        rule: "keys",
        urn: key,
        resource: "aws:kms/key:Key key",
        message: "string value at .x can't be known during preview",
      },
    ]);
  });

  it("tell what was rewritten", () => {
    assert.deepEqual(
      plan({
        policyRemediationEvent: { policyName: "tags", resourceUrn: topic },
      } as unknown as EngineEvent).remediations.map(({ rule: name, resource }) => [name, resource]),
      [["tags", "aws:sns/topic:Topic alerts"]],
    );
  });
});

describe("plan and state together", () => {
  const inState = state(violation("keys", key, said("keys", "The key does not rotate.")));

  it("count a violation of the state where the plan was stopped", () => {
    const { findings, cured } = combine(plan(stopped("keys", key)), inState);
    assert.deepEqual(
      findings.map(({ rule: name, source }) => [name, source]),
      [["keys", "state"]],
    );
    assert.deepEqual(cured, []);
  });

  it("do not count it where the plan mends it", () => {
    const { findings, cured } = combine(plan(), inState);
    assert.deepEqual(findings, []);
    assert.deepEqual(
      cured.map(({ rule: name }) => name),
      ["keys"],
    );
  });

  it("do not take one resource's unknown for another's", () => {
    assert.deepEqual(combine(plan(stopped("keys", topic)), inState).findings, []);
    assert.deepEqual(combine(plan(stopped("tags", key)), inState).findings, []);
  });

  it("count all of the state where a rule about the whole stack was stopped", () => {
    assert.equal(combine(plan(stopped("keys")), inState).findings.length, 1);
    assert.equal(
      combine(plan(stopped("keys", "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev")), inState).findings.length,
      1,
    );
  });

  it("pass unless something mandatory is violated, and say what", () => {
    const { findings } = combine(plan(stopped("keys", key)), inState);
    assert.deepEqual(judgeFindings(findings), {
      verdict: "fail",
      reasons: [`keys: ${findings[0]!.message} (aws:kms/key:Key ${key.split("::").at(-1)})`],
    });
    assert.equal(judgeFindings(findings.map((one) => ({ ...one, level: "advisory" }))).verdict, "pass");
  });

  it("say once what both see", () => {
    const both = combine(plan(violation("keys", key, said("keys", "The key does not rotate."))), inState);
    assert.deepEqual(
      both.findings.map(({ source }) => source),
      ["plan"],
    );
    assert.deepEqual(both.cured, []);
  });
});
