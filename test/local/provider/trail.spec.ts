import assert from "node:assert/strict";
import type { Service } from "../../../local/service";
import { startProvider, type RunningProvider } from "../../../local/provider/server";
import { createCloudTrail } from "../../../local/services/cloudtrail";
import { administrator, memoryCloud, type MemoryCloud } from "./memory-cloud";
import { Engine } from "./provider-client";

const trail = "aws:cloudtrail/trail:Trail";

describe("aws:cloudtrail/trail:Trail in the local cloud's provider", () => {
  let memory: MemoryCloud;
  let provider: RunningProvider;
  let engine: Engine;
  let service: Service;

  const ask = async (operation: string, input: Record<string, unknown>) =>
    (await memory.cloud.call("cloudtrail", operation, input, {
      principal: administrator,
      sourceIp: "127.0.0.1",
      userAgent: "test",
    })) as Record<string, any>;

  beforeEach(async () => {
    memory = memoryCloud();
    memory.cloud.internals.emit = () => undefined;
    service = createCloudTrail(memory.cloud);
    memory.cloud.register(service);
    provider = await startProvider(memory.cloud, { port: 0, principalFor: async () => administrator });
    engine = await Engine.configured(provider.port);
  });
  afterEach(async () => {
    engine.close();
    await provider.stop();
  });

  const inputs = {
    name: "audit",
    s3BucketName: "bucket",
    enableLogFileValidation: true,
    isMultiRegionTrail: true,
    cloudWatchLogsGroupArn: "arn:aws:logs:eu-central-1:111122223333:log-group:trail:*",
    cloudWatchLogsRoleArn: "arn:aws:iam::111122223333:role/trail",
    advancedEventSelectors: [
      {
        name: "data",
        fieldSelectors: [
          { field: "eventCategory", equals: ["Data"] },
          { field: "resources.ARN", startsWiths: ["arn:aws:s3:::ours-"] },
        ],
      },
    ],
  };

  it("is made, records, and selects the events that were asked for", async () => {
    const made = await engine.create(trail, "t", inputs);
    assert.match(made.id, /:trail\/audit$/);
    const { Trail } = await ask("GetTrail", { Name: "audit" });
    assert.deepEqual(
      [Trail.LogFileValidationEnabled, Trail.IsMultiRegionTrail, Trail.CloudWatchLogsLogGroupArn],
      [true, true, inputs.cloudWatchLogsGroupArn],
    );
    assert.equal((await ask("GetTrailStatus", { Name: "audit" })).IsLogging, true);
    const { AdvancedEventSelectors } = await ask("GetEventSelectors", { TrailName: "audit" });
    assert.deepEqual(AdvancedEventSelectors[0].FieldSelectors, [
      { Field: "eventCategory", Equals: ["Data"] },
      { Field: "resources.ARN", StartsWith: ["arn:aws:s3:::ours-"] },
    ]);
  });

  it("takes other tags in place, and lets go of those that are not wanted any more", async () => {
    const made = await engine.create(trail, "t", { ...inputs, tags: { owner: "vision", note: "first" } });
    await engine.update(trail, "t", made, { ...inputs, tags: { owner: "ops" } });
    const { ResourceTagList } = await ask("ListTags", { ResourceIdList: [made.id] });
    assert.deepEqual(ResourceTagList[0].TagsList, [{ Key: "owner", Value: "ops" }]);
  });

  it("stops recording in place, changes its selectors, and is gone after its deletion", async () => {
    const made = await engine.create(trail, "t", inputs);
    const changed = {
      ...inputs,
      enableLogging: false,
      advancedEventSelectors: [
        { name: "management", fieldSelectors: [{ field: "eventCategory", equals: ["Management"] }] },
      ],
    };
    await engine.update(trail, "t", made, changed);
    assert.equal((await ask("GetTrailStatus", { Name: "audit" })).IsLogging, false);
    assert.equal((await ask("GetEventSelectors", { TrailName: "audit" })).AdvancedEventSelectors[0].Name, "management");
    assert.equal((await service.inventory!()).length, 1);
    await engine.delete(trail, "t", made);
    assert.deepEqual(await service.inventory!(), []);
  });
});
