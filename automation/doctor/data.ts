import { imageDigest, parseImageUri } from "../../aws/ecr";
import { ObjectStore } from "../../aws/s3";
import type { AwsSession } from "../../aws/session";
import { type CheckResult, failed, ok, warning } from "../../lifecycle/health/finding";

/** The dataset can be listed and an object of it be read. */
export async function datasetCheck(session: AwsSession, bucket: string, prefix: string): Promise<CheckResult> {
  const store = new ObjectStore(session);
  const cure =
    "Ask the owner of the bucket for images and read access, or correct datasetBucket and datasetPrefix in the stack's settings.";
  if (!(await store.bucketExists(bucket))) return failed(`s3://${bucket} does not exist`, cure);
  const [image] = await store.list(bucket, prefix, 1);
  if (!image) return failed(`s3://${bucket}/${prefix} holds nothing`, cure);
  return (await store.exists({ bucket, key: image.key }))
    ? ok(`s3://${bucket} can be read`)
    : failed(`s3://${bucket}/${image.key} is listed and cannot be read`, cure);
}

/** The container image is in its repository. @param what the image is for, in words. */
export async function imageCheck(session: AwsSession, uri: string, what: string): Promise<CheckResult> {
  const image = parseImageUri(uri);
  if (!image)
    return warning(
      `${uri} is no image in ECR: nobody knows whether it is there`,
      "Name an image of the account's own repository.",
    );
  const push = "Build and push it: docs/going-to-aws.md.";
  switch (await imageDigest(session, image)) {
    case "absent":
      return failed(`${uri}, the image of ${what}, is not in its repository`, push);
    case "no-repository":
      return failed(
        `the repository ${image.repository} does not exist in ${image.registryId}, ${image.region}`,
        `Bring up the stack that owns it (peregrine:ownsImageRepository). ${push}`,
      );
    default:
      return ok(`${image.repository} has the image of ${what}`);
  }
}
