import AdmZip from "adm-zip";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { relative, resolve } from "node:path";
import type { Cloud } from "../../cloud";
import { AwsError } from "../../errors";
import type { Principal } from "../../iam/principal";
import { Unreachable } from "../../network/unreachable";
import { readObject } from "../objects";
import { BadBuildspec, isInline, parseBuildspec, type Buildspec } from "./buildspec";
import { CODEBUILD_PRINCIPAL } from "./checks";
import { PhaseFailure } from "./phases";
import type { BuildRecord } from "./records";

/** Bucket and key of `bucket/key` or `arn:aws:s3:::bucket/key`. */
function s3Location(location: string): { bucket: string; key: string } {
  const path = location.replace(/^arn:aws:s3:::/, "");
  const slash = path.indexOf("/");
  return { bucket: path.slice(0, slash), key: path.slice(slash + 1) };
}

/** Puts a build's source into its folder, read as the service role. @throws PhaseFailure as DOWNLOAD_SOURCE has it. */
export async function fetchSource(
  cloud: Cloud,
  principal: Principal,
  build: BuildRecord,
  folder: string,
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  if (build.source.type === "NO_SOURCE") return;
  const { bucket, key } = s3Location(String(build.source.location));
  const version = build.sourceVersion;
  let archive: Buffer;
  try {
    archive = await readObject(cloud, principal, bucket, key, CODEBUILD_PRINCIPAL, version);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    // CodeBuild's agent is written in Go, and these are Go's words where S3 does not answer.
    const timeout = `RequestError: send request failed caused by: Get "https://${bucket}.s3.${cloud.region}.amazonaws.com/${key}": dial tcp: i/o timeout`;
    const what =
      error instanceof Unreachable ? timeout : `${error.code}: ${error.message} status code: ${error.status}`;
    throw new PhaseFailure(
      "CLIENT_ERROR",
      `${what} for primary source${version ? ` and source version ${version}` : ""}`,
    );
  }
  try {
    new AdmZip(archive).extractAllTo(folder, true, true);
  } catch (error) {
    throw new PhaseFailure(
      "CLIENT_ERROR",
      `error while unpacking ${bucket}/${key}: it is no ZIP archive (${(error as Error).message}) for primary source`,
    );
  }
}

/** The buildspec of a build: inline, an S3 object, or a file of the source. @throws PhaseFailure `YAML_FILE_ERROR`. */
export async function readBuildspec(
  cloud: Cloud,
  principal: Principal,
  build: BuildRecord,
  folder: string,
): Promise<Buildspec> {
  const given = String(build.source.buildspec || "buildspec.yml");
  try {
    return parseBuildspec(
      isInline(given)
        ? given
        : given.startsWith("arn:aws:s3:::")
          ? await fromS3(cloud, principal, given)
          : fromSource(folder, given),
    );
  } catch (error) {
    if (error instanceof BadBuildspec) throw new PhaseFailure("YAML_FILE_ERROR", error.message);
    throw error;
  }
}

async function fromS3(cloud: Cloud, principal: Principal, arn: string): Promise<string> {
  const { bucket, key } = s3Location(arn);
  return (await readObject(cloud, principal, bucket, key, CODEBUILD_PRINCIPAL)).toString("utf8");
}

function fromSource(folder: string, name: string): string {
  const file = resolve(folder, name);
  const inside = relative(folder, file);
  if (inside.startsWith("..") || !existsSync(file)) throw new BadBuildspec(`stat ${file}: no such file or directory`);
  return readFileSync(file, "utf8");
}
