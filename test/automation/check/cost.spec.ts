import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pricePlan, priceState, PriceUnknown, readAssumptions } from "../../../automation/check/cost";
import { UserError } from "../../../automation/errors";
import type { Environment, StateResource } from "../../../automation/stack/environment";
import { assumptions } from "../../../pricing/assumptions";
import { resource } from "../../pricing/recorded";
import { makeTemporaryFolder } from "../../support/temporary-folder";

const key = "aws:kms/key:Key";
const gateway = "aws:ec2/natGateway:NatGateway";

/** An environment with a given plan and state. */
const environment = (plan: object, state: readonly Partial<StateResource>[] = []) =>
  ({
    name: "prod",
    session: { region: "eu-central-1" },
    plan: async () => ({ settings: {}, ...plan }),
    resources: async () => state,
  }) as unknown as Environment;

describe("what an environment costs", () => {
  it("is what it will be, and the difference to what it is, resource by resource", async () => {
    const plan = {
      before: [resource(key), resource(gateway, {}, "old")],
      after: [resource(key), resource(gateway, {}, "new"), resource(gateway, {}, "newer")],
    };
    const { price, difference } = await pricePlan(environment(plan), assumptions());
    assert.equal(price.monthlyUsd.toFixed(2), "87.62");
    assert.deepEqual([difference!.wasUsd.toFixed(2), difference!.willBeUsd.toFixed(2)], ["44.46", "87.62"]);
    assert.deepEqual(
      difference!.changes.map(({ urn, change, wasUsd, willBeUsd }) => [
        urn.split("::").at(-1),
        change,
        wasUsd.toFixed(2),
        willBeUsd.toFixed(2),
      ]),
      [
        ["old", "deleted", "43.16", "0.00"],
        ["new", "created", "0.00", "43.16"],
        ["newer", "created", "0.00", "43.16"],
      ],
    );
  });

  it("of the state as it is leaves out components and what is only read", async () => {
    const { price, difference } = await priceState(
      environment({}, [
        { ...resource(key), custom: true },
        { ...resource(gateway), custom: true, external: true },
        { ...resource("peregrine:keys:EnvironmentKey"), custom: false },
      ]),
      assumptions(),
    );
    assert.deepEqual([price.resources.map(({ type }) => type), difference], [[key], undefined]);
  });

  it("is an error, with every resource that has no price", async () => {
    const error = await pricePlan(
      environment({
        before: [],
        after: [
          resource("aws:rds/instance:Instance", {}, "database"),
          resource("aws:kms/key:Key", { region: "mars-north-1" }, "far"),
        ],
      }),
      assumptions(),
    ).then(
      () => assert.fail("must be refused"),
      (reason: unknown) => reason as PriceUnknown,
    );
    assert(error instanceof PriceUnknown);
    assert.match(
      error.message,
      /prod has no price: 2 of its resources have none\.\n {2}- aws:rds\/instance:Instance database: the type is neither.*\n {2}- aws:kms\/key:Key far: there is no price kms\.key for mars-north-1/,
    );
  });
});

describe("assumptions", () => {
  const folder = makeTemporaryFolder("assumptions");
  const file = (text: string): string => {
    writeFileSync(join(folder, "ours"), text);
    return join(folder, "ours");
  };
  after(() => rmSync(folder, { recursive: true }));

  it("come from a file, JSON or YAML, and single ones go over it", () => {
    assert.equal(readAssumptions(undefined, {}).requestsPerMonth, 1_000_000);
    assert.equal(readAssumptions(file('{"requestsPerMonth": 5}'), {}).requestsPerMonth, 5);
    const given = readAssumptions(file("requestsPerMonth: 5\nbucketGB: 7\n"), { bucketGB: 8 });
    assert.deepEqual([given.requestsPerMonth, given.bucketGB, given.imageGB], [5, 8, 20]);
  });

  it("are all checked before anything runs", () => {
    assert.throws(
      () => readAssumptions(file("requests: 5\nbucketGB: -1\nimageGB: many\n"), {}),
      (error: UserError) =>
        /requests: there is no such assumption[^]*bucketGB: -1 is not[^]*imageGB: "many" is not/.test(error.message),
    );
    assert.throws(() => readAssumptions(join(folder, "absent"), {}), /cannot be read: ENOENT/);
    assert.throws(() => readAssumptions(file("- 1\n"), {}), /holds no names/);
  });
});
