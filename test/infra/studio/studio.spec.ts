import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { Studio } from "../../../infra/studio/studio";
import { built, type Inputs } from "../../support/build";
import { type Recorder, record } from "../../support/mocks";
import { value } from "../../support/outputs";
import { scopeOf } from "../../support/scope";

const domainType = "aws:sagemaker/domain:Domain";
const profileType = "aws:sagemaker/userProfile:UserProfile";
const spaceType = "aws:sagemaker/space:Space";
const role = (stack: string, name: string) =>
  `arn:aws:iam::123456789012:role/peregrine/${stack}/peregrine-${stack}-studio-${name}`;
const people = (...entries: string[]) => ({ "peregrine:studio": "true", "peregrine:people": JSON.stringify(entries) });

/** Studio in a network of our own, as the platform makes it there. */
async function inOwnNetwork(): Promise<Recorder> {
  const recorder = await record("dev");
  const network = {
    vpcId: "vpc-own",
    subnetIds: ["subnet-1", "subnet-2"],
    securityGroupIds: [pulumi.output("sg-workloads")],
  };
  const studio = new Studio(
    "peregrine-dev-studio",
    scopeOf("dev"),
    { network, keyArn: "arn:key", artifactsBucket: "artifacts", roles: [] },
    {},
  );
  await value(studio.domain.urn);
  await Promise.all(studio.profiles.map((profile) => value(profile.urn)));
  return recorder;
}

describe("Studio", () => {
  let domain: Inputs;
  let recorder: Recorder;

  before(async () => {
    ({ recorder } = await built("dev"));
    domain = recorder.one(domainType).inputs;
  });

  it("is on in dev and off elsewhere, unless the settings say otherwise", async () => {
    for (const stack of ["staging", "prod"]) assert.equal((await built(stack)).recorder.ofType(domainType).length, 0);
    assert.equal((await built("prod", people("ben=ml-engineer"))).recorder.ofType(domainType).length, 1);
  });

  it("puts the profile's name on record with everything an app does", () => {
    assert.equal(domain["domainSettings"].executionRoleIdentityConfig, "USER_PROFILE_NAME");
  });

  it("passes the environment's tags on to what apps start", () => {
    assert.equal(domain["tagPropagation"], "ENABLED");
    assert.equal(domain["tags"].environment, "dev");
  });

  it("shuts idle apps down, and nobody can put that off", async () => {
    for (const app of ["jupyterLabAppSettings", "codeEditorAppSettings"])
      assert.deepEqual(domain["defaultUserSettings"][app].appLifecycleManagement.idleSettings, {
        lifecycleManagement: "ENABLED",
        idleTimeoutInMinutes: 60,
        minIdleTimeoutInMinutes: 60,
        maxIdleTimeoutInMinutes: 60,
      });
    const longer = (await built("dev", { "peregrine:studioIdleMinutes": "120" })).recorder.one(domainType).inputs;
    assert.equal(
      longer["defaultUserSettings"].jupyterLabAppSettings.appLifecycleManagement.idleSettings.maxIdleTimeoutInMinutes,
      120,
    );
  });

  it("runs neither containers nor services billed on their own, and shares no outputs", async () => {
    assert.deepEqual(domain["domainSettings"].dockerSettings, { enableDockerAccess: "DISABLED" });
    assert.deepEqual(domain["defaultUserSettings"].sharingSettings, { notebookOutputOption: "Disabled" });
    assert.ok(domain["defaultUserSettings"].studioWebPortalSettings.hiddenAppTypes.includes("Canvas"));
    const open = (
      await built("dev", { "peregrine:studioDocker": "true", "peregrine:studioShareOutputs": "true" })
    ).recorder.one(domainType).inputs;
    assert.equal(open["domainSettings"].dockerSettings.enableDockerAccess, "ENABLED");
    assert.equal(
      open["defaultUserSettings"].sharingSettings.s3OutputPath,
      "s3://peregrine-dev-artifacts-123456789012/users/shared",
    );
  });

  it("encrypts home folders with the environment's key, and deletes them only where contents may go", async () => {
    assert.match(domain["kmsKeyId"], /peregrine-dev-keys-key$/);
    assert.deepEqual(domain["retentionPolicy"], { homeEfsFileSystem: "Delete" });
    assert.deepEqual(
      (await built("prod", people("ben=ml-engineer"))).recorder.one(domainType).inputs["retentionPolicy"],
      { homeEfsFileSystem: "Retain" },
    );
  });

  it("gives each person a profile with the role of the duty, and a private space of their own", () => {
    const profiles = Object.fromEntries(
      recorder.ofType(profileType).map(({ inputs }) => [inputs["userProfileName"], inputs]),
    );
    assert.deepEqual(Object.keys(profiles).sort(), ["anna", "ben"]);
    assert.equal(profiles["anna"]!["userSettings"].executionRole, role("dev", "data-scientist"));
    assert.equal(profiles["ben"]!["userSettings"].executionRole, role("dev", "ml-engineer"));
    assert.ok(!("singleSignOnUserValue" in profiles["anna"]!));
    const spaces = recorder
      .ofType(spaceType)
      .map(({ inputs }) => [
        inputs["spaceName"],
        inputs["ownershipSettings"].ownerUserProfileName,
        inputs["spaceSharingSettings"].sharingType,
        inputs["spaceSettings"].appType,
      ]);
    assert.deepEqual(spaces.sort(), [
      ["anna-lab", "anna", "Private", "JupyterLab"],
      ["ben-lab", "ben", "Private", "JupyterLab"],
    ]);
  });

  it("gives whoever has no role of their own the least there is", async () => {
    assert.equal(domain["defaultUserSettings"].executionRole, role("dev", "data-scientist"));
    assert.equal(
      (await built("prod", people("ben=ml-engineer"))).recorder.one(domainType).inputs["defaultUserSettings"]
        .executionRole,
      role("prod", "ml-engineer"),
    );
  });

  it("has no data scientists outside of development", async () => {
    const prod = (await built("prod", people("anna=data-scientist", "ben=ml-engineer"))).recorder;
    assert.deepEqual(
      prod.ofType(profileType).map(({ inputs }) => inputs["userProfileName"]),
      ["ben"],
    );
    assert.doesNotMatch(JSON.stringify(prod.resources.map(({ inputs }) => inputs)), /studio-data-scientist/);
  });

  it("knows people by their sign-on name where that is how they come in", async () => {
    const sso = (await built("dev", { "peregrine:studioAuth": "SSO" })).recorder;
    assert.equal(sso.one(domainType).inputs["authMode"], "SSO");
    assert.deepEqual(
      sso
        .ofType(profileType)
        .map(({ inputs }) => [inputs["singleSignOnUserIdentifier"], inputs["singleSignOnUserValue"]])
        .sort(),
      [
        ["UserName", "anna"],
        ["UserName", "ben"],
      ],
    );
  });

  it("brings the libraries into every app, by a script named by its content", () => {
    const config = recorder.one("aws:sagemaker/studioLifecycleConfig:StudioLifecycleConfig");
    assert.match(config.inputs["studioLifecycleConfigName"], /^peregrine-dev-libraries-[0-9a-f]{12}$/);
    const lab = domain["defaultUserSettings"].jupyterLabAppSettings;
    assert.deepEqual(lab.lifecycleConfigArns, [lab.defaultResourceSpec.lifecycleConfigArn]);
    assert.match(lab.lifecycleConfigArns[0], /studiolifecycleconfig\/peregrine-dev-studio-libraries/);
    for (const { inputs } of recorder.ofType(spaceType))
      assert.equal(
        inputs["spaceSettings"].jupyterLabAppSettings.defaultResourceSpec.lifecycleConfigArn,
        lab.lifecycleConfigArns[0],
      );
    const text = Buffer.from(config.inputs["studioLifecycleConfigContent"], "base64").toString("utf8");
    const key = recorder.one("aws:s3/bucketObjectv2:BucketObjectv2", "peregrine-dev-studio-requirements").inputs["key"];
    assert.ok(text.includes(`export LOCK_URI='s3://peregrine-dev-artifacts-123456789012/${key}'`));
  });

  it("lives in the account's default network, where apps reach the internet by SageMaker's own way", () => {
    assert.deepEqual(
      [domain["vpcId"], domain["subnetIds"], domain["appNetworkAccessType"]],
      ["vpc-default", ["subnet-a", "subnet-b"], "PublicInternetOnly"],
    );
    assert.equal(recorder.ofType("aws:ec2/securityGroup:SecurityGroup").length, 0);
  });

  it("has no way out but the network's in a network of our own, and lets apps talk among themselves", async () => {
    const own = await inOwnNetwork();
    const inputs = own.one(domainType).inputs;
    assert.deepEqual([inputs["vpcId"], inputs["appNetworkAccessType"]], ["vpc-own", "VpcOnly"]);
    assert.deepEqual(inputs["defaultUserSettings"].securityGroups, ["peregrine-dev-studio-apps-id", "sg-workloads"]);
    assert.deepEqual(inputs["domainSettings"].securityGroupIds, inputs["defaultUserSettings"].securityGroups);
    const rules = [
      ...own.ofType("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"),
      ...own.ofType("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"),
    ];
    assert.deepEqual(
      rules.map(({ inputs: rule }) => [rule["fromPort"], rule["toPort"]]),
      [
        [2049, 2049],
        [8192, 65_535],
        [2049, 2049],
        [8192, 65_535],
      ],
    );
    for (const { inputs: rule } of rules) assert.equal(rule["referencedSecurityGroupId"], rule["securityGroupId"]);
  });
});
