import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { CreateKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateTrainingJobCommand, DescribeTrainingJobCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { tagList } from "../../../aws/tagging";
import { environmentTags } from "../../../contract/names";
import type { LocalCloud } from "../../../local/server";
import { priceTable } from "../../../pricing/table";
import { billSoFar, tellCostsApart } from "../../../scripts/rehearsal/bill";
import type { Rehearsal } from "../../../scripts/rehearsal/rehearsal";
import { enter, sdkConfig, startTestCloud } from "../../local/support";
import { eventually } from "../../support/eventually";

const toy = join(__dirname, "..", "..", "local", "services", "sagemaker", "images", "toy.cjs");
const role = "arn:aws:iam::111122223333:role/execution";
const image = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/toy:1";
const prices = Object.fromEntries(
  Object.entries(priceTable.regions["eu-central-1"]!).map(([key, { usd }]) => [key, usd]),
);

describe("the bill of trainings that ran on a local cloud", function () {
  this.slow(20_000);
  let local: LocalCloud;
  let folder: string;
  let leave: () => void;
  const session = { profile: "ab", region: "eu-central-1" };
  const rehearsal = () =>
    ({
      environments: { dev: { session }, staging: { session }, prod: { session } },
      reportDir: folder,
    }) as unknown as Rehearsal;
  const sagemaker = () => new SageMakerClient(sdkConfig(local));

  async function train(name: string, environment: string): Promise<void> {
    await sagemaker().send(
      new CreateTrainingJobCommand({
        ...{ TrainingJobName: name, RoleArn: role },
        AlgorithmSpecification: { TrainingImage: image, TrainingInputMode: "File" },
        InputDataConfig: [
          {
            ChannelName: "dataset",
            DataSource: { S3DataSource: { S3DataType: "S3Prefix", S3Uri: "s3://artifacts-1/data/" } },
          },
        ],
        OutputDataConfig: { S3OutputPath: "s3://artifacts-1/runs" },
        ResourceConfig: { InstanceType: "ml.m5.xlarge", InstanceCount: 1, VolumeSizeInGB: 10 },
        StoppingCondition: { MaxRuntimeInSeconds: 60 },
        Tags: tagList(environmentTags(environment)),
      }),
    );
    await eventually(
      async () => {
        const job = await sagemaker().send(new DescribeTrainingJobCommand({ TrainingJobName: name }));
        assert.equal(job.TrainingJobStatus, "Completed", job.FailureReason);
        assert.ok(job.BillableTimeInSeconds! > 0);
      },
      60_000,
      200,
    );
  }

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "peregrine-jobs-"));
    local = await startTestCloud({
      ...{ stateDir: join(folder, "state"), priceList: prices, speed: 60 },
      images: { toy: { entrypoint: ["node", toy] } },
      quotas: { "ml.m5.xlarge for training job usage": 2 },
    });
    leave = enter(local, folder);
    const iam = new IAMClient(sdkConfig(local));
    const s3 = new S3Client({ ...sdkConfig(local), forcePathStyle: true });
    const trust = { Effect: "Allow", Principal: { Service: "sagemaker.amazonaws.com" }, Action: "sts:AssumeRole" };
    const document = (...Statement: object[]) => JSON.stringify({ Version: "2012-10-17", Statement });
    await iam.send(new CreateRoleCommand({ RoleName: "execution", AssumeRolePolicyDocument: document(trust) }));
    await iam.send(
      new PutRolePolicyCommand({
        ...{ RoleName: "execution", PolicyName: "run" },
        PolicyDocument: document({ Effect: "Allow", Action: ["s3:*", "ecr:*", "logs:*"], Resource: "*" }),
      }),
    );
    await s3.send(
      new CreateBucketCommand({
        Bucket: "artifacts-1",
        CreateBucketConfiguration: { LocationConstraint: "eu-central-1" },
      }),
    );
    await s3.send(new PutObjectCommand({ Bucket: "artifacts-1", Key: "data/a.txt", Body: "a" }));
    const Tags = Object.entries(environmentTags("dev")).map(([TagKey, TagValue]) => ({ TagKey, TagValue }));
    await new KMSClient(sdkConfig(local)).send(new CreateKeyCommand({ Tags }));
  });
  after(async () => {
    leave?.();
    await local?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("is what each job says of itself, times the price, within 1 %", async () => {
    assert.deepEqual(await tellCostsApart(rehearsal()), { "cost tags": 2 });
    await train("peregrine-dev-run-train-1", "dev");
    await train("peregrine-dev-run-train-2", "dev");
    const facts = await billSoFar(rehearsal(), () => undefined);
    assert.ok(Number(facts["paid in dev, USD"]) >= 0);
    assert.match(readFileSync(join(folder, "bill.txt"), "utf8"), /training/);
  });

  it("is refused where a job runs that nobody tagged as dev's", async () => {
    await train("peregrine-dev-run-train-3", "prod");
    await assert.rejects(
      billSoFar(rehearsal(), () => undefined),
      /trainings were billed .* and used/,
    );
  });
});
