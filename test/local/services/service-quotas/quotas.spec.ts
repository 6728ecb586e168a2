import assert from "node:assert/strict";
import * as sdk from "@aws-sdk/client-service-quotas";
import { DescribeVpcsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { CreateRepositoryCommand, DescribeImagesCommand, ECRClient } from "@aws-sdk/client-ecr";
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from "@aws-sdk/client-iam";
import type { LocalCloud } from "../../../../local/server";
import { recordTable } from "../../../../local/provider/records";
import { sdkConfig, startTestCloud } from "../../support";

const sagemaker = { ServiceCode: "sagemaker" };
const endpointUsage = "L-D470D954";

describe("what an account can have", () => {
  let local: LocalCloud;
  let quotas: sdk.ServiceQuotasClient;

  before(async () => {
    local = await startTestCloud({
      quotas: { "ml.g5.xlarge for endpoint usage": 4 },
      images: { "peregrine-ml": { entrypoint: ["true"] } },
    });
    quotas = new sdk.ServiceQuotasClient(sdkConfig(local));
  });
  after(() => local?.stop());

  const value = async (QuotaCode: string) =>
    (await quotas.send(new sdk.GetServiceQuotaCommand({ ...sagemaker, QuotaCode }))).Quota?.Value;

  it("is AWS's default, or what it was granted: no GPU endpoint in a new account", async () => {
    assert.deepEqual([await value(endpointUsage), await value("L-1928E07B")], [0, 4]);
    const { Quota } = await quotas.send(
      new sdk.GetAWSDefaultServiceQuotaCommand({ ...sagemaker, QuotaCode: "L-1928E07B" }),
    );
    assert.deepEqual([Quota?.QuotaName, Quota?.Value, Quota?.Adjustable], ["ml.g5.xlarge for endpoint usage", 0, true]);
  });

  it("is listed on pages, by service; codes are nobody else's", async () => {
    const names: string[] = [];
    const codes = new Set<string>();
    for await (const page of sdk.paginateListServiceQuotas({ client: quotas, pageSize: 20 }, { ...sagemaker }))
      for (const { QuotaName, QuotaCode } of page.Quotas!) (names.push(QuotaName!), codes.add(QuotaCode!));
    assert.ok(
      names.length > 60 &&
        names.includes("ml.g6.2xlarge for training job usage") &&
        names.includes("Number of instances across active endpoints"),
    );
    assert.equal(codes.size, names.length);
    const { Quotas } = await quotas.send(new sdk.ListServiceQuotasCommand({ ServiceCode: "vpc" }));
    assert.equal(Quotas?.find(({ QuotaName }) => QuotaName === "VPCs per Region")?.Value, 5);
  });

  it("grows on request, and only grows", async () => {
    const ask = (DesiredValue: number) =>
      quotas.send(new sdk.RequestServiceQuotaIncreaseCommand({ ...sagemaker, QuotaCode: endpointUsage, DesiredValue }));
    const { RequestedQuota } = await ask(12);
    assert.deepEqual(
      [RequestedQuota?.Status, RequestedQuota?.QuotaName, RequestedQuota?.Created instanceof Date],
      ["APPROVED", "ml.g6.xlarge for endpoint usage", true],
    );
    assert.equal(await value(endpointUsage), 12);
    await assert.rejects(ask(12), { name: "IllegalArgumentException" });
    const { RequestedQuotas } = await quotas.send(new sdk.ListRequestedServiceQuotaChangeHistoryCommand(sagemaker));
    assert.deepEqual(
      RequestedQuotas?.map(({ DesiredValue }) => DesiredValue),
      [12],
    );
  });

  it("knows no other services and quotas", async () => {
    await assert.rejects(quotas.send(new sdk.ListServiceQuotasCommand({ ServiceCode: "braket" })), {
      name: "NoSuchResourceException",
    });
    await assert.rejects(value("L-00000000"), { name: "NoSuchResourceException" });
  });

  it("is told to those who may look, and changed by those who may ask", async () => {
    const iam = new IAMClient(sdkConfig(local));
    await iam.send(new CreateUserCommand({ UserName: "looker" }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: "looker" }));
    const client = new sdk.ServiceQuotasClient({
      ...sdkConfig(local),
      credentials: { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! },
    });
    const list = () => client.send(new sdk.ListServiceQuotasCommand(sagemaker));
    await assert.rejects(list(), /not authorized to perform: servicequotas:ListServiceQuotas/);
    await iam.send(
      new PutUserPolicyCommand({
        UserName: "looker",
        PolicyName: "look",
        PolicyDocument: JSON.stringify({
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Action: "servicequotas:List*", Resource: "*" }],
        }),
      }),
    );
    assert.ok((await list()).Quotas!.length > 0);
    await assert.rejects(
      client.send(
        new sdk.RequestServiceQuotaIncreaseCommand({ ...sagemaker, QuotaCode: endpointUsage, DesiredValue: 99 }),
      ),
      /not authorized to perform: servicequotas:RequestServiceQuotaIncrease on resource: arn:aws:servicequotas:eu-central-1:111122223333:sagemaker\/L-D470D954/,
    );
  });

  it("counts the VPCs that the Pulumi provider keeps beside the default one", async () => {
    const ec2 = new EC2Client(sdkConfig(local));
    const ids = async () =>
      (await ec2.send(new DescribeVpcsCommand({}))).Vpcs!.map(({ VpcId, IsDefault }) => [VpcId, IsDefault]);
    const before = await ids();
    assert.deepEqual(
      before.map(([, isDefault]) => isDefault),
      [true],
    );
    const record = {
      type: "aws:ec2/vpc:Vpc",
      id: "vpc-0abc",
      arn: "arn:aws:ec2:eu-central-1:111122223333:vpc/vpc-0abc",
      region: "eu-central-1",
      tags: { project: "peregrine" },
      properties: { cidrBlock: "10.0.0.0/16" },
    };
    recordTable(local.cloud).put(`${record.type}|${record.id}`, record);
    assert.deepEqual(await ids(), [...before, ["vpc-0abc", false]]);
  });

  it("has the image of a repository that stands for a local command, under any tag, and of no other repository", async () => {
    const ecr = new ECRClient(sdkConfig(local));
    const look = (repositoryName: string) =>
      ecr.send(new DescribeImagesCommand({ repositoryName, imageIds: [{ imageTag: "0.1.0" }] }));
    await assert.rejects(look("peregrine-ml"), { name: "RepositoryNotFoundException" });
    for (const repositoryName of ["peregrine-ml", "other"])
      await ecr.send(new CreateRepositoryCommand({ repositoryName }));
    const { imageDetails } = await look("peregrine-ml");
    assert.deepEqual(
      imageDetails?.map(({ imageTags }) => imageTags),
      [["0.1.0"]],
    );
    assert.match(imageDetails![0]!.imageDigest!, /^sha256:[0-9a-f]{64}$/);
    await assert.rejects(look("other"), { name: "ImageNotFoundException" });
  });
});
