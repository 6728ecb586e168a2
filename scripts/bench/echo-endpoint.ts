import { execFileSync } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  DescribeEndpointCommand,
  SageMakerClient,
  type DescribeEndpointCommandOutput,
  type ProductionVariant,
} from "@aws-sdk/client-sagemaker";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { championVariant } from "../../contract/variants";

const name = "bench";

/** An endpoint, `bench`, whose containers do nothing. @param variants one of one instance when left out. */
export async function makeEndpoint(
  account: string,
  region: "eu-central-1",
  variants: readonly ProductionVariant[] = [echoVariant(championVariant)],
): Promise<void> {
  await makeModel(account, region);
  const sagemaker = new SageMakerClient({ region });
  await sagemaker.send(
    new CreateEndpointConfigCommand({ EndpointConfigName: name, ProductionVariants: [...variants] }),
  );
  await sagemaker.send(new CreateEndpointCommand({ EndpointName: name, EndpointConfigName: name }));
  await endpointUntil(sagemaker, ({ EndpointStatus }) => EndpointStatus === "InService");
}

/** A variant of the model that does nothing. */
export function echoVariant(VariantName: string, InitialVariantWeight = 1): ProductionVariant {
  return { VariantName, InitialVariantWeight, ModelName: name, InitialInstanceCount: 1, InstanceType: "ml.m5.large" };
}

/** Waits for the endpoint. @throws Error when it failed. */
export async function endpointUntil(
  sagemaker: SageMakerClient,
  done: (answer: DescribeEndpointCommandOutput) => boolean,
): Promise<DescribeEndpointCommandOutput> {
  for (;;) {
    const answer = await sagemaker.send(new DescribeEndpointCommand({ EndpointName: name }));
    if (answer.EndpointStatus === "Failed") throw new Error(`the echo endpoint failed: ${answer.FailureReason}`);
    if (done(answer)) return answer;
    await delay(50);
  }
}

async function makeModel(account: string, region: "eu-central-1"): Promise<void> {
  const settings = { region };
  const roleArn = `arn:aws:iam::${account}:role/bench`;
  const trust = {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: "sagemaker.amazonaws.com" }, Action: "sts:AssumeRole" }],
  };
  const allow = {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: ["s3:*", "ecr:*", "logs:*", "cloudwatch:*"], Resource: "*" }],
  };
  const iam = new IAMClient(settings);
  await iam.send(new CreateRoleCommand({ RoleName: "bench", AssumeRolePolicyDocument: JSON.stringify(trust) }));
  await iam.send(
    new PutRolePolicyCommand({ RoleName: "bench", PolicyName: "bench", PolicyDocument: JSON.stringify(allow) }),
  );
  const s3 = new S3Client(settings);
  await s3.send(
    new CreateBucketCommand({ Bucket: "bench", CreateBucketConfiguration: { LocationConstraint: region } }),
  );
  await s3.send(new PutObjectCommand({ Bucket: "bench", Key: "model.tar.gz", Body: emptyArchive() }));
  const sagemaker = new SageMakerClient(settings);
  const image = `${account}.dkr.ecr.${region}.amazonaws.com/bench-echo:1`;
  await sagemaker.send(
    new CreateModelCommand({
      ModelName: "bench",
      ExecutionRoleArn: roleArn,
      PrimaryContainer: { Image: image, ModelDataUrl: "s3://bench/model.tar.gz" },
    }),
  );
}

/** `model.tar.gz` of a model that needs nothing. */
function emptyArchive(): Buffer {
  return execFileSync("tar", ["-czf", "-", "-T", "/dev/null"]);
}
