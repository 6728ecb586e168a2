import assert from "node:assert/strict";
import { alertUnattended } from "../../../../insight/report/rules/alert-unattended";
import { platform } from "../../platform";
import { found, inProd, readAs, reportFacts } from "../facts";

describe("rule alert-unattended", () => {
  it("recommends to take an alert that nobody took", () => {
    const [one] = found(alertUnattended, { ...reportFacts(), platform: platform() });
    assert.equal(one!.command, "npx peregrine alert ack 0a1b2c3d --stack prod");
    assert.match(one!.why, /^models was told at 2026-11-30 07:00 UTC/);
  });

  it("is silent about what somebody looks after, and what is over", () => {
    const { alerts } = platform().environments[2]!;
    const [open] = "unread" in alerts ? [] : alerts.value;
    const taken = [
      { ...open!, acknowledged: { by: "ben", atMs: 1 } },
      { ...open!, endedMs: 1 },
    ];
    assert.deepEqual(found(alertUnattended, reportFacts(inProd((env) => ({ ...env, alerts: readAs(taken) })))), []);
  });
});
