import { execFileSync } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  DescribeEndpointCommand,
  SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { championVariant } from "../../contract/variants";

/** An endpoint whose container does nothing. */
export async function makeEndpoint(account: string, region: "eu-central-1"): Promise<void> {
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
  await sagemaker.send(
    new CreateEndpointConfigCommand({
      EndpointConfigName: "bench",
      ProductionVariants: [
        { VariantName: championVariant, ModelName: "bench", InitialInstanceCount: 1, InstanceType: "ml.m5.large" },
      ],
    }),
  );
  await sagemaker.send(new CreateEndpointCommand({ EndpointName: "bench", EndpointConfigName: "bench" }));
  for (;;) {
    const { EndpointStatus, FailureReason } = await sagemaker.send(
      new DescribeEndpointCommand({ EndpointName: "bench" }),
    );
    if (EndpointStatus === "InService") return;
    if (EndpointStatus === "Failed") throw new Error(`the echo endpoint failed: ${FailureReason}`);
    await delay(200);
  }
}

/** `model.tar.gz` of a model that needs nothing. */
function emptyArchive(): Buffer {
  return execFileSync("tar", ["-czf", "-", "-T", "/dev/null"]);
}
