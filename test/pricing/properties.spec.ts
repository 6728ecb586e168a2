import { strict as assert } from "node:assert";
import fc from "fast-check";
import { priceJson } from "../../insight/cost";
import { priceTable } from "../../pricing/table";
import type { PlannedResource } from "../../pricing/pricer";
import { priceOf, resource } from "./recorded";

/** Resources of many kinds; scaling targets are left out, since they let a fleet shrink below what it starts with. */
const kinds: readonly (readonly [type: string, inputs: Readonly<Record<string, unknown>>])[] = [
  ["aws:cloudwatch/dashboard:Dashboard", {}],
  ["aws:cloudtrail/trail:Trail", {}],
  ["aws:budgets/budgetAction:BudgetAction", {}],
  ["aws:kms/key:Key", {}],
  ["aws:s3/bucket:Bucket", {}],
  ["aws:ec2/natGateway:NatGateway", {}],
  ["aws:ec2/vpcEndpoint:VpcEndpoint", { vpcEndpointType: "Interface", subnetIds: ["a", "b"] }],
  ["aws:cloudwatch/metricAlarm:MetricAlarm", { period: 60 }],
  ["aws:iam/role:Role", {}],
  ["aws:sagemaker/space:Space", {}],
  [
    "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
    { productionVariants: [{ instanceType: "ml.g5.xlarge", initialInstanceCount: 2 }] },
  ],
];
const stacks = fc
  .array(fc.constantFrom(...kinds), { maxLength: 30 })
  .map((chosen) => chosen.map(([type, inputs], index): PlannedResource => resource(type, inputs, `r${index}`)));
const instances = (count: number) => [
  resource("aws:sagemaker/endpointConfiguration:EndpointConfiguration", {
    name: "live",
    productionVariants: [{ variantName: "champion", instanceType: "ml.g5.xlarge", initialInstanceCount: count }],
  }),
  resource("aws:sagemaker/endpoint:Endpoint", { name: "detector", endpointConfigName: "live" }),
];

describe("prices of stacks, whatever is in them", () => {
  it("never fall by one resource more", () => {
    fc.assert(
      fc.property(stacks, fc.constantFrom(...kinds), fc.nat(), ([...stack], [type, inputs], place) => {
        const more = [...stack];
        more.splice(place % (stack.length + 1), 0, resource(type, inputs, `a${place}`));
        assert(priceOf(more).monthlyUsd >= priceOf(stack).monthlyUsd - 1e-9);
      }),
    );
  });

  it("do not depend on the order of the resources", () => {
    fc.assert(
      fc.property(stacks, (stack) =>
        assert(Math.abs(priceOf([...stack].reverse()).monthlyUsd - priceOf(stack).monthlyUsd) < 1e-9),
      ),
    );
  });

  it("grow with the number of instances, by the same for each", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), (count) => {
        const one = priceOf(instances(1), { requestsPerMonth: 0 }).monthlyUsd;
        assert(Math.abs(priceOf(instances(count), { requestsPerMonth: 0 }).monthlyUsd - count * one) < 1e-6);
      }),
    );
  });

  it("never fall with more use", () => {
    fc.assert(
      fc.property(stacks, fc.double({ min: 1, max: 50, noNaN: true }), (stack, factor) =>
        assert(
          priceOf(stack, { bucketGB: 50 * factor, studioHoursPerMonth: 80 * factor }).monthlyUsd >=
            priceOf(stack).monthlyUsd - 1e-9,
        ),
      ),
    );
  });

  it("are rounded once, at the end: the sum is that of exact parts", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), (count) => {
        // Each queue costs 0.0004 USD: rounded one by one they would all be nothing.
        const price = priceOf(
          Array.from({ length: count }, (_, index) => resource("aws:sqs/queue:Queue", {}, `q${index}`)),
          { queueRequestsPerMonth: 1000 },
        );
        const shown = priceJson({ environment: "dev", region: "eu-central-1", price }, priceTable);
        assert.equal(shown["monthlyUsd"], Math.round(count * 0.04) / 100);
      }),
    );
  });
});
