import AdmZip from "adm-zip";
import assert from "node:assert/strict";
import { join } from "node:path";
import { stringify } from "yaml";
import type { Members } from "../../../local/members";
import { bringUp, networkOf, workloads } from "../../support/networks";
import { programOf } from "../../support/programs";
import { Account, allow, archive, commands, failureOf } from "../services/codebuild/account";
import { repository } from "../support";

const sdk = JSON.stringify(join(repository, "node_modules", "@aws-sdk", "client-sts"));
/** A program that asks who it is and tells how that ended. */
const asking = `const { STSClient, GetCallerIdentityCommand } = require(${sdk}); const ask = () => new STSClient({ maxAttempts: 1 }).send(new GetCallerIdentityCommand({})).then(() => "answered", (error) => "no answer: " + error.message);`;

describe("in a VPC", function () {
  let account: Account;
  let take: (id: string) => () => void;
  let place: { SubnetIds: string[]; SecurityGroupIds: string[] };
  let endpoint: (name: string) => string;
  before(async () => {
    const recorder = await programOf("prod", { "peregrine:studio": "true" });
    account = await Account.open();
    const network = networkOf(recorder);
    take = bringUp(account.local.cloud, network);
    const { subnetIds, securityGroupIds } = workloads(recorder);
    place = { SubnetIds: [...subnetIds], SecurityGroupIds: [...securityGroupIds] };
    endpoint = (name) =>
      network.find(({ properties }) => properties["serviceName"] === `com.amazonaws.eu-central-1.${name}`)!.id;
  });
  after(() => account?.close());

  describe("a function", () => {
    const interfaces = allow([
      "ec2:CreateNetworkInterface",
      "ec2:DescribeNetworkInterfaces",
      "ec2:DeleteNetworkInterface",
    ]);
    const create = async (name: string, role: string): Promise<Members> => {
      const zip = new AdmZip();
      zip.addFile("index.js", Buffer.from(`${asking} exports.handler = ask;`));
      return account.call("lambda", "CreateFunction", {
        FunctionName: name,
        Role: role,
        Runtime: "nodejs22.x",
        Handler: "index.handler",
        Timeout: 20,
        Code: { ZipFile: zip.toBuffer() },
        VpcConfig: place,
      });
    };

    it("is made only by a role that EC2 lets make interfaces", async () => {
      const poor = await account.role("poor", [allow("sts:GetCallerIdentity")], "lambda.amazonaws.com");
      await assert.rejects(create("poor", poor), {
        name: "InvalidParameterValueException",
        message: "The provided execution role does not have permissions to call CreateNetworkInterface on EC2",
      });
    });

    it("reaches a service while there is an endpoint for it", async () => {
      await create("asking", await account.role("rich", [interfaces], "lambda.amazonaws.com"));
      const invoke = async (): Promise<string> =>
        String((await account.call("lambda", "Invoke", { FunctionName: "asking" })).Payload);
      assert.equal(await invoke(), '"answered"');
      const bringBack = take(endpoint("sts"));
      assert.match(await invoke(), /^"no answer: /);
      bringBack();
      assert.equal(await invoke(), '"answered"');
    });
  });

  describe("a build", () => {
    const settings = () => ({
      vpcConfig: { vpcId: "vpc-1", subnets: place.SubnetIds, securityGroupIds: place.SecurityGroupIds },
    });
    const interfaces = allow(["ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces"]);

    it("fails where EC2 lets its role make no interfaces", async () => {
      await account.project("poor", await account.buildRole("poor-build"), commands("true"), settings());
      assert.equal(
        failureOf(await account.run("poor")),
        "PROVISIONING VPC_CLIENT_ERROR: Unexpected EC2 error: UnauthorizedOperation",
      );
    });

    it("reaches a service while there is an endpoint for it, and S3 for its source", async () => {
      const bucket = "peregrine-prod-sources";
      await account.bucket(bucket);
      await account.put(bucket, "app.zip", archive({ "ask.js": `${asking} ask().then(console.log);` }));
      const project = {
        ...settings(),
        source: { type: "S3", location: `${bucket}/app.zip`, buildspec: stringify(commands("node ask.js")) },
      };
      await account.project(
        "asking-build",
        await account.buildRole("rich-build", interfaces, allow("s3:Get*")),
        "",
        project,
      );
      const wrote = async (pattern: RegExp): Promise<string[]> =>
        account.output(await account.run("asking-build"), pattern);
      await wrote(/^answered$/m);
      const withSts = take(endpoint("sts"));
      await wrote(/^no answer: /m);
      withSts();
      const withS3 = take(endpoint("s3"));
      assert.match(
        failureOf(await account.run("asking-build")),
        /^DOWNLOAD_SOURCE CLIENT_ERROR: RequestError: send request failed caused by: Get "https:\/\/peregrine-prod-sources.s3.eu-central-1.amazonaws.com\/app.zip": dial tcp: i\/o timeout for primary source/,
      );
      withS3();
      await wrote(/^answered$/m);
    });
  });
});
