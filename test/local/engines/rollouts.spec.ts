import assert from "node:assert/strict";
import fc from "fast-check";
import { Fleet } from "../../../local/engines/fleets/fleet";
import { trafficPlan } from "../../../local/engines/rollouts/plan";
import { Router } from "../../../local/engines/rollouts/router";

const blueGreen = (routing: object, TerminationWaitInSeconds = 0) => ({ BlueGreenUpdatePolicy: { TrafficRoutingConfiguration: routing, TerminationWaitInSeconds } });

describe("the traffic plan of an update", () => {
  const shares = (deployment: object | undefined, instances: number): number[] => trafficPlan(deployment, instances).map((step) => Math.round(step.greenShare * 1000) / 1000);

  it("moves all traffic at once without a deployment configuration", () => {
    assert.deepEqual(shares(undefined, 4), [1]);
    assert.equal(trafficPlan(blueGreen({ Type: "ALL_AT_ONCE" }, 300), 4)[0]!.waitSeconds, 300);
  });

  it("takes a canary by count or per cent, never less than one instance", () => {
    assert.deepEqual(shares(blueGreen({ Type: "CANARY", CanarySize: { Type: "INSTANCE_COUNT", Value: 1 } }), 4), [0.25, 1]);
    assert.deepEqual(shares(blueGreen({ Type: "CANARY", CanarySize: { Type: "CAPACITY_PERCENT", Value: 10 } }), 4), [0.25, 1]);
  });

  it("goes in equal steps when linear", () => {
    assert.deepEqual(shares(blueGreen({ Type: "LINEAR", LinearStepSize: { Type: "CAPACITY_PERCENT", Value: 10 } }), 10), [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]);
  });

  it("grows from step to step and ends with everything on the new fleet, whatever was asked", () => {
    fc.assert(
      fc.property(fc.constantFrom("ALL_AT_ONCE", "CANARY", "LINEAR"), fc.integer({ min: 1, max: 100 }), fc.constantFrom("INSTANCE_COUNT", "CAPACITY_PERCENT"), fc.integer({ min: 1, max: 30 }), (Type, Value, size, instances) => {
        const plan = trafficPlan(blueGreen({ Type, CanarySize: { Type: size, Value }, LinearStepSize: { Type: size, Value } }), instances);
        assert.equal(plan.at(-1)!.greenShare, 1);
        for (let index = 1; index < plan.length; index++) assert.ok(plan[index]!.greenShare >= plan[index - 1]!.greenShare);
        assert.ok(plan.length <= instances + 1);
      }),
    );
  });
});

describe("the router of an endpoint", () => {
  const fleet = (config: string): Fleet => new Fleet(config, ["champion", "challenger"].map((name) => ({ name, instances: 1, routing: "RANDOM", healthCheckMs: 1, start: () => assert.fail("nothing is started here") })));

  it("draws variants by weight, never one of weight zero, and obeys a target", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 }), (draw, a, b) => {
        const router = new Router(() => draw);
        router.serve(fleet("x"), new Map([["champion", a], ["challenger", b]]));
        const chosen = router.route()!.variant;
        if (a + b > 0) assert.ok((chosen === "champion" ? a : b) > 0);
        assert.equal(router.route("challenger")!.variant, "challenger");
        assert.equal(router.route("other"), undefined);
      }),
    );
  });

  it("shares traffic with a new fleet and takes it back", () => {
    const draws = [0.05, 0, 0.95, 0];
    const router = new Router(() => draws.shift() ?? 0);
    const weights = new Map([["champion", 1]]);
    router.serve(fleet("old"), weights);
    router.shift(fleet("new"), weights, 0.1);
    assert.equal(router.route()!.configName, "new");
    assert.equal(router.route()!.configName, "old");
    router.revert();
    assert.equal(router.route()!.configName, "old");
  });
});
