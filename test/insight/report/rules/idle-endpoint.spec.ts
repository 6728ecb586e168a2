import assert from "node:assert/strict";
import { idleEndpoint } from "../../../../insight/report/rules/idle-endpoint";
import { found, inProd, reportFacts, withMetric } from "../facts";

const idle = reportFacts(inProd((env) => withMetric(env, { requests: [0, 0] })));

describe("rule idle-endpoint", () => {
  it("recommends to switch off what nobody asked for a whole period, and makes up no price for it", () => {
    const [one] = found(idleEndpoint, idle);
    assert.equal(one!.why, "The endpoint got no request in 30 days.");
    assert.deepEqual("unknown" in one!.value && one!.value.unknown, "the endpoint has no price in the state");
  });

  it("is silent where somebody asks, and where the platform is too young to tell", () => {
    assert.deepEqual(found(idleEndpoint, reportFacts()), []);
    const { platform } = idle;
    const young = { ...platform, window: { ...platform.window, start: "2026-11-28T12:00:00.000Z" } };
    assert.deepEqual(found(idleEndpoint, { ...idle, platform: young }), []);
  });
});
