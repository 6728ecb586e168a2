import assert from "node:assert/strict";
import { levelOf } from "../../policies/config";
import { rules } from "../../policies/rules";
import { environments } from "../../contract/environments";
import { partsOf, providerOf } from "../support/graph";
import { type Recorder, record } from "../support/mocks";
import { judge, judgeStack } from "../support/policy";
import { runProgram } from "../support/program";
import { releaseOf } from "../support/scope";

/** Every violation that the rules of an environment find in what its program registers. */
function violationsIn(recorder: Recorder, environment: string): string[] {
  const active = rules.filter(({ name }) => levelOf(environment, name) !== "disabled");
  const single = recorder.resources.flatMap((resource) =>
    active.flatMap((rule) => {
      const { violations } = judge(rule, resource.type, resource.inputs, {
        environment,
        name: resource.name,
        providerProps: providerOf(recorder, resource),
      });
      return violations.map((text) => `${rule.name}, ${resource.name}: ${text}`);
    }),
  );
  const whole = active
    .filter(({ validateStack }) => validateStack)
    .flatMap((rule) => judgeStack(rule, partsOf(recorder), { environment }).map((text) => `${rule.name}, ${text}`));
  return [...single, ...whole];
}

describe("the program under its own policies", () => {
  for (const environment of environments)
    for (const released of [false, true])
      it(`has no violation in ${environment}${released ? ", serving a release" : ""}`, async () => {
        const recorder = await record(environment, {
          parameters: released ? { [`/peregrine/${environment}/release`]: JSON.stringify(releaseOf()) } : {},
        });
        await runProgram(environment);
        assert.deepEqual(violationsIn(recorder, environment), []);
      });

  it("has no violation in prod with all that its front door can fall back to", async () => {
    const release = { ...releaseOf(), kept: [releaseOf("b")] };
    const recorder = await record("prod", { parameters: { "/peregrine/prod/release": JSON.stringify(release) } });
    await runProgram("prod", { "peregrine:frontDoorStandby": "warm", "peregrine:frontDoorSmallModel": "instance" });
    const endpoints = recorder.resources.filter(({ type }) => type === "aws:sagemaker/endpoint:Endpoint");
    assert.deepEqual(endpoints.map(({ inputs }) => inputs["name"] as string).sort(), [
      "peregrine-prod-detector",
      "peregrine-prod-detector-small",
      "peregrine-prod-detector-standby",
    ]);
    assert.deepEqual(violationsIn(recorder, "prod"), []);
  });

  for (const environment of environments)
    it(`has no violation in ${environment} where it heals and escalates`, async () => {
      const recorder = await record(environment, {
        parameters: { [`/peregrine/${environment}/release`]: JSON.stringify(releaseOf()) },
      });
      await runProgram(environment, {
        "peregrine:remediation": "on",
        "peregrine:escalation": '["* critical 15 mailto:lead@example.org"]',
      });
      assert.deepEqual(violationsIn(recorder, environment), []);
    });
});
