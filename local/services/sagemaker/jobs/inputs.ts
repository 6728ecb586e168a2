import { join } from "node:path";
import type { Members } from "../../../members";
import { AwsError } from "../../../errors";
import type { Principal } from "../../../iam/principal";
import { parseS3Uri } from "../../../runner/objects";
import type { Context } from "../context";
import { jobChecks } from "../../../checks/jobs";

/** S3 URI as SageMaker wants it. @throws AwsError ValidationException otherwise. */
export function s3Uri(uri: string): { bucket: string; key: string } {
  try {
    return parseS3Uri(uri);
  } catch {
    throw jobChecks.s3Uri(uri);
  }
}

/**
 * SageMaker looks for a data source while a job is created, as the job's role.
 * @throws AwsError ValidationException in its words when there is nothing, or nothing the role may see.
 */
export async function assertObjectsExist(
  context: Context,
  principal: Principal,
  uri: string,
  roleArn: string,
): Promise<void> {
  const { bucket, key } = s3Uri(uri);
  let cause = "";
  try {
    if ((await context.objects.list(principal, bucket, key, 1)).length > 0) return;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    cause = ` Error message from S3: ${error.message}`;
  }
  throw jobChecks.inputsExist(uri, context.cloud.region, roleArn, bucket, cause);
}

/** Downloads an S3 data source (prefix or manifest) into a folder. */
export async function downloadSource(
  context: Context,
  principal: Principal,
  source: { uri: string; type: string },
  folder: string,
): Promise<void> {
  if (source.type !== "ManifestFile") {
    await context.objects.downloadPrefix(principal, source.uri, folder);
    return;
  }
  const manifest = JSON.parse((await context.objects.read(principal, parseS3Uri(source.uri))).toString("utf8")) as [
    Members,
    ...string[],
  ];
  const [head, ...names] = manifest;
  const { bucket, key } = parseS3Uri(String(head.prefix));
  for (const name of names) await context.objects.download(principal, { bucket, key: key + name }, join(folder, name));
}

/**
 * The place of a path below `/opt/ml` in a job's folder.
 * @throws AwsError ValidationException for any other path.
 */
export function placeOf(ml: string, localPath: string, below = "/opt/ml"): string {
  const path = localPath.replace(/\/+$/, "");
  if ((path !== below && !path.startsWith(`${below}/`)) || path.split("/").includes("..")) {
    throw jobChecks.localPath(localPath, below);
  }
  return join(ml, path.slice("/opt/ml".length));
}

/** `/opt/ml/input/config/resourceconfig.json` and its twin for processing. */
export function resourceConfig(instanceType: string): Members {
  return {
    current_host: "algo-1",
    current_instance_type: instanceType,
    current_group_name: "homogeneousCluster",
    hosts: ["algo-1"],
    instance_groups: [{ instance_group_name: "homogeneousCluster", instance_type: instanceType, hosts: ["algo-1"] }],
    network_interface_name: "lo",
  };
}
