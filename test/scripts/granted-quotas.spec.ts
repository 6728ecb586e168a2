import { strict as assert } from "node:assert";
import { doctorSettings } from "../../automation/doctor/settings";
import { endpointNeeds, jobNeeds, judgeQuotas } from "../../lifecycle/health/quotas";
import { grantedQuotas } from "../../scripts/commands/local-daemon";
import { stackConfig } from "../support/program";

describe("quotas of the local cloud's account", () => {
  const quotas = new Map(Object.entries(grantedQuotas).map(([name, value]) => [name, { code: "L-0", value }]));

  for (const stack of ["dev", "staging", "prod"])
    it(`are enough for ${stack} as its settings are`, () => {
      const settings = doctorSettings(
        Object.fromEntries(
          Object.entries(stackConfig(stack)).map(([key, value]) => [key.replace(/^peregrine:/, ""), value]),
        ),
        stack,
      );
      assert.equal(
        judgeQuotas([...endpointNeeds(settings), ...jobNeeds(settings)], quotas, { region: "eu-central-1" }, true)
          .level,
        "ok",
      );
    });
});
