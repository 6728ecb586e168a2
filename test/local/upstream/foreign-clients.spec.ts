import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LocalCloud } from "../../../local/server";
import { foreignEnvironment, python, startTestCloud } from "../support";
import { makeTemporaryFolder } from "../../support/temporary-folder";

/** boto3 and the AWS CLI know nothing of us: what they understand, AWS's other clients understand. */
describe("foreign clients", () => {
  const folder = makeTemporaryFolder();
  let local: LocalCloud;
  let env: NodeJS.ProcessEnv;
  before(async () => {
    local = await startTestCloud();
    env = foreignEnvironment(local, join(folder, "aws"));
  });
  after(async () => {
    await local?.stop();
  });

  async function aws(...args: string[]): Promise<string> {
    return python("aws", [...args, "--output", "json"], env);
  }

  it("the AWS CLI finds its identity through the profile", async () => {
    assert.equal(
      JSON.parse(await aws("sts", "get-caller-identity")).Arn,
      `arn:aws:iam::${local.cloud.accountId}:user/ab`,
    );
  });

  it("the AWS CLI copies a file up and down, in parts", async () => {
    const source = join(folder, "source.bin");
    const back = join(folder, "back.bin");
    writeFileSync(source, Buffer.alloc(9_000_000, "drone"));
    await aws("s3", "mb", "s3://cli-bucket");
    await aws("s3", "cp", source, "s3://cli-bucket/flights/source.bin", "--no-progress");
    await aws("s3", "cp", "s3://cli-bucket/flights/source.bin", back, "--no-progress");
    assert.ok(readFileSync(source).equals(readFileSync(back)));
  });

  it("boto3 reads errors, dates, blobs and pages of every protocol", async () => {
    const program = `
import boto3, botocore.exceptions, datetime, json, urllib.request
out = {}
def code(call):
    try:
        call()
    except botocore.exceptions.ClientError as error:
        return [error.response["Error"]["Code"], error.response["Error"]["Message"]]
iam, s3, kms, ssm, sm = (boto3.client(name) for name in ("iam", "s3", "kms", "ssm", "sagemaker"))
out["missing role"] = code(lambda: iam.get_role(RoleName="none"))
out["role"] = iam.create_role(RoleName="r", Path="/peregrine/dev/", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}]}))["Role"]
out["role"] = [out["role"]["Arn"], isinstance(out["role"]["CreateDate"], datetime.datetime), type(out["role"]["AssumeRolePolicyDocument"]).__name__]
key = kms.create_key()["KeyMetadata"]["KeyId"]
out["kms"] = kms.decrypt(CiphertextBlob=kms.encrypt(KeyId=key, Plaintext=b"secret")["CiphertextBlob"])["Plaintext"].decode()
s3.create_bucket(Bucket="boto-bucket", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
for n in range(5):
    s3.put_object(Bucket="boto-bucket", Key=f"k{n}", Body=b"x")
out["pages"] = sum(len(page["Contents"]) for page in s3.get_paginator("list_objects_v2").paginate(Bucket="boto-bucket", PaginationConfig={"PageSize": 2}))
out["presigned"] = urllib.request.urlopen(s3.generate_presigned_url("get_object", Params={"Bucket": "boto-bucket", "Key": "k1"})).read().decode()
out["unknown key"] = code(lambda: boto3.client("sts", aws_access_key_id="AKIANOBODYNOBODYNOBO", aws_secret_access_key="x").get_caller_identity())
out["wrong secret"] = code(lambda: boto3.client("sts", aws_access_key_id=boto3.Session().get_credentials().access_key, aws_secret_access_key="x").get_caller_identity())[0]
out["unknown key, json"] = code(lambda: boto3.client("ssm", aws_access_key_id="AKIANOBODYNOBODYNOBO", aws_secret_access_key="x").describe_parameters())[0]
out["unknown key, s3"] = code(lambda: boto3.client("s3", aws_access_key_id="AKIANOBODYNOBODYNOBO", aws_secret_access_key="x").list_buckets())[0]
out["trail"] = any(event["EventName"] == "CreateRole" and json.loads(event["CloudTrailEvent"])["requestParameters"]["roleName"] == "r" for event in boto3.client("cloudtrail").lookup_events(LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "CreateRole"}])["Events"])
print(json.dumps(out))`;

    const out = JSON.parse(await python("python", ["-c", program], env));
    assert.deepEqual(out, {
      "missing role": ["NoSuchEntity", "The role with name none cannot be found."],
      role: [`arn:aws:iam::${local.cloud.accountId}:role/peregrine/dev/r`, true, "dict"],
      kms: "secret",
      pages: 5,
      presigned: "x",
      "unknown key": ["InvalidClientTokenId", "The security token included in the request is invalid."],
      "wrong secret": "SignatureDoesNotMatch",
      "unknown key, json": "UnrecognizedClientException",
      "unknown key, s3": "InvalidAccessKeyId",
      trail: true,
    });
  });
});
