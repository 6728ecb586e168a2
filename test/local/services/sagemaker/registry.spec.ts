import assert from "node:assert/strict";
import type { Call } from "../../../../local/call";
import type { Members } from "../../../../local/members";
import type { Principal } from "../../../../local/iam/principal";
import { IMAGE, ROLE, modelArchive, startTestCloud, type TestCloud } from "./harness";

const arn = (rest: string): string => `arn:aws:sagemaker:eu-central-1:111122223333:${rest}`;
const version = (changes: Members = {}): Members => ({
  ModelPackageGroupName: "detector",
  InferenceSpecification: {
    Containers: [{ Image: IMAGE, ModelDataUrl: "s3://artifacts/m/model.tar.gz" }],
    SupportedContentTypes: ["image/jpeg"],
    SupportedResponseMIMETypes: ["application/json"],
  },
  CustomerMetadataProperties: { gitSha: "abc" },
  ...changes,
});

describe("the model registry", () => {
  let test: TestCloud;
  const changes = (): Members[] =>
    test.events
      .filter((event) => event.detailType === "SageMaker Model Package State Change")
      .map((event) => event.detail);
  beforeEach(async () => {
    test = await startTestCloud();
    await test.call("CreateModelPackageGroup", {
      ModelPackageGroupName: "detector",
      Tags: [{ Key: "project", Value: "peregrine" }],
    });
  });
  afterEach(() => test.stop());

  it("numbers versions in a group and never uses a number twice", async () => {
    assert.equal((await test.call("CreateModelPackage", version())).ModelPackageArn, arn("model-package/detector/1"));
    assert.equal((await test.call("CreateModelPackage", version())).ModelPackageArn, arn("model-package/detector/2"));
    await test.call("DeleteModelPackage", { ModelPackageName: arn("model-package/detector/2") });
    assert.equal((await test.call("CreateModelPackage", version())).ModelPackageArn, arn("model-package/detector/3"));
    const list = await test.call("ListModelPackages", {
      ModelPackageGroupName: "detector",
      SortBy: "CreationTime",
      SortOrder: "Ascending",
    });
    assert.deepEqual(
      list.ModelPackageSummaryList.map((row: Members) => [
        row.ModelPackageVersion,
        row.ModelApprovalStatus,
        row.ModelPackageStatus,
      ]),
      [
        [1, "PendingManualApproval", "Completed"],
        [3, "PendingManualApproval", "Completed"],
      ],
    );
  });

  it("announces a version and every edit of it, with what was named and the approval it has", async () => {
    const { ModelPackageArn } = await test.call("CreateModelPackage", version());
    await test.call("UpdateModelPackage", { ModelPackageArn, CustomerMetadataProperties: { note: "x" } });
    await test.call("UpdateModelPackage", {
      ModelPackageArn,
      ModelApprovalStatus: "Approved",
      ApprovalDescription: "looks good",
    });
    assert.deepEqual(
      changes().map((detail) => [detail.ModelPackageGroupName, detail.ModelPackageVersion, detail.ModelApprovalStatus]),
      [
        ["detector", 1, "PendingManualApproval"],
        ["detector", 1, "PendingManualApproval"],
        ["detector", 1, "Approved"],
      ],
    );
    assert.deepEqual(
      changes().map((detail) => detail.UpdatedModelPackageFields),
      [undefined, ["CustomerMetadataProperties"], ["ModelApprovalStatus", "ApprovalDescription"]],
    );
    assert.match(changes()[2]!.CreationTime, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.deepEqual(
      [changes()[2]!.CreatedBy, changes()[2]!.LastModifiedBy],
      [undefined, undefined],
      "an event does not say who",
    );
    const described = await test.call("DescribeModelPackage", { ModelPackageName: ModelPackageArn });
    assert.deepEqual(
      [described.ApprovalDescription, described.CustomerMetadataProperties],
      ["looks good", { gitSha: "abc", note: "x" }],
    );
    assert.equal(described.LastModifiedBy.IamIdentity.Arn, "arn:aws:iam::111122223333:root");
    const approved = await test.call("ListModelPackages", {
      ModelPackageGroupName: "detector",
      ModelApprovalStatus: "Approved",
    });
    assert.equal(approved.ModelPackageSummaryList.length, 1);
  });

  it("lets an approved version be edited in all that UpdateModelPackage takes, and announces it as approved", async () => {
    const { ModelPackageArn } = await test.call("CreateModelPackage", version({ ModelApprovalStatus: "Approved" }));
    const InferenceSpecification = {
      Containers: [{ Image: IMAGE, ModelDataUrl: "s3://artifacts/other/model.tar.gz" }],
      SupportedContentTypes: ["image/jpeg"],
      SupportedResponseMIMETypes: ["application/json"],
    };
    const additional = { Name: "neo", Containers: [{ Image: IMAGE }] };
    await test.call("UpdateModelPackage", {
      ModelPackageArn,
      InferenceSpecification,
      SourceUri: "s3://artifacts/source",
      CustomerMetadataPropertiesToRemove: ["gitSha"],
      AdditionalInferenceSpecificationsToAdd: [additional],
      ModelLifeCycle: { Stage: "Staging", StageStatus: "Release" },
      ModelCard: { ModelCardStatus: "Draft", ModelCardContent: "{}" },
    });
    const described = await test.call("DescribeModelPackage", { ModelPackageName: ModelPackageArn });
    assert.deepEqual(
      [
        described.InferenceSpecification,
        described.SourceUri,
        described.CustomerMetadataProperties,
        described.AdditionalInferenceSpecifications,
        described.ModelLifeCycle.Stage,
        described.ModelCard.ModelCardStatus,
        described.ModelApprovalStatus,
      ],
      [InferenceSpecification, "s3://artifacts/source", undefined, [additional], "Staging", "Draft", "Approved"],
    );
    assert.ok(described.LastModifiedTime >= described.CreationTime);
    const { ModelApprovalStatus, UpdatedModelPackageFields } = changes().at(-1)!;
    assert.equal(ModelApprovalStatus, "Approved");
    assert.deepEqual([...UpdatedModelPackageFields].sort(), [
      "AdditionalInferenceSpecifications",
      "CustomerMetadataProperties",
      "InferenceSpecification",
      "ModelCard",
      "ModelLifeCycle",
      "sourceUri",
    ]);
    assert.match(
      await test.refused("UpdateModelPackage", {
        ModelPackageArn,
        AdditionalInferenceSpecificationsToAdd: Array.from({ length: 15 }, (_, index) => ({
          ...additional,
          Name: `n${index}`,
        })),
      }),
      /^ValidationException: .*15/,
    );
  });

  it("keeps the identity of who made and who changed a version, with the source identity of a session", async () => {
    const anna: Principal = {
      type: "role",
      arn: "arn:aws:sts::111122223333:assumed-role/approver/anna",
      accountId: "111122223333",
      id: "AROA1:anna",
      roleArn: "arn:aws:iam::111122223333:role/approver",
      sourceIdentity: "anna",
    };
    const { ModelPackageArn } = await test.call("CreateModelPackage", version());
    await test.cloud.as(
      anna,
      "sagemaker",
      "UpdateModelPackage",
      { ModelPackageArn, ModelApprovalStatus: "Approved" },
      "test",
    );
    const { CreatedBy, LastModifiedBy } = await test.call("DescribeModelPackage", {
      ModelPackageName: ModelPackageArn,
    });
    assert.deepEqual(CreatedBy.IamIdentity, { Arn: "arn:aws:iam::111122223333:root", PrincipalId: "111122223333" });
    assert.deepEqual(LastModifiedBy.IamIdentity, { Arn: anna.arn, PrincipalId: "AROA1:anna", SourceIdentity: "anna" });
  });

  it("refuses metadata that SageMaker refuses, at registration and later, in its words", async () => {
    const withReason = (value: string) => version({ CustomerMetadataProperties: { why: value } });
    assert.match(
      await test.refused("CreateModelPackage", withReason("fog, night")),
      /^ValidationException: .*Value 'fog, night' at 'customerMetadataProperties\.why\.member' failed to satisfy constraint: Member must satisfy regular expression pattern/,
    );
    assert.match(
      await test.refused("CreateModelPackage", withReason("x".repeat(257))),
      /Member must have length less than or equal to 256/,
    );
    assert.match(
      await test.refused("CreateModelPackage", withReason("")),
      /Member must have length greater than or equal to 1/,
    );
    const { ModelPackageArn } = await test.call("CreateModelPackage", version());
    assert.match(
      await test.refused("UpdateModelPackage", { ModelPackageArn, CustomerMetadataProperties: { why: "50%" } }),
      /customerMetadataProperties\.why\.member/,
    );
    assert.match(
      await test.refused("UpdateModelPackage", {
        ModelPackageArn,
        CustomerMetadataProperties: Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`k${index}`, "v"])),
      }),
      /length less than or equal to 50/,
    );
  });

  it("refuses a model card above 100,000 characters without showing it", async () => {
    const card = (length: number) =>
      version({ ModelCard: { ModelCardStatus: "Draft", ModelCardContent: "{}".padEnd(length) } });
    assert.match(
      await test.refused("CreateModelPackage", card(100_001)),
      /Value '\*\*\*Sensitive Data Redacted\*\*\*' at 'modelCard\.modelCardContent' failed to satisfy constraint: Member must have length less than or equal to 100000/,
    );
    await test.call("CreateModelPackage", card(100_000));
  });

  it("refuses a model card that does not follow its schema, when it is registered and when it is edited", async () => {
    const card = (content: unknown) => ({
      ModelCard: { ModelCardStatus: "Draft", ModelCardContent: JSON.stringify(content) },
    });
    const details = { model_package_details: {} };
    assert.match(await test.refused("CreateModelPackage", version(card(details))), /does not follow .*schema/);
    const good = { intended_uses: { risk_rating: "Low" }, model_overview: { model_artifact: ["s3://a/b"] } };
    const { ModelPackageArn } = await test.call("CreateModelPackage", version(card(good)));
    assert.match(
      await test.refused("UpdateModelPackage", {
        ModelPackageArn,
        ...card({ intended_uses: { risk_rating: "None" } }),
      }),
      /intended_uses\.risk_rating/,
    );
    assert.match(
      await test.refused("UpdateModelPackage", { ModelPackageArn, ModelCard: { ModelCardContent: "{" } }),
      /not a valid JSON/,
    );
  });

  it("keeps a group while versions are in it", async () => {
    const { ModelPackageArn } = await test.call("CreateModelPackage", version());
    assert.match(
      await test.refused("DeleteModelPackageGroup", { ModelPackageGroupName: "detector" }),
      /^ConflictException: /,
    );
    await test.call("DeleteModelPackage", { ModelPackageName: ModelPackageArn });
    await test.call("DeleteModelPackageGroup", { ModelPackageGroupName: "detector" });
    assert.equal(
      await test.refused("DescribeModelPackageGroup", { ModelPackageGroupName: "detector" }),
      `ValidationException: ModelPackageGroup ${arn("model-package-group/detector")} does not exist.`,
    );
    assert.deepEqual(await test.cloud.inventory(), []);
  });

  it("gives a version the tags of its group", async () => {
    const { ModelPackageArn } = await test.call("CreateModelPackage", version());
    assert.deepEqual(test.cloud.services.get("sagemaker")!.tagsOf!(ModelPackageArn), { project: "peregrine" });
    assert.match(
      await test.refused("CreateModelPackage", version({ Tags: [{ Key: "a", Value: "b" }] })),
      /^ValidationException: Tags cannot be specified for a versioned model package/,
    );
  });

  it("asks for approval status and metadata in IAM conditions", () => {
    const { permissions } = test.cloud.services.get("sagemaker")!;
    const call = { operation: "UpdateModelPackage" } as Call;
    assert.deepEqual(
      permissions!.UpdateModelPackage!(
        {
          ModelPackageArn: arn("model-package/detector/1"),
          ModelApprovalStatus: "Approved",
          CustomerMetadataProperties: { a: "b" },
        },
        call,
      ),
      [
        {
          action: "sagemaker:UpdateModelPackage",
          resource: arn("model-package/detector/1"),
          context: { "sagemaker:ModelApprovalStatus": "Approved", "sagemaker:CustomerMetadataProperties/a": "b" },
        },
      ],
    );
  });

  it("asks for the life cycle in IAM conditions, of the request and of the package as it is", async () => {
    const { ModelPackageArn } = await test.call(
      "CreateModelPackage",
      version({ ModelLifeCycle: { Stage: "Development", StageStatus: "Trial" } }),
    );
    const { permissions } = test.cloud.services.get("sagemaker")!;
    const [requirement] = permissions!.UpdateModelPackage!(
      {
        ModelPackageArn,
        CustomerMetadataPropertiesToRemove: ["gitSha"],
        ModelLifeCycle: { Stage: "Production", StageStatus: "Live" },
      },
      { operation: "UpdateModelPackage" } as Call,
    );
    assert.deepEqual(requirement!.context, {
      "sagemaker:CustomerMetadataPropertiesToRemove": ["gitSha"],
      "sagemaker:ModelLifeCycle:Stage": "Production",
      "sagemaker:ModelLifeCycle:StageStatus": "Live",
      "sagemaker:CurrentModelLifeCycleStage": "Development",
      "sagemaker:CurrentModelLifeCycleStageStatus": "Trial",
      "sagemaker:CurrentCustomerMetadataProperties/gitSha": "abc",
    });
  });

  it("serves a model from an approved package only", async () => {
    test.bucket.set("artifacts/m/model.tar.gz", modelArchive("packaged"));
    const { ModelPackageArn } = await test.call("CreateModelPackage", version());
    const model = { ModelName: "m", ExecutionRoleArn: ROLE, PrimaryContainer: { ModelPackageName: ModelPackageArn } };
    assert.match(await test.refused("CreateModel", model), /its ModelApprovalStatus is PendingManualApproval/);
    await test.call("UpdateModelPackage", { ModelPackageArn, ModelApprovalStatus: "Approved" });
    await test.call("CreateModel", model);
    await test.call("CreateEndpointConfig", {
      EndpointConfigName: "m",
      ProductionVariants: [
        { VariantName: "champion", ModelName: "m", InstanceType: "ml.c6i.large", InitialInstanceCount: 1 },
      ],
    });
    await test.call("CreateEndpoint", { EndpointName: "m", EndpointConfigName: "m" });
    await test.endpointUntil("m", "InService");
    assert.equal(JSON.parse((await test.invoke({ EndpointName: "m" })).Body.toString()).model, "packaged");
  });

  it("stores a group's resource policy", async () => {
    assert.match(
      await test.refused("GetModelPackageGroupPolicy", { ModelPackageGroupName: "detector" }),
      /^ValidationException/,
    );
    await test.call("PutModelPackageGroupPolicy", {
      ModelPackageGroupName: "detector",
      ResourcePolicy: '{"Version":"2012-10-17","Statement":[]}',
    });
    assert.match(
      test.cloud.services.get("sagemaker")!.resourcePolicyOf!(arn("model-package-group/detector"))!,
      /2012-10-17/,
    );
    await test.call("DeleteModelPackageGroupPolicy", { ModelPackageGroupName: "detector" });
    assert.equal(
      test.cloud.services.get("sagemaker")!.resourcePolicyOf!(arn("model-package-group/detector")),
      undefined,
    );
  });
});

describe("tags of SageMaker resources", () => {
  it("are added, listed and removed; what does not exist is refused", async () => {
    const test = await startTestCloud();
    const group = arn("model-package-group/g");
    assert.match(
      await test.refused("AddTags", { ResourceArn: group, Tags: [{ Key: "a", Value: "b" }] }),
      /^ValidationException: Could not find resource/,
    );
    await test.call("CreateModelPackageGroup", { ModelPackageGroupName: "g", Tags: [{ Key: "a", Value: "1" }] });
    await test.call("AddTags", { ResourceArn: group, Tags: [{ Key: "b", Value: "2" }] });
    await test.call("DeleteTags", { ResourceArn: group, TagKeys: ["a"] });
    assert.deepEqual((await test.call("ListTags", { ResourceArn: group })).Tags, [{ Key: "b", Value: "2" }]);
    assert.match(
      await test.refused("AddTags", { ResourceArn: group, Tags: [{ Key: "aws:x", Value: "b" }] }),
      /reserved/,
    );
    await test.stop();
  });
});
