import assert from "node:assert/strict";
import { createServer } from "node:http";
import fc from "fast-check";
import { Fleet, VariantFleet } from "../../../../../local/services/sagemaker/hosting/fleets/fleet";
import {
  activating,
  baking,
  launching,
  terminating,
  trafficPlan,
  type RolloutVariant,
} from "../../../../../local/services/sagemaker/hosting/rollouts/plan";
import type { StartContainer } from "../../../../../local/services/sagemaker/hosting/fleets/instance";
import { Router } from "../../../../../local/services/sagemaker/hosting/rollouts/router";

const blueGreen = (routing: object, TerminationWaitInSeconds = 0) => ({
  BlueGreenUpdatePolicy: { TrafficRoutingConfiguration: routing, TerminationWaitInSeconds },
});

describe("the traffic plan of an update", () => {
  const one = (instances: number): RolloutVariant[] => [{ name: "champion", instances }];
  const shares = (deployment: object | undefined, instances: number): number[] =>
    trafficPlan(deployment, one(instances)).map((step) => Math.round(step.greenShare * 1000) / 1000);

  it("moves all traffic at once without a deployment configuration", () => {
    assert.deepEqual(shares(undefined, 4), [1]);
    assert.equal(trafficPlan(blueGreen({ Type: "ALL_AT_ONCE" }, 300), one(4))[0]!.waitSeconds, 300);
  });

  it("takes a canary by count or per cent, never less than one instance", () => {
    assert.deepEqual(
      shares(blueGreen({ Type: "CANARY", CanarySize: { Type: "INSTANCE_COUNT", Value: 1 } }), 4),
      [0.25, 1],
    );
    assert.deepEqual(
      shares(blueGreen({ Type: "CANARY", CanarySize: { Type: "CAPACITY_PERCENT", Value: 10 } }), 4),
      [0.25, 1],
    );
  });

  it("counts a size for each variant by itself", () => {
    const [canary] = trafficPlan(blueGreen({ Type: "CANARY", CanarySize: { Type: "INSTANCE_COUNT", Value: 1 } }), [
      ...one(2),
      { name: "challenger", instances: 4 },
    ]);
    assert.deepEqual(
      [...canary!.capacity],
      [
        ["champion", 1],
        ["challenger", 1],
      ],
    );
    assert.equal(Math.round(canary!.greenShare * 100), 33);
  });

  it("tells its stages in AWS's words", () => {
    const [canary, last] = trafficPlan(
      blueGreen({ Type: "CANARY", WaitIntervalInSeconds: 300, CanarySize: { Type: "INSTANCE_COUNT", Value: 1 } }, 600),
      one(3),
    );
    const told = [
      launching(one(3)),
      activating(canary!),
      baking(canary!),
      activating(last!),
      baking(last!),
      terminating(one(2)),
    ].map(({ status, variants }) => `${status}: ${variants.champion!.message}`);
    assert.deepEqual(told, [
      "Creating: Launching 3 instance(s).",
      "ActivatingTraffic: Activating traffic on canary capacity of 1 instance(s).",
      "Baking: Baking for 300 seconds (WaitIntervalInSeconds) with traffic enabled on canary capacity of 1 instance(s).",
      "ActivatingTraffic: Activating traffic on full capacity of 3 instance(s).",
      "Baking: Baking for 600 seconds (TerminationWaitInSeconds) with traffic enabled on full capacity of 3 instance(s).",
      "Deleting: Terminating 2 instance(s).",
    ]);
  });

  it("goes in equal steps when linear", () => {
    assert.deepEqual(
      shares(blueGreen({ Type: "LINEAR", LinearStepSize: { Type: "CAPACITY_PERCENT", Value: 10 } }), 10),
      [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1],
    );
  });

  it("grows from step to step and ends with everything on the new fleet, whatever was asked", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("ALL_AT_ONCE", "CANARY", "LINEAR"),
        fc.integer({ min: 1, max: 100 }),
        fc.constantFrom("INSTANCE_COUNT", "CAPACITY_PERCENT"),
        fc.integer({ min: 1, max: 30 }),
        (Type, Value, size, instances) => {
          const plan = trafficPlan(
            blueGreen({ Type, CanarySize: { Type: size, Value }, LinearStepSize: { Type: size, Value } }),
            one(instances),
          );
          assert.equal(plan.at(-1)!.greenShare, 1);
          for (let index = 1; index < plan.length; index++)
            assert.ok(plan[index]!.greenShare >= plan[index - 1]!.greenShare);
          assert.ok(plan.length <= instances + 1);
        },
      ),
    );
  });
});

describe("the router of an endpoint", () => {
  const fleet = (config: string): Fleet =>
    new Fleet(
      config,
      ["champion", "challenger"].map((name) => ({
        name,
        kind: "instances",
        instances: 1,
        routing: "RANDOM",
        healthCheckMs: 1,
        start: () => assert.fail("nothing is started here"),
        sized: () => undefined,
      })),
    );

  it("draws variants by weight, never one of weight zero, and obeys a target", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.integer({ min: 0, max: 9 }),
        fc.integer({ min: 0, max: 9 }),
        (draw, a, b) => {
          const router = new Router(() => draw);
          router.serve(fleet("x"), {
            weights: new Map([
              ["champion", a],
              ["challenger", b],
            ]),
          });
          // SageMaker has no endpoint whose weights are all 0.
          if (a + b > 0) assert.ok((router.route()!.variant === "champion" ? a : b) > 0);
          assert.equal(router.route("challenger")!.variant, "challenger");
          assert.equal(router.route("other"), undefined);
        },
      ),
    );
  });

  it("shares traffic with a new fleet and takes it back", () => {
    const draws = [0.05, 0, 0.95, 0];
    const router = new Router(() => draws.shift() ?? 0);
    const split = { weights: new Map([["champion", 1]]) };
    router.serve(fleet("old"), split);
    router.shift(fleet("new"), split, 0.1);
    assert.equal(router.route()!.configName, "new");
    assert.equal(router.route()!.configName, "old");
    router.revert();
    assert.equal(router.route()!.configName, "old");
  });
});

describe("a fleet of which a part is active", () => {
  /** A container within this process. */
  const start: StartContainer = (_id, port) => {
    const server = createServer((_request, response) => response.end()).listen(port, "127.0.0.1");
    let running = true;
    const exited = new Promise<{ code: number }>((resolve) => server.once("close", () => resolve({ code: 0 })));
    const end = (): void => {
      running = false;
      server.close();
      server.closeAllConnections();
    };
    return {
      pid: process.pid,
      exited,
      running: () => running,
      tell: () => undefined,
      kill: end,
      stop: () => (end(), exited),
    };
  };

  it("sends a canary's traffic to the canary's instances only, until it takes everything", async () => {
    const green = new Fleet("new", [
      {
        name: "champion",
        kind: "instances",
        instances: 3,
        routing: "RANDOM",
        healthCheckMs: 30_000,
        start,
        sized: () => undefined,
      },
    ]);
    await green.launch();
    try {
      const router = new Router(() => 0);
      const split = { weights: new Map([["champion", 1]]) };
      router.shift(green, split, 1 / 3, new Map([["champion", 1]]));
      const pick = (): string => {
        const { fleet } = router.route()!;
        assert.ok(fleet instanceof VariantFleet);
        return fleet.pick()!.id;
      };
      const picked = (): number => new Set(Array.from({ length: 200 }, pick)).size;
      assert.equal(picked(), 1);
      router.serve(green, split);
      assert.equal(picked(), 3);
    } finally {
      await green.kill();
    }
  });
});
