import assert from "node:assert/strict";
import type { Members } from "../../../../local/members";
import type { Service } from "../../../../local/service";
import { createTagging } from "../../../../local/services/tagging";
import { eventually } from "../../../support/eventually";
import { configured, startTestCloud, type TestCloud } from "../sagemaker/harness";

const service = "resourcegroupstaggingapi";

describe("the tagging API", () => {
  let test: TestCloud;
  const find = async (input: Members): Promise<string[]> =>
    (await test.call("GetResources", input, service)).ResourceTagMappingList.map((row: Members) =>
      row.ResourceARN.split(":").slice(2).join(":"),
    );
  beforeEach(async () => {
    test = await startTestCloud({
      services: (cloud): Service[] => [
        createTagging(cloud),
        {
          id: "sns",
          operations: { TagResource: () => ({}) },
          inventory: () => [
            { arn: "arn:aws:sns:eu-central-1:111122223333:alerts", type: "sns:topic" },
            { arn: "arn:aws:sns:eu-central-1:111122223333:plain", type: "sns:topic" },
          ],
          tagsOf: (arn): Record<string, string> | undefined =>
            arn.endsWith(":alerts")
              ? { project: "peregrine", environment: "prod" }
              : arn.includes(":sns:")
                ? {}
                : undefined,
        },
      ],
    });
    await configured(test, "alpha");
    await test.call("AddTags", {
      ResourceArn: "arn:aws:sagemaker:eu-central-1:111122223333:model/alpha",
      Tags: [
        { Key: "project", Value: "peregrine" },
        { Key: "environment", Value: "dev" },
      ],
    });
    await test.call("CreateModelPackageGroup", {
      ModelPackageGroupName: "g",
      Tags: [{ Key: "project", Value: "other" }],
    });
    await test.call("CreateModelPackage", { ModelPackageGroupName: "g" });
  });
  afterEach(() => test.stop());

  it("finds resources of all services by tags, and each only once", async () => {
    assert.deepEqual(await find({ TagFilters: [{ Key: "project", Values: ["peregrine"] }] }), [
      "sagemaker:eu-central-1:111122223333:model/alpha",
      "sns:eu-central-1:111122223333:alerts",
    ]);
    assert.deepEqual(
      await find({
        TagFilters: [
          { Key: "project", Values: ["peregrine"] },
          { Key: "environment", Values: ["prod"] },
        ],
      }),
      ["sns:eu-central-1:111122223333:alerts"],
    );
    assert.deepEqual(await find({ TagFilters: [{ Key: "none" }] }), []);
  });

  it("filters by type and leaves out what has no tags of its own", async () => {
    assert.deepEqual(await find({ ResourceTypeFilters: ["sagemaker"] }), [
      "sagemaker:eu-central-1:111122223333:model-package-group/g",
      "sagemaker:eu-central-1:111122223333:model/alpha",
    ]);
    assert.deepEqual(await find({ ResourceTypeFilters: ["sagemaker:model"] }), [
      "sagemaker:eu-central-1:111122223333:model/alpha",
    ]);
  });

  it("answers in pages", async () => {
    const first = await test.call("GetResources", { ResourcesPerPage: 2 }, service);
    const second = await test.call(
      "GetResources",
      { ResourcesPerPage: 2, PaginationToken: first.PaginationToken },
      service,
    );
    assert.deepEqual(
      [first.ResourceTagMappingList.length, second.ResourceTagMappingList.length, second.PaginationToken],
      [2, 1, ""],
    );
  });

  it("lists what was deleted for a while, and not what was never there", async () => {
    const late = await startTestCloud({
      speed: 3600,
      lags: { taggingMs: 3_600_000 },
      services: (cloud): Service[] => [createTagging(cloud)],
    });
    await configured(late, "alpha");
    const arns = async (): Promise<string[]> =>
      (await late.call("GetResources", { TagFilters: [{ Key: "project" }] }, service)).ResourceTagMappingList.map(
        (row: Members) => row.ResourceARN.split("/").at(-1),
      );
    for (const kind of ["model", "endpoint-config"])
      await late.call("AddTags", {
        ResourceArn: `arn:aws:sagemaker:eu-central-1:111122223333:${kind}/alpha`,
        Tags: [{ Key: "project", Value: "peregrine" }],
      });
    await late.call("DeleteEndpointConfig", { EndpointConfigName: "alpha" });
    assert.deepEqual(await arns(), ["alpha", "alpha"]);
    await late.call("DeleteModel", { ModelName: "alpha" });
    assert.deepEqual(await arns(), ["alpha", "alpha"]);
    await eventually(async () => assert.deepEqual(await arns(), []));
    await late.stop();
  });

  it("lists keys and values in use", async () => {
    assert.deepEqual((await test.call("GetTagKeys", {}, service)).TagKeys, ["environment", "project"]);
    assert.deepEqual((await test.call("GetTagValues", { Key: "environment" }, service)).TagValues, ["dev", "prod"]);
  });

  it("tags through the owner's own operation and reports what failed", async () => {
    const arn = "arn:aws:sagemaker:eu-central-1:111122223333:endpoint-config/alpha";
    const missing = "arn:aws:sagemaker:eu-central-1:111122223333:model/none";
    const answer = await test.call("TagResources", { ResourceARNList: [arn, missing], Tags: { owner: "me" } }, service);
    assert.deepEqual(Object.keys(answer.FailedResourcesMap), [missing]);
    assert.deepEqual((await test.call("ListTags", { ResourceArn: arn })).Tags, [{ Key: "owner", Value: "me" }]);
    await test.call("UntagResources", { ResourceARNList: [arn], TagKeys: ["owner"] }, service);
    assert.deepEqual((await test.call("ListTags", { ResourceArn: arn })).Tags, []);
  });
});
