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

/** The part of a data source's objects that one of several hosts gets (`ShardedByS3Key`). */
export interface Share {
  readonly index: number;
  readonly of: number;
}

/**
 * Downloads an S3 data source (prefix or manifest) into a folder.
 * @param share all objects when left out.
 */
export async function downloadSource(
  context: Context,
  principal: Principal,
  source: { uri: string; type: string },
  folder: string,
  share: Share = { index: 0, of: 1 },
): Promise<void> {
  const mine = (_object: unknown, index: number): boolean => index % share.of === share.index;
  if (source.type !== "ManifestFile") {
    await context.objects.downloadPrefix(principal, source.uri, folder, mine);
    return;
  }
  const manifest = JSON.parse((await context.objects.read(principal, parseS3Uri(source.uri))).toString("utf8")) as [
    Members,
    ...string[],
  ];
  const [head, ...names] = manifest;
  const { bucket, key } = parseS3Uri(String(head.prefix));
  for (const name of names.filter(mine))
    await context.objects.download(principal, { bucket, key: key + name }, join(folder, name));
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
export function resourceConfig(instanceType: string, host = "algo-1", hosts: readonly string[] = ["algo-1"]): Members {
  return {
    current_host: host,
    current_instance_type: instanceType,
    current_group_name: "homogeneousCluster",
    hosts,
    instance_groups: [{ instance_group_name: "homogeneousCluster", instance_type: instanceType, hosts }],
    network_interface_name: "lo",
  };
}
