import assert from "node:assert/strict";
import type { Members } from "../../../../local/members";
import { startTestCloud, type TestCloud } from "./harness";

const name = "detector";
const card = (content = "{}"): Members => ({
  ModelCardName: name,
  Content: content,
  ModelCardStatus: "Draft",
  Tags: [{ Key: "project", Value: "peregrine" }],
});

describe("model cards", () => {
  let test: TestCloud;
  beforeEach(async () => {
    test = await startTestCloud();
    await test.call("CreateModelCard", card('{"a":1}'));
  });
  afterEach(() => test.stop());

  it("have a version for each change, and keep what earlier ones said", async () => {
    await test.call("UpdateModelCard", { ModelCardName: name, Content: '{"a":2}' });
    const now = await test.call("DescribeModelCard", { ModelCardName: name });
    assert.deepEqual([now.ModelCardVersion, now.Content, now.ModelCardStatus], [2, '{"a":2}', "Draft"]);
    const before = await test.call("DescribeModelCard", { ModelCardName: name, ModelCardVersion: 1 });
    assert.equal(before.Content, '{"a":1}');
    const { ModelCardVersionSummaryList: versions } = await test.call("ListModelCardVersions", { ModelCardName: name });
    assert.deepEqual(
      versions.map((one: Members) => one.ModelCardVersion),
      [2, 1],
    );
    assert.equal((await test.call("ListModelCards", {})).ModelCardSummaries.length, 1);
    assert.equal(test.events.filter(({ detailType }) => detailType === "SageMaker Model Card State Change").length, 2);
  });

  it("are refused twice, without JSON, with content and status at once, and once archived", async () => {
    await assert.rejects(test.call("CreateModelCard", card()), { code: "ConflictException" });
    await assert.rejects(test.call("UpdateModelCard", { ModelCardName: name, Content: "{" }), /not a valid JSON/);
    await assert.rejects(
      test.call("UpdateModelCard", { ModelCardName: name, Content: "{}", ModelCardStatus: "Approved" }),
      /cannot update both/,
    );
    await test.call("UpdateModelCard", { ModelCardName: name, ModelCardStatus: "Archived" });
    await assert.rejects(test.call("UpdateModelCard", { ModelCardName: name, Content: "{}" }), /Archived state/);
  });

  it("are gone with their tags once deleted", async () => {
    const { ModelCardArn: arn } = await test.call("DescribeModelCard", { ModelCardName: name });
    assert.equal((await test.call("ListTags", { ResourceArn: arn })).Tags.length, 1);
    await test.call("DeleteModelCard", { ModelCardName: name });
    await assert.rejects(test.call("DescribeModelCard", { ModelCardName: name }), { code: "ResourceNotFound" });
    await assert.rejects(test.call("ListTags", { ResourceArn: arn }), /Could not find resource/);
  });
});
