import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

// One of each kind: a name from a function, a secret, an auto-named resource, a dependency, a type kept as a record.
const config = new pulumi.Config();
if (config.getBoolean("throws")) throw new Error("the program is wrong");
const { accountId } = aws.getCallerIdentityOutput();
const tags: Record<string, string> = config.getBoolean("untagged") ? {} : { owner: "ml" };
const bucket = new aws.s3.Bucket("data", { bucket: pulumi.interpolate`tiny-${accountId}`, tags });
new aws.s3.BucketVersioning("data", { bucket: bucket.bucket, versioningConfiguration: { status: "Enabled" } });
const role = new aws.iam.Role("execution", {
  assumeRolePolicy: JSON.stringify({ Version: "2012-10-17", Statement: [] }),
  description: config.get("description"),
});
const secret = new aws.ssm.Parameter("secret", {
  name: "/tiny/secret",
  type: "SecureString",
  value: config.requireSecret("password"),
});
const model = new aws.sagemaker.Model("detector", {
  executionRoleArn: role.arn,
  primaryContainer: { image: config.get("image") ?? "image:1" },
});
new aws.ec2.Vpc("network", { cidrBlock: "10.0.0.0/16" });

export const modelName: pulumi.Output<string> = model.name;
export const parameterVersion: pulumi.Output<number> = secret.version;
