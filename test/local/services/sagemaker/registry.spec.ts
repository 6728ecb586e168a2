import assert from "node:assert/strict";
import type { Call, Members } from "../../../../local/cloud";
import { IMAGE, ROLE, modelArchive, startTestCloud, type TestCloud } from "./harness";

const arn = (rest: string): string => `arn:aws:sagemaker:eu-central-1:111122223333:${rest}`;
const version = (changes: Members = {}): Members => ({
  ModelPackageGroupName: "detector",
  InferenceSpecification: { Containers: [{ Image: IMAGE, ModelDataUrl: "s3://artifacts/m/model.tar.gz" }], SupportedContentTypes: ["image/jpeg"], SupportedResponseMIMETypes: ["application/json"] },
  CustomerMetadataProperties: { gitSha: "abc" },
  ...changes,
});

describe("the model registry", () => {
  let test: TestCloud;
  const changes = (): Members[] => test.events.filter((event) => event.detailType === "SageMaker Model Package State Change").map((event) => event.detail);
  beforeEach(async () => {
    test = await startTestCloud();
    await test.call("CreateModelPackageGroup", { ModelPackageGroupName: "detector", Tags: [{ Key: "project", Value: "peregrine" }] });
  });
  afterEach(() => test.stop());

  it("numbers versions in a group and never uses a number twice", async () => {
    assert.equal((await test.call("CreateModelPackage", version())).ModelPackageArn, arn("model-package/detector/1"));
    assert.equal((await test.call("CreateModelPackage", version())).ModelPackageArn, arn("model-package/detector/2"));
    await test.call("DeleteModelPackage", { ModelPackageName: arn("model-package/detector/2") });
    assert.equal((await test.call("CreateModelPackage", version())).ModelPackageArn, arn("model-package/detector/3"));
    const list = await test.call("ListModelPackages", { ModelPackageGroupName: "detector", SortBy: "CreationTime", SortOrder: "Ascending" });
    assert.deepEqual(list.ModelPackageSummaryList.map((row: Members) => [row.ModelPackageVersion, row.ModelApprovalStatus, row.ModelPackageStatus]), [
      [1, "PendingManualApproval", "Completed"],
      [3, "PendingManualApproval", "Completed"],
    ]);
  });

  it("announces a version and each change of its approval", async () => {
    const { ModelPackageArn } = await test.call("CreateModelPackage", version());
    await test.call("UpdateModelPackage", { ModelPackageArn, CustomerMetadataProperties: { note: "x" } });
    await test.call("UpdateModelPackage", { ModelPackageArn, ModelApprovalStatus: "Approved", ApprovalDescription: "looks good" });
    assert.deepEqual(changes().map((detail) => [detail.ModelPackageGroupName, detail.ModelPackageVersion, detail.ModelApprovalStatus]), [
      ["detector", 1, "PendingManualApproval"],
      ["detector", 1, "Approved"],
    ]);
    const described = await test.call("DescribeModelPackage", { ModelPackageName: ModelPackageArn });
    assert.deepEqual([described.ApprovalDescription, described.CustomerMetadataProperties], ["looks good", { gitSha: "abc", note: "x" }]);
    assert.equal(described.LastModifiedBy.IamIdentity.Arn, "arn:aws:iam::111122223333:root");
    const approved = await test.call("ListModelPackages", { ModelPackageGroupName: "detector", ModelApprovalStatus: "Approved" });
    assert.equal(approved.ModelPackageSummaryList.length, 1);
  });

  it("keeps a group while versions are in it", async () => {
    const { ModelPackageArn } = await test.call("CreateModelPackage", version());
    assert.match(await test.refused("DeleteModelPackageGroup", { ModelPackageGroupName: "detector" }), /^ConflictException: /);
    await test.call("DeleteModelPackage", { ModelPackageName: ModelPackageArn });
    await test.call("DeleteModelPackageGroup", { ModelPackageGroupName: "detector" });
    assert.equal(await test.refused("DescribeModelPackageGroup", { ModelPackageGroupName: "detector" }), `ValidationException: ModelPackageGroup ${arn("model-package-group/detector")} does not exist.`);
    assert.deepEqual(await test.cloud.inventory(), []);
  });

  it("gives a version the tags of its group", async () => {
    const { ModelPackageArn } = await test.call("CreateModelPackage", version());
    assert.deepEqual(test.cloud.services.get("sagemaker")!.tagsOf!(ModelPackageArn), { project: "peregrine" });
    assert.match(await test.refused("CreateModelPackage", version({ Tags: [{ Key: "a", Value: "b" }] })), /^ValidationException: Tags cannot be specified for a versioned model package/);
  });

  it("asks for approval status and metadata in IAM conditions", () => {
    const { permissions } = test.cloud.services.get("sagemaker")!;
    const call = { operation: "UpdateModelPackage" } as Call;
    assert.deepEqual(permissions!.UpdateModelPackage!({ ModelPackageArn: arn("model-package/detector/1"), ModelApprovalStatus: "Approved", CustomerMetadataProperties: { a: "b" } }, call), [
      { action: "sagemaker:UpdateModelPackage", resource: arn("model-package/detector/1"), context: { "sagemaker:ModelApprovalStatus": "Approved", "sagemaker:CustomerMetadataProperties/a": "b" } },
    ]);
  });

  it("serves a model from an approved package only", async () => {
    test.bucket.set("artifacts/m/model.tar.gz", modelArchive("packaged"));
    const { ModelPackageArn } = await test.call("CreateModelPackage", version());
    const model = { ModelName: "m", ExecutionRoleArn: ROLE, PrimaryContainer: { ModelPackageName: ModelPackageArn } };
    assert.match(await test.refused("CreateModel", model), /its ModelApprovalStatus is PendingManualApproval/);
    await test.call("UpdateModelPackage", { ModelPackageArn, ModelApprovalStatus: "Approved" });
    await test.call("CreateModel", model);
    await test.call("CreateEndpointConfig", { EndpointConfigName: "m", ProductionVariants: [{ VariantName: "champion", ModelName: "m", InstanceType: "ml.c6i.large", InitialInstanceCount: 1 }] });
    await test.call("CreateEndpoint", { EndpointName: "m", EndpointConfigName: "m" });
    await test.endpointUntil("m", "InService");
    assert.equal(JSON.parse((await test.invoke({ EndpointName: "m" })).Body.toString()).model, "packaged");
  });

  it("stores a group's resource policy", async () => {
    assert.match(await test.refused("GetModelPackageGroupPolicy", { ModelPackageGroupName: "detector" }), /^ValidationException/);
    await test.call("PutModelPackageGroupPolicy", { ModelPackageGroupName: "detector", ResourcePolicy: '{"Version":"2012-10-17","Statement":[]}' });
    assert.match(test.cloud.services.get("sagemaker")!.resourcePolicyOf!(arn("model-package-group/detector"))!, /2012-10-17/);
    await test.call("DeleteModelPackageGroupPolicy", { ModelPackageGroupName: "detector" });
    assert.equal(test.cloud.services.get("sagemaker")!.resourcePolicyOf!(arn("model-package-group/detector")), undefined);
  });
});

describe("tags of SageMaker resources", () => {
  it("are added, listed and removed; what does not exist is refused", async () => {
    const test = await startTestCloud();
    const group = arn("model-package-group/g");
    assert.match(await test.refused("AddTags", { ResourceArn: group, Tags: [{ Key: "a", Value: "b" }] }), /^ValidationException: Could not find resource/);
    await test.call("CreateModelPackageGroup", { ModelPackageGroupName: "g", Tags: [{ Key: "a", Value: "1" }] });
    await test.call("AddTags", { ResourceArn: group, Tags: [{ Key: "b", Value: "2" }] });
    await test.call("DeleteTags", { ResourceArn: group, TagKeys: ["a"] });
    assert.deepEqual((await test.call("ListTags", { ResourceArn: group })).Tags, [{ Key: "b", Value: "2" }]);
    assert.match(await test.refused("AddTags", { ResourceArn: group, Tags: [{ Key: "aws:x", Value: "b" }] }), /reserved/);
    await test.stop();
  });
});
