import assert from "node:assert/strict";
import { Cloud } from "../../../local/cloud";
import type { Members } from "../../../local/members";
import { BotocoreModels } from "../../../local/model/models";
import { startProvider, type RunningProvider } from "../../../local/provider/server";
import { createCodeBuild } from "../../../local/services/codebuild";
import { accountId, administrator } from "./memory-cloud";
import { Engine } from "./provider-client";

const type = "aws:codebuild/project:Project";
const arn = `arn:aws:codebuild:eu-central-1:${accountId}:project/promote`;
const wanted = {
  name: "promote",
  serviceRole: `arn:aws:iam::${accountId}:role/builder`,
  source: { type: "NO_SOURCE", buildspec: "version: 0.2\nphases:\n  build:\n    commands:\n      - true\n" },
  artifacts: { type: "NO_ARTIFACTS" },
  environment: {
    type: "LINUX_CONTAINER",
    image: "aws/codebuild/standard:7.0",
    computeType: "BUILD_GENERAL1_SMALL",
    environmentVariables: [{ name: "STAGE", value: "prod" }],
  },
  logsConfig: { cloudwatchLogs: { groupName: "/peregrine/builds" } },
  buildTimeout: 90,
  concurrentBuildLimit: 1,
  tags: { owner: "vision" },
};

describe("aws:codebuild/project:Project in the local cloud's provider", () => {
  let cloud: Cloud;
  let provider: RunningProvider;
  let engine: Engine;
  before(async () => {
    cloud = new Cloud({ models: new BotocoreModels({ modelsDir: process.env.BOTOCORE_DATA }) });
    cloud.authoriser = { authorise: () => undefined };
    cloud.internals.assume = (roleArn) => ({ ...administrator, type: "role", roleArn });
    cloud.register(createCodeBuild(cloud, { images: {}, gatewayUrl: () => "http://127.0.0.1:1" }));
    provider = await startProvider(cloud, { port: 0, principalFor: async () => administrator });
    engine = await Engine.configured(provider.port, { defaultTags: { tags: { project: "peregrine" } } });
  });
  after(async () => {
    engine.close();
    await provider.stop();
    await cloud.stop();
  });
  const live = async (): Promise<Members | undefined> =>
    (await cloud.as(administrator, "codebuild", "BatchGetProjects", { names: ["promote"] }, "test")).projects[0] as
      Members | undefined;

  it("creates a project as asked, sees no difference afterwards, and none after reading it back", async () => {
    const made = await engine.create(type, "promote", wanted);
    assert.equal(made.id, arn);
    assert.equal(made.properties.arn, arn);
    const project = (await live())!;
    assert.deepEqual(
      [project.timeoutInMinutes, project.queuedTimeoutInMinutes, project.logsConfig.cloudWatchLogs.groupName],
      [90, 480, "/peregrine/builds"],
    );
    assert.deepEqual(project.tags, [
      { key: "owner", value: "vision" },
      { key: "project", value: "peregrine" },
    ]);
    assert.deepEqual((await engine.diff(type, "promote", made, wanted)).paths, []);
    const read = await engine.read(type, "promote", made.id, made.inputs, made.properties);
    assert.deepEqual(read.inputs, made.inputs);
    assert.deepEqual((await engine.diff(type, "promote", read, wanted)).paths, []);
  });

  it("changes a project in place, its tags included, and takes away what is no longer wanted", async () => {
    const before = await engine.read(type, "promote", arn);
    const { concurrentBuildLimit: _gone, ...rest } = wanted;
    const news = { ...rest, buildTimeout: 30, description: "promotes a model", tags: { owner: "ops" } };
    const diff = await engine.diff(type, "promote", before, news);
    assert.deepEqual(diff.replaces, []);
    const changed = await engine.update(type, "promote", before, news);
    const project = (await live())!;
    assert.deepEqual(
      [project.timeoutInMinutes, project.description, project.concurrentBuildLimit],
      [30, "promotes a model", undefined],
    );
    assert.deepEqual(Object.fromEntries(project.tags.map(({ key, value }: Members) => [key, value])), {
      project: "peregrine",
      owner: "ops",
    });
    assert.deepEqual((await engine.diff(type, "promote", changed, news)).paths, []);
    assert.deepEqual((await engine.diff(type, "promote", changed, { ...news, name: "other" })).replaces, ["name"]);
  });

  it("imports a project by its ARN or name as it would be written, and finds drift", async () => {
    for (const id of [arn, "promote"]) {
      const found = await engine.read(type, "promote", id);
      assert.deepEqual(found.inputs.logsConfig, {
        cloudwatchLogs: { groupName: "/peregrine/builds", status: "ENABLED" },
      });
      assert.deepEqual(
        [found.inputs.name, found.inputs.buildTimeout, found.inputs.cache, found.properties.arn],
        ["promote", 30, undefined, arn],
      );
      await cloud.as(administrator, "codebuild", "UpdateProject", { name: "promote", timeoutInMinutes: 45 }, "test");
      assert.equal((await engine.read(type, "promote", id, found.inputs, found.properties)).inputs.buildTimeout, 45);
      await cloud.as(administrator, "codebuild", "UpdateProject", { name: "promote", timeoutInMinutes: 30 }, "test");
    }
  });

  it("makes a project's builds public only with the role to show them", async () => {
    await assert.rejects(
      engine.create(type, "shown", { ...wanted, name: "shown", projectVisibility: "PUBLIC_READ" }),
      /UpdateProjectVisibility.*resourceAccessRole is required/,
    );
  });

  it("deletes a project, tells AWS's refusals, and finds nothing afterwards", async () => {
    await assert.rejects(
      engine.create(type, "promote", wanted),
      /creating CodeBuild Project \(promote\): operation error CodeBuild: CreateProject, .*ResourceAlreadyExistsException/,
    );
    const state = await engine.read(type, "promote", arn);
    await engine.delete(type, "promote", state);
    assert.equal(await live(), undefined);
    await engine.delete(type, "promote", state);
    assert.equal((await engine.read(type, "promote", arn, state.inputs, state.properties)).id, "");
  });
});
