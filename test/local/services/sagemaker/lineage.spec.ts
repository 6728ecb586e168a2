import assert from "node:assert/strict";
import type { Members } from "../../../../local/members";
import { IMAGE, startTestCloud, type TestCloud } from "./harness";

const data = "s3://artifacts/runs/1/model.tar.gz";
const version = {
  ModelPackageGroupName: "detector",
  InferenceSpecification: {
    Containers: [{ Image: IMAGE, ModelDataUrl: data }],
    SupportedContentTypes: ["image/jpeg"],
    SupportedResponseMIMETypes: ["application/json"],
  },
};

describe("what SageMaker tracks by itself", () => {
  let test: TestCloud;
  let first: string;
  let second: string;
  const artifactOf = async (SourceUri: string): Promise<string> => {
    const { ArtifactSummaries: found } = await test.call("ListArtifacts", { SourceUri });
    assert.equal(found.length, 1, SourceUri);
    return found[0].ArtifactArn as string;
  };
  const types = (vertices: Members[]) => vertices.map(({ Type, LineageType }) => `${LineageType} ${Type}`).sort();

  beforeEach(async () => {
    test = await startTestCloud();
    await test.call("CreateModelPackageGroup", { ModelPackageGroupName: "detector" });
    first = (await test.call("CreateModelPackage", version)).ModelPackageArn as string;
    second = (await test.call("CreateModelPackage", version)).ModelPackageArn as string;
  });
  afterEach(() => test.stop());

  it("has an artifact for a package, tied to its image, its model, its group and how it was registered", async () => {
    const { Vertices, Edges } = await test.call("QueryLineage", {
      StartArns: [await artifactOf(first)],
      Direction: "Both",
      IncludeEdges: true,
    });
    assert.deepEqual(types(Vertices), [
      "Action Approval",
      "Artifact Image",
      "Artifact Model",
      "Context ModelPackageGroup",
    ]);
    assert.deepEqual(Edges.map(({ AssociationType }: Members) => AssociationType).sort(), [
      "AssociatedWith",
      "ContributedTo",
      "ContributedTo",
      "ContributedTo",
    ]);
    const up = await test.call("QueryLineage", { StartArns: [await artifactOf(first)], Direction: "Ascendants" });
    assert.deepEqual(types(up.Vertices), ["Artifact Image", "Artifact Model"]);
    assert.deepEqual(up.Edges, []);
  });

  it("has one artifact for each source, whatever is made of it, and follows it down to all of that", async () => {
    const { Vertices } = await test.call("QueryLineage", {
      StartArns: [await artifactOf(data)],
      Direction: "Descendants",
      Filters: { Types: ["ModelPackage"] },
    });
    const packages = [await artifactOf(first), await artifactOf(second)];
    assert.deepEqual(Vertices.map(({ Arn }: Members) => Arn).sort(), packages.sort());
    const nearest = await test.call("QueryLineage", {
      StartArns: [await artifactOf(data)],
      Direction: "Descendants",
      MaxDepth: 1,
    });
    assert.deepEqual(types(nearest.Vertices), ["Artifact ModelPackage", "Artifact ModelPackage"]);
  });

  it("lists actions, contexts and associations, ten a page", async () => {
    const { ActionSummaries } = await test.call("ListActions", { SourceUri: second });
    assert.match(ActionSummaries[0].ActionName, /^detector-2-PendingManualApproval-/);
    const { ContextSummaries } = await test.call("ListContexts", {});
    assert.equal(ContextSummaries.length, 1, "both packages are of one group");
    const artifact = await artifactOf(first);
    const { AssociationSummaries } = await test.call("ListAssociations", { DestinationArn: artifact });
    assert.deepEqual(AssociationSummaries.map(({ SourceType }: Members) => SourceType).sort(), ["Image", "Model"]);
    for (let index = 0; index < 8; index += 1) await test.call("CreateModelPackage", version);
    const page = await test.call("ListArtifacts", { ArtifactType: "ModelPackage" });
    assert.equal(page.ArtifactSummaries.length, 10);
    assert.equal(page.NextToken, undefined);
    const short = await test.call("ListArtifacts", { ArtifactType: "ModelPackage", MaxResults: 3 });
    assert.ok(short.NextToken);
  });

  it("remembers what is deleted, and knows nothing of what it never saw", async () => {
    const artifact = await artifactOf(first);
    await test.call("DeleteModelPackage", { ModelPackageName: first });
    assert.equal((await test.call("DescribeArtifact", { ArtifactArn: artifact })).Source.SourceUri, first);
    const unknown = artifact.replace(/.$/, (last) => (last === "0" ? "1" : "0"));
    await assert.rejects(test.call("QueryLineage", { StartArns: [unknown] }), { code: "ResourceNotFound" });
    await assert.rejects(test.call("QueryLineage", { StartArns: [artifact, artifact] }), /startArns/);
    assert.deepEqual((await test.call("ListArtifacts", { SourceUri: "s3://else/where" })).ArtifactSummaries, []);
  });
});
