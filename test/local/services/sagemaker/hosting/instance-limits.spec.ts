import assert from "node:assert/strict";
import type { Members } from "../../../../../local/members";
import { createApplicationAutoscaling } from "../../../../../local/services/application-autoscaling";
import { createServiceQuotas } from "../../../../../local/services/service-quotas";
import { configured, served, startTestCloud, type TestCloud } from "../harness";

const type = "ml.g5.xlarge";
const words = (quota: string, limit: number, used: number, delta: number): string =>
  `ResourceLimitExceeded: The account-level service limit '${quota}' is ${limit} Instances, with current utilization of ${used} Instances and a request delta of ${delta} Instances. ` +
  "Please use AWS Service Quotas to request an increase for this quota. If AWS Service Quotas is not available, contact AWS support to request an increase for this quota.";
const ofType = `${type} for endpoint usage`;
const ofAll = "Number of instances across active endpoints";

describe("instances of endpoints", () => {
  let test: TestCloud;
  beforeEach(async () => {
    test = await startTestCloud({
      speed: 240,
      services: (cloud) => [
        createApplicationAutoscaling(cloud),
        createServiceQuotas(cloud, { [ofType]: 3, [ofAll]: 6 }),
      ],
    });
    await configured(test, "two", { variant: { InstanceType: type, InitialInstanceCount: 2 } });
    await served(test, "shop", "two");
  });
  afterEach(() => test.stop());
  const count = (DesiredInstanceCount: number): Members => ({
    EndpointName: "shop",
    DesiredWeightsAndCapacities: [{ VariantName: "champion", DesiredInstanceCount }],
  });
  const rolling = {
    RollingUpdatePolicy: { MaximumBatchSize: { Type: "INSTANCE_COUNT", Value: 1 }, WaitIntervalInSeconds: 0 },
  };

  it("are as many as the account may have: a second endpoint counts, and one that is gone does not", async () => {
    const other = { EndpointName: "other", EndpointConfigName: "two" };
    assert.equal(await test.refused("CreateEndpoint", other), words(ofType, 3, 2, 2));
    await test.call("DeleteEndpoint", { EndpointName: "shop" });
    await test.describeUntil("ListEndpoints", {}, (answer) => answer.Endpoints.length === 0);
    await test.call("CreateEndpoint", other);
    await test.endpointUntil("other", "InService");
  });

  it("are needed twice by an update, and a batch at a time by a rolling one", async () => {
    const update = { EndpointName: "shop", EndpointConfigName: "two" };
    assert.equal(await test.refused("UpdateEndpoint", update), words(ofType, 3, 2, 2));
    await test.call("UpdateEndpoint", { ...update, DeploymentConfig: rolling });
    await test.endpointUntil("shop", "InService");
  });

  it("are counted where a variant grows, by whom ever", async () => {
    assert.equal(await test.refused("UpdateEndpointWeightsAndCapacities", count(4)), words(ofType, 3, 2, 2));
    await test.call("UpdateEndpointWeightsAndCapacities", count(3));
    await test.endpointUntil("shop", "InService");
    await test.call("UpdateEndpointWeightsAndCapacities", count(1));
    await test.endpointUntil("shop", "InService");
    const service = "application-autoscaling";
    const target = {
      ServiceNamespace: "sagemaker",
      ResourceId: "endpoint/shop/variant/champion",
      ScalableDimension: "sagemaker:variant:DesiredInstanceCount",
    };
    await test.call("RegisterScalableTarget", { ...target, MinCapacity: 4, MaxCapacity: 4 }, service);
    const { ScalingActivities } = await test.call(
      "DescribeScalingActivities",
      { ServiceNamespace: "sagemaker" },
      service,
    );
    assert.equal(ScalingActivities[0].StatusCode, "Failed");
    assert.match(
      ScalingActivities[0].StatusMessage,
      /^The account-level service limit .* request delta of 3 Instances/,
    );
  });

  it("are limited in all, also of types that are not listed; serverless variants have none", async () => {
    await configured(test, "many", { variant: { InitialInstanceCount: 5 } });
    assert.equal(
      await test.refused("CreateEndpoint", { EndpointName: "other", EndpointConfigName: "many" }),
      words(ofAll, 6, 2, 5),
    );
    await test.call("CreateEndpointConfig", {
      EndpointConfigName: "spare",
      ProductionVariants: [
        { VariantName: "v", ModelName: "two", ServerlessConfig: { MemorySizeInMB: 1024, MaxConcurrency: 100 } },
      ],
    });
    await test.call("CreateEndpoint", { EndpointName: "spare", EndpointConfigName: "spare" });
    await test.endpointUntil("spare", "InService");
  });
});
