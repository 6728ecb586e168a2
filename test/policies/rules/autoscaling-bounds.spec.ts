import assert from "node:assert/strict";
import { autoscalingBounds as rule } from "../../../policies/rules/autoscaling-bounds";
import { describeRule, judgeStack, unknownText } from "../../support/policy";

const target = "aws:appautoscaling/target:Target";
const endpoint = { type: "aws:sagemaker/endpoint:Endpoint", name: "detector", props: { name: "shop" } };
const bounds = (minCapacity: unknown, maxCapacity: unknown) => ({
  serviceNamespace: "sagemaker",
  minCapacity,
  maxCapacity,
});
const prod = { environment: "prod" };

describeRule(
  rule,
  {
    refuses: {
      "an endpoint of prod that may shrink to one": [target, bounds(1, 4), /may shrink to 1, fewer than 2/, prod],
      "an endpoint that may grow without measure": [target, bounds(2, 100), /may grow to 100, more than 10/, prod],
      "bounds that cross": [target, bounds(6, 4), /shrinks to no fewer than 6 but grows to no more than 4/, prod],
    },
    accepts: {
      "bounds within the environment's": [target, bounds(2, 6), , prod],
      "one instance in dev": [target, bounds(1, 1)],
      "other services": [target, { serviceNamespace: "dynamodb", minCapacity: 1, maxCapacity: 1000 }],
    },
    ignores: ["aws:appautoscaling/policy:Policy"],
    stoppedBy: { "a bound that a preview does not know": [target, bounds(unknownText, 1), /minCapacity/] },
  },
  () => {
    it("refuses an endpoint that nothing scales", () => {
      assert.match(judgeStack(rule, [endpoint]).join(), /^detector: Nothing scales the endpoint/);
      assert.equal(
        judgeStack(rule, [endpoint, { type: target, props: { resourceId: "endpoint/shopping/variant/a" } }]).length,
        1,
      );
    });

    const started = (initialInstanceCount: number) => ({
      type: "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
      name: "config",
      props: { name: "one", productionVariants: [{ initialInstanceCount }] },
    });
    const serves = { ...endpoint, props: { name: "shop", endpointConfigName: "one" } };

    it("lets an endpoint of one instance stay as it is, where one is enough", () => {
      assert.deepEqual(judgeStack(rule, [serves, started(1)], { environment: "dev" }), []);
      assert.equal(judgeStack(rule, [serves, started(2)], { environment: "dev" }).length, 1);
      assert.equal(judgeStack(rule, [serves, started(1)], prod).length, 1);
    });

    it("lets the front door's fallbacks keep their size, within what is granted, and nothing else", () => {
      const named = (name: string, count: number) => [{ ...serves, props: { ...serves.props, name } }, started(count)];
      for (const rung of ["standby", "small"])
        for (const count of [1, 2, 10])
          assert.deepEqual(judgeStack(rule, named(`peregrine-prod-detector-${rung}`, count), prod), []);
      for (const count of [0, 11])
        assert.match(
          judgeStack(rule, named("peregrine-prod-detector-small", count), prod).join(),
          new RegExp(`^detector: The front door's fallback starts ${count} instances; 1 to 10 are granted`),
        );
      for (const other of ["peregrine-prod-detector", "peregrine-prod-detector-tiny", "shop-small"])
        assert.match(judgeStack(rule, named(other, 1), prod).join(), /Nothing scales the endpoint/);
    });

    it("refuses a fallback of unknown size", () => {
      const props = { ...serves.props, name: "peregrine-prod-detector-small" };
      assert.match(judgeStack(rule, [{ ...serves, props }], prod).join(), /starts an unknown number of instances/);
    });

    it("is content with one that scales, before and after names are known", () => {
      assert.deepEqual(
        judgeStack(rule, [endpoint, { type: target, props: { resourceId: "endpoint/shop/variant/champion" } }]),
        [],
      );
      assert.deepEqual(
        judgeStack(rule, [
          endpoint,
          { type: target, props: { resourceId: unknownText }, from: { resourceId: [endpoint] } },
        ]),
        [],
      );
    });
  },
);
