import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { Members } from "../../../../local/members";
import { configured, IMAGE, ROLE, served, startTestCloud, type TestCloud } from "./harness";
import { eventually } from "../../../support/eventually";
import { makeTemporaryFolder } from "../../../support/temporary-folder";

const arn = (rest: string): string => `arn:aws:sagemaker:eu-central-1:111122223333:${rest}`;
const modelOf = (answer: Members): Members => JSON.parse(answer.Body.toString());

describe("endpoints", () => {
  let test: TestCloud;
  beforeEach(async () => (test = await startTestCloud()));
  afterEach(() => test.stop());

  it("come up as real processes that serve the model of their configuration", async () => {
    await configured(test, "alpha", { variant: { InitialInstanceCount: 2 } });
    await test.call("CreateEndpoint", {
      EndpointName: "shop",
      EndpointConfigName: "alpha",
      Tags: [{ Key: "project", Value: "peregrine" }],
    });
    const creating = await test.call("DescribeEndpoint", { EndpointName: "shop" });
    assert.deepEqual(
      [creating.EndpointStatus, creating.PendingDeploymentSummary.EndpointConfigName],
      ["Creating", "alpha"],
    );
    const up = await test.endpointUntil("shop", "InService");
    assert.equal(up.PendingDeploymentSummary, undefined);
    assert.deepEqual([up.ProductionVariants[0].CurrentInstanceCount, up.ProductionVariants[0].CurrentWeight], [2, 1]);
    const answers = await Promise.all(Array.from({ length: 40 }, () => test.invoke({ EndpointName: "shop" })));
    assert.equal(modelOf(answers[0]!).model, "alpha");
    assert.equal(answers[0]!.InvokedProductionVariant, "champion");
    const log = await eventually(() => {
      const lines = test.logs.filter(
        (entry) => entry.group === "/aws/sagemaker/Endpoints/shop" && entry.line === "listening",
      );
      assert.equal(lines.length, 2);
      return lines;
    });
    assert.match(log[0]!.stream, /^champion\/i-0[0-9a-f]{16}$/);
    assert.deepEqual(
      test.events
        .filter((event) => event.detailType === "SageMaker Endpoint State Change")
        .map((event) => event.detail.EndpointStatus),
      ["CREATING", "IN_SERVICE"],
    );
    assert.deepEqual((await test.call("ListTags", { ResourceArn: arn("endpoint/shop") })).Tags, [
      { Key: "project", Value: "peregrine" },
    ]);
  });

  it("change to a new configuration under load without a failed request", async () => {
    await configured(test, "old", { environment: { TOY_PAUSE: "30" } });
    await configured(test, "new", { environment: { TOY_PAUSE: "30" }, variant: { InitialInstanceCount: 2 } });
    await served(test, "shop", "old");
    let running = true;
    const seen: string[] = [];
    const client = async (): Promise<void> => {
      while (running) seen.push(modelOf(await test.invoke({ EndpointName: "shop" })).model);
    };
    const clients = Promise.all(Array.from({ length: 8 }, client));
    await test.call("UpdateEndpoint", { EndpointName: "shop", EndpointConfigName: "new" });
    assert.match(
      await test.refused("UpdateEndpoint", { EndpointName: "shop", EndpointConfigName: "new" }),
      /^ValidationException: Cannot update in-progress endpoint "arn:.*:endpoint\/shop"\.$/,
    );
    assert.match(
      await test.refused("DeleteEndpoint", { EndpointName: "shop" }),
      /^ValidationException: Cannot update in-progress endpoint/,
    );
    const after = await test.endpointUntil("shop", "InService");
    await eventually(() => assert.equal(seen.at(-1), "new"));
    running = false;
    await clients;
    assert.equal(after.EndpointConfigName, "new");
    assert.equal(seen[0], "old");
    assert.equal(seen.at(-1), "new");
    assert.ok(seen.length > 8, `each client asked more than once: ${seen.length} requests`);
  });

  it("stay on the old configuration, InService, when the new one does not come up", async () => {
    await configured(test, "good");
    await configured(test, "bad", { environment: { TOY: "crash" } });
    await served(test, "shop", "good");
    await test.call("UpdateEndpoint", { EndpointName: "shop", EndpointConfigName: "bad" });
    const after = await test.endpointUntil("shop", "InService");
    assert.equal(after.EndpointConfigName, "good");
    assert.equal(modelOf(await test.invoke({ EndpointName: "shop" })).model, "good");
    // SageMaker writes nothing about it: the log group holds what containers wrote.
    assert.deepEqual(
      test.logs.filter((entry) => !/^champion\/i-0/.test(entry.stream)),
      [],
    );
  });

  it("fail with the reason when their first configuration does not come up", async () => {
    await configured(test, "crash", { environment: { TOY: "crash" } });
    await test.call("CreateEndpoint", { EndpointName: "a", EndpointConfigName: "crash" });
    const crashed = await test.endpointUntil("a", "Failed");
    assert.equal(
      crashed.FailureReason,
      "The primary container for production variant champion did not pass the ping health check. Please check CloudWatch logs for this endpoint.",
    );
    assert.equal(crashed.EndpointConfigName, "crash");
    assert.match(
      await test.refused("UpdateEndpoint", { EndpointName: "a", EndpointConfigName: "crash" }),
      /DeleteEndpoint is the only operation/,
    );

    test.bucket.set("artifacts/models/torn/model.tar.gz", Buffer.from("1f8b0800deadbeef", "hex"));
    await configured(test, "torn");
    await test.call("CreateEndpoint", { EndpointName: "b", EndpointConfigName: "torn" });
    assert.equal(
      (await test.endpointUntil("b", "Failed")).FailureReason,
      'Failed to extract model data archive for container "container_1" from URL "s3://artifacts/models/torn/model.tar.gz". Please ensure that the object located at the URL is a valid tar.gz archive.',
    );

    await configured(test, "gone");
    test.bucket.delete("artifacts/models/gone/model.tar.gz");
    await test.call("CreateEndpoint", { EndpointName: "c", EndpointConfigName: "gone" });
    assert.match(
      (await test.endpointUntil("c", "Failed")).FailureReason,
      /^Failed to download model data for container "container_1" from URL: "s3:\/\/artifacts\/models\/gone\/model.tar.gz"/,
    );
    await test.call("DeleteEndpoint", { EndpointName: "a" });
    await test.describeUntil("ListEndpoints", {}, (answer) => answer.Endpoints.length === 2);
  });

  it("share traffic by weight, and change weights and counts in place", async () => {
    await configured(test, "alpha");
    await configured(test, "beta");
    await test.call("CreateEndpointConfig", {
      EndpointConfigName: "both",
      ProductionVariants: [
        {
          VariantName: "champion",
          ModelName: "alpha",
          InstanceType: "ml.c6i.large",
          InitialInstanceCount: 1,
          InitialVariantWeight: 1,
        },
        {
          VariantName: "challenger",
          ModelName: "beta",
          InstanceType: "ml.c6i.large",
          InitialInstanceCount: 1,
          InitialVariantWeight: 0,
        },
      ],
    });
    await served(test, "shop", "both");
    const count = async (): Promise<number> => {
      const answers = await Promise.all(Array.from({ length: 200 }, () => test.invoke({ EndpointName: "shop" })));
      return answers.filter((answer) => answer.InvokedProductionVariant === "challenger").length;
    };
    assert.equal(await count(), 0);
    assert.equal(modelOf(await test.invoke({ EndpointName: "shop", TargetVariant: "challenger" })).model, "beta");
    await test.call("UpdateEndpointWeightsAndCapacities", {
      EndpointName: "shop",
      DesiredWeightsAndCapacities: [{ VariantName: "challenger", DesiredWeight: 1, DesiredInstanceCount: 2 }],
    });
    const after = await test.endpointUntil("shop", "InService");
    assert.deepEqual(
      after.ProductionVariants.map((variant: Members) => [variant.CurrentWeight, variant.CurrentInstanceCount]),
      [
        [1, 1],
        [1, 2],
      ],
    );
    const scaling = test.events
      .filter((event) => event.detailType === "SageMaker Endpoint Deployment State Change")
      .map((event) => event.detail.ProductionVariants?.[1].VariantStatus?.[0].StatusMessage as string);
    assert.ok(scaling.includes("Scaling out desired instance count to 2."), String(scaling));
    const share = await count();
    // Binomial(200, 1/2): outside 60..140 once in 10^8.
    assert.ok(share > 60 && share < 140, String(share));
    assert.match(
      await test.refused("UpdateEndpointWeightsAndCapacities", {
        EndpointName: "shop",
        DesiredWeightsAndCapacities: [{ VariantName: "x", DesiredWeight: 1 }],
      }),
      /The variant name\(s\) "x" is\/are not present within endpoint configuration/,
    );
  });

  it("serve where no namespaces are allowed", async () => {
    await test.stop();
    test = await startTestCloud({ isolation: "paths" });
    await configured(test, "alpha");
    await served(test, "shop", "alpha");
    assert.equal(modelOf(await test.invoke({ EndpointName: "shop" })).model, "alpha");
  });

  it("go away in AWS's order and words", async () => {
    await configured(test, "alpha");
    await served(test, "shop", "alpha");
    assert.equal(
      await test.refused("CreateEndpoint", { EndpointName: "shop", EndpointConfigName: "alpha" }),
      `ValidationException: Cannot create already existing endpoint "${arn("endpoint/shop")}".`,
    );
    assert.equal(
      await test.refused("CreateEndpoint", { EndpointName: "x", EndpointConfigName: "none" }),
      `ValidationException: Could not find endpoint configuration "${arn("endpoint-config/none")}".`,
    );
    await test.call("DeleteEndpoint", { EndpointName: "shop" });
    await test.describeUntil("ListEndpoints", {}, (answer) => answer.Endpoints.length === 0);
    assert.equal(
      await test.refused("DeleteEndpoint", { EndpointName: "shop" }),
      `ValidationException: Could not find endpoint "${arn("endpoint/shop")}".`,
    );
    await test.call("DeleteEndpointConfig", { EndpointConfigName: "alpha" });
    await test.call("DeleteModel", { ModelName: "alpha" });
    assert.equal(
      await test.refused("DeleteModel", { ModelName: "alpha" }),
      `ValidationException: Could not find model "${arn("model/alpha")}".`,
    );
    assert.deepEqual(await test.cloud.inventory(), []);
  });

  it("serve again after a restart, even when model and configuration are deleted", async () => {
    const stateDir = makeTemporaryFolder();
    try {
      const before = await startTestCloud({ stateDir });
      await configured(before, "alpha");
      await served(before, "shop", "alpha");
      await before.call("DeleteEndpointConfig", { EndpointConfigName: "alpha" });
      await before.call("DeleteModel", { ModelName: "alpha" });
      await before.stop();
      const after = await startTestCloud({ stateDir });
      // No wait: a request during the restart is answered as soon as the process is back.
      assert.equal(modelOf(await after.invoke({ EndpointName: "shop" })).model, "alpha");
      assert.equal((await after.call("DescribeEndpoint", { EndpointName: "shop" })).EndpointStatus, "InService");
      await after.stop();
    } finally {
      rmSync(stateDir, { recursive: true, force: true });
    }
  });

  it("finish an update that a restart interrupted", async () => {
    const stateDir = makeTemporaryFolder();
    try {
      const before = await startTestCloud({ stateDir });
      await configured(before, "old");
      await configured(before, "new");
      await served(before, "shop", "old");
      await before.call("UpdateEndpoint", { EndpointName: "shop", EndpointConfigName: "new" });
      await before.stop();
      const after = await startTestCloud({ stateDir, bucket: before.bucket });
      // The old fleet is back first and answers meanwhile.
      assert.ok(["old", "new"].includes(modelOf(await after.invoke({ EndpointName: "shop" })).model));
      const done = await after.endpointUntil("shop", "InService");
      assert.equal(done.EndpointConfigName, "new");
      await after.stop();
    } finally {
      rmSync(stateDir, { recursive: true, force: true });
    }
  });

  it("do not hold up the local cloud's end while a container comes up", async () => {
    await configured(test, "sick", { environment: { TOY: "sick" } });
    await test.call("CreateEndpoint", { EndpointName: "shop", EndpointConfigName: "sick" });
    await delay(300);
    const began = Date.now();
    await test.stop();
    assert.ok(Date.now() - began < 2000, `${Date.now() - began} ms`);
    assert.equal(test.cloud.journal.table<Members>("sagemaker/endpoints").get("shop")!.status, "Creating");
    test = await startTestCloud();
  });

  it("refuse models whose data is not there or not for the role", async () => {
    const model = (url: string): Members => ({
      ModelName: "m",
      ExecutionRoleArn: ROLE,
      PrimaryContainer: { Image: IMAGE, ModelDataUrl: url },
    });
    assert.equal(
      await test.refused("CreateModel", model("s3://artifacts/none/model.tar.gz")),
      "ValidationException: Could not find model data at s3://artifacts/none/model.tar.gz.",
    );
    await test.stop();
    test = await startTestCloud({ deny: (call) => (call.operation === "HeadObject" ? "no" : undefined) });
    assert.match(
      await test.refused("CreateModel", model("s3://artifacts/none/model.tar.gz")),
      /^ValidationException: Could not access model data at s3:\/\/artifacts\/none\/model.tar.gz\. Please ensure that the role/,
    );
  });

  it("refuse configurations that cannot run", async () => {
    await configured(test, "alpha");
    const variant = { VariantName: "v", ModelName: "alpha", InstanceType: "ml.c6i.large", InitialInstanceCount: 1 };
    const refused = (name: string, variants: Members[]): Promise<string> =>
      test.refused("CreateEndpointConfig", { EndpointConfigName: name, ProductionVariants: variants });
    assert.equal(
      await refused("alpha", [variant]),
      `ValidationException: Cannot create already existing endpoint configuration "${arn("endpoint-config/alpha")}".`,
    );
    assert.equal(
      await refused("x", [{ ...variant, ModelName: "none" }]),
      `ValidationException: Could not find model "${arn("model/none")}".`,
    );
    assert.match(await refused("x", [variant, variant]), /Duplicate production variant name "v"/);
    assert.match(
      await refused("x", [{ ...variant, InstanceType: "ml.z9.mega" }]),
      /^ValidationException: .*ml\.z9\.mega/,
    );
  });
});
