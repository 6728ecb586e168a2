import assert from "node:assert/strict";
import { Cloud } from "../../../local/cloud";
import type { Members } from "../../../local/members";
import { BotocoreModels } from "../../../local/model/models";
import { type RunningProvider, startProvider } from "../../../local/provider/server";
import { createCodeBuild } from "../../../local/services/codebuild";
import { createIam } from "../../../local/services/iam";
import { createSts } from "../../../local/services/sts";
import { accountId, administrator } from "./memory-cloud";
import { Engine } from "./provider-client";

const project = {
  name: "promote",
  serviceRole: `arn:aws:iam::${accountId}:role/builder`,
  source: { type: "NO_SOURCE", buildspec: "version: 0.2\nphases:\n  build:\n    commands:\n      - true\n" },
  artifacts: { type: "NO_ARTIFACTS" },
  environment: { type: "LINUX_CONTAINER", image: "aws/codebuild/standard:7.0", computeType: "BUILD_GENERAL1_SMALL" },
};
const trust = (service: string): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }],
  });

describe("a role that was made a moment ago", () => {
  let cloud: Cloud;
  let provider: RunningProvider;
  let engine: Engine;
  before(async () => {
    cloud = new Cloud({
      models: new BotocoreModels({ modelsDir: process.env.BOTOCORE_DATA }),
      accountId,
      speed: 60,
      lags: { iamMs: 30_000 },
    });
    cloud.authoriser = { authorise: () => undefined };
    cloud.register(createIam(cloud));
    cloud.register(createSts(cloud));
    cloud.register(createCodeBuild(cloud, { images: {}, gatewayUrl: () => "http://127.0.0.1:1" }));
    provider = await startProvider(cloud, { port: 0, principalFor: async () => administrator });
    engine = await Engine.configured(provider.port);
  });
  after(async () => {
    engine.close();
    await provider.stop();
    await cloud.stop();
  });
  const call = (service: string, operation: string, input: Members): Promise<Members> =>
    cloud.as(administrator, service, operation, input, "test") as Promise<Members>;

  it("is unknown to the service that shall take it; the provider tries again until it is known", async () => {
    await call("iam", "CreateRole", {
      RoleName: "builder",
      AssumeRolePolicyDocument: trust("codebuild.amazonaws.com"),
    });
    await assert.rejects(call("codebuild", "CreateProject", project), {
      message: `CodeBuild is not authorized to perform: sts:AssumeRole on ${project.serviceRole}`,
    });
    const { id } = await engine.create("aws:codebuild/project:Project", "promote", project);
    assert.equal(id, `arn:aws:codebuild:eu-central-1:${accountId}:project/promote`);
  });

  it("is not waited for without end where its trust policy shuts the service out", async () => {
    await call("iam", "CreateRole", { RoleName: "other", AssumeRolePolicyDocument: trust("lambda.amazonaws.com") });
    await assert.rejects(
      engine.create("aws:codebuild/project:Project", "never", {
        ...project,
        name: "never",
        serviceRole: `arn:aws:iam::${accountId}:role/other`,
      }),
      /CodeBuild is not authorized to perform: sts:AssumeRole/,
    );
  });
});
