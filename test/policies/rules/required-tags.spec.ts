import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { requiredTags } from "../../../policies/rules/required-tags";
import { correct, judge, unknownText } from "../../support/policy";

const topic = "aws:sns/topic:Topic";
const tags = { project: "peregrine", environment: "dev", owner: "a", "cost-center": "b", "managed-by": "pulumi" };

describe("required-tags", () => {
  it("names every missing tag", () => {
    const { violations } = judge(requiredTags, topic, { tags: { project: "peregrine", environment: "dev" } });
    assert.deepEqual(
      violations.map((text) => text.split(".")[0]),
      ["The tag owner is missing", "The tag cost-center is missing", "The tag managed-by is missing"],
    );
  });

  it("counts an empty tag as missing", () => {
    assert.match(judge(requiredTags, topic, { tags: { ...tags, owner: "" } }).violations.join(), /owner is missing/);
  });

  it("refuses another environment's tag", () => {
    assert.match(
      judge(requiredTags, topic, { tags: { ...tags, environment: "prod" } }).violations.join(),
      /The tag environment is "prod", not "dev"/,
    );
  });

  it("is content with tags on the resource", () => {
    assert.deepEqual(judge(requiredTags, topic, { tags }).violations, []);
  });

  it("is content with the provider's default tags, which travel as JSON", () => {
    assert.deepEqual(
      judge(requiredTags, topic, {}, { providerProps: { defaultTags: JSON.stringify({ tags }) } }).violations,
      [],
    );
  });

  it("lets a resource's own tag win over a default", () => {
    assert.match(
      judge(
        requiredTags,
        topic,
        { tags: { project: "other" } },
        { providerProps: { defaultTags: JSON.stringify({ tags }) } },
      ).violations.join(),
      /The tag project is "other"/,
    );
  });

  it("says nothing about resources that cannot carry tags, and about components", () => {
    for (const type of ["aws:iam/rolePolicy:RolePolicy", "peregrine:alerts:Alerts", "pulumi:pulumi:Stack"])
      assert.ok(judge(requiredTags, type, {}).notApplicable, type);
  });

  it("demands tags of a type that nobody looked up yet", () => {
    assert.equal(judge(requiredTags, "aws:new/thing:Thing", {}).violations.length, 5);
  });

  it("is stopped, not silenced, by a tag that a preview does not know", () => {
    assert.match(judge(requiredTags, topic, { tags: unknownText }).stoppedBy!, /\.tags/);
  });
});

describe("required-tags, where it may correct", () => {
  it("adds what follows from the stack, and nothing that it would have to invent", () => {
    const props = { tags: { owner: "a" } };
    assert.equal(correct(requiredTags, topic, props), "added project=peregrine, environment=dev, managed-by=pulumi");
    assert.deepEqual(props.tags, { owner: "a", project: "peregrine", environment: "dev", "managed-by": "pulumi" });
    assert.deepEqual(
      judge(requiredTags, topic, props).violations.map((text) => text.split(".")[0]),
      ["The tag cost-center is missing"],
    );
  });

  it("leaves alone what has its tags, and never changes a value", () => {
    assert.equal(correct(requiredTags, topic, { tags }), undefined);
    const other = { tags: { ...tags, environment: "prod" } };
    assert.equal(correct(requiredTags, topic, other), undefined);
    assert.equal(judge(requiredTags, topic, other).violations.length, 1);
  });

  it("leaves alone what holds files, which would not survive, and reports it", () => {
    for (const code of [new pulumi.asset.AssetArchive({}), new pulumi.asset.StringAsset("x")]) {
      assert.equal(correct(requiredTags, "aws:lambda/function:Function", { code, name: unknownText }), undefined);
      assert.equal(judge(requiredTags, "aws:lambda/function:Function", { code }).violations.length, 5);
    }
  });

  it("leaves alone what cannot carry tags", () => {
    assert.equal(correct(requiredTags, "aws:iam/rolePolicy:RolePolicy", {}), undefined);
  });
});
