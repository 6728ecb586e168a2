import assert from "node:assert/strict";
import { boundMembers, changedMembers, contentDigests, freeMembers } from "../../lifecycle/package-content";
import { sagemakerModel } from "../support/service-model";

const described = {
  ModelPackageArn: "arn",
  ModelApprovalStatus: "Approved",
  InferenceSpecification: { Containers: [{ Image: "a:1", ModelDataUrl: "s3://b/k" }] },
  CustomerMetadataProperties: { map50: "0.4" },
};

describe("what a model package says of itself", () => {
  it("covers everything that an update can change but the approval, by SageMaker's own model", () => {
    const { shapes } = sagemakerModel();
    const described = Object.keys(shapes["DescribeModelPackageOutput"]!.members!);
    assert.deepEqual(
      [...boundMembers, ...freeMembers].sort(),
      described.sort(),
      "a member that is new must be bound, or free for a reason",
    );
    // Names of an update that mean a member of the description.
    const meaning: Readonly<Record<string, string>> = {
      CustomerMetadataPropertiesToRemove: "CustomerMetadataProperties",
      AdditionalInferenceSpecificationsToAdd: "AdditionalInferenceSpecifications",
    };
    const changed = Object.keys(shapes["UpdateModelPackageInput"]!.members!).filter(
      (name) => !["ModelPackageArn", "ModelApprovalStatus", "ApprovalDescription", "ClientToken"].includes(name),
    );
    for (const name of changed) assert.ok((boundMembers as readonly string[]).includes(meaning[name] ?? name), name);
  });

  it("is the same however it is ordered, and whoever approves it", () => {
    const other = {
      CustomerMetadataProperties: { map50: "0.4" },
      InferenceSpecification: { Containers: [{ ModelDataUrl: "s3://b/k", Image: "a:1", Environment: undefined }] },
      ModelApprovalStatus: "Rejected",
      Domain: undefined,
    };
    assert.deepEqual(contentDigests(described), contentDigests(other));
  });

  it("tells changes by their names: changed, added, taken away", () => {
    const before = contentDigests(described);
    const now = contentDigests({
      ...described,
      InferenceSpecification: { Containers: [{ Image: "a:2", ModelDataUrl: "s3://b/k" }] },
      CustomerMetadataProperties: undefined,
      ModelLifeCycle: { Stage: "x" },
    });
    assert.deepEqual(changedMembers(before, now), [
      "InferenceSpecification",
      "CustomerMetadataProperties",
      "ModelLifeCycle",
    ]);
    assert.deepEqual(changedMembers(before, before), []);
  });
});
