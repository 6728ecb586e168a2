import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import type { Members } from "../../local/members";
import { buildImages } from "../../scripts/commands/build-images";
import { pulumiCli } from "../../scripts/pulumi-path";
import { Account, allow, archive, failureOf } from "../local/services/codebuild/account";
import { makeTemporaryFolder } from "../support/temporary-folder";
import { pulumiPath } from "./stack";

const repository = resolve(__dirname, "..", "..");

/** A program that knows nothing of where it runs; the second parameter is asked for by configuration. */
const source = archive({
  "Pulumi.yaml": "name: tiny\nruntime:\n  name: nodejs\n  options: {typescript: false}\n",
  "Pulumi.dev.yaml": "config:\n  aws:region: eu-central-1\n",
  "index.js": `const aws = require("@pulumi/aws");
const pulumi = require("@pulumi/pulumi");
const config = new pulumi.Config();
new aws.ssm.Parameter("allowed", { name: "/allowed/release", type: "String", value: "1" });
if (config.getBoolean("more")) new aws.ssm.Parameter("other", { name: "/other/release", type: "String", value: "1" });
exports.account = aws.getCallerIdentityOutput().arn;
`,
});

describe("a CodeBuild image as set-up makes it", function () {
  this.slow(20_000);
  const folder = makeTemporaryFolder();
  let account: Account;
  let role: string;

  before(async () => {
    if (!(await pulumiCli())) pulumiPath();
    account = await Account.open({ images: await buildImages(folder) });
    role = await account.buildRole(
      "deployer",
      allow("s3:GetObject", "arn:aws:s3:::sources/*"),
      allow("ssm:*", "arn:aws:ssm:*:*:parameter/allowed/*"),
    );
    await account.bucket("sources");
    await account.put("sources", "tiny.zip", source);
  });
  after(async () => {
    await account?.close();
  });

  function project(name: string, ...commands: string[]): Promise<Members> {
    const spec = {
      version: 0.2,
      env: { variables: { PULUMI_CONFIG_PASSPHRASE: "tiny" } },
      phases: { build: { commands } },
    };
    return account.project(name, role, "", {
      source: { type: "S3", location: "sources/tiny.zip", buildspec: JSON.stringify(spec) },
    });
  }
  const ready = [
    `ln -s '${join(repository, "node_modules")}' node_modules`,
    'pulumi login "file://$CODEBUILD_SRC_DIR"',
    "pulumi stack init dev",
  ];

  it("has Node, npm, Git, the Pulumi CLI and an AWS CLI that is the service role", async () => {
    await project(
      "tools",
      "node --version",
      "npm --version",
      "git --version",
      "pulumi version",
      "aws sts get-caller-identity --query Arn --output text",
    );
    const build = await account.run("tools");
    assert.equal(build.buildStatus, "SUCCEEDED", failureOf(build));
    const text = (await account.output(build, /assumed-role/)).join("\n");
    assert.match(
      text,
      /^v\d+\.\d+\.\d+$[^]*^git version[^]*^v3\.\d+\.\d+$[^]*^arn:aws:sts::111122223333:assumed-role\/deployer\/AWSCodeBuild-/m,
    );
  });

  it("brings a stack up as the service role, and finds nothing to change the second time", async () => {
    await project(
      "up",
      ...ready,
      "pulumi up --yes --stack dev",
      "pulumi up --yes --stack dev --expect-no-changes",
      "pulumi stack output account --stack dev",
    );
    const build = await account.run("up");
    const text = (await account.output(build, /Phase complete: FINALIZING/)).join("\n");
    assert.equal(build.buildStatus, "SUCCEEDED", text);
    assert.match(text, /^arn:aws:sts::111122223333:assumed-role\/deployer\/AWSCodeBuild-/m);
    assert.equal((await account.call("ssm", "GetParameter", { Name: "/allowed/release" })).Parameter.Value, "1");
  });

  it("is refused what the service role may not do, and a profile that the image does not have", async () => {
    await project("refused", ...ready, "pulumi config set more true --stack dev", "pulumi up --yes --stack dev");
    const refused = await account.run("refused");
    assert.equal(refused.buildStatus, "FAILED");
    assert.match(
      (await account.output(refused, /Phase complete: FINALIZING/)).join("\n"),
      /assumed-role\/deployer\/AWSCodeBuild-\S+ is not authorized to perform: ssm:PutParameter on resource: .*parameter\/other\/release/,
    );
    await project("profile", ...ready, "pulumi config set aws:profile ab --stack dev", "pulumi up --yes --stack dev");
    assert.match(
      (await account.output(await account.run("profile"), /Phase complete: FINALIZING/)).join("\n"),
      /failed to get shared config profile, ab/,
    );
  });
});
