import type { Cloud } from "../../cloud";
import type { Members } from "../../members";
import { AwsError } from "../../errors";
import type { Principal } from "../../iam/principal";
import { CODEBUILD_PRINCIPAL } from "./checks";
import { PhaseFailure } from "./phases";
import type { BuildRecord, Variable } from "./records";

/** GetParameters takes ten names (Systems Manager API). */
const NAMES_AT_ONCE = 10;

export interface ResolvedVariables {
  readonly values: Readonly<Record<string, string>>;
  /** Values that CodeBuild hides in logs: those of the parameter store. */
  readonly secrets: readonly string[];
}

/**
 * The variables of a build: the buildspec's, over them the project's, over them StartBuild's. Parameters are read as
 * the service role.
 * @throws PhaseFailure `Decrypted Variables Error`.
 */
export async function resolveVariables(
  cloud: Cloud,
  principal: Principal,
  declared: readonly Variable[],
  spec: { variables: Readonly<Record<string, string>>; parameterStore: Readonly<Record<string, string>> },
): Promise<ResolvedVariables> {
  const parameters = new Map(Object.entries(spec.parameterStore));
  const values: Record<string, string> = { ...spec.variables };
  for (const { name, value, type } of declared) {
    if (type === "PARAMETER_STORE") parameters.set(name, value);
    else {
      values[name] = value;
      parameters.delete(name);
    }
  }
  const read = await readParameters(cloud, principal, [...new Set(parameters.values())]);
  for (const [name, parameter] of parameters) values[name] = read.get(parameter)!;
  return { values, secrets: [...read.values()] };
}

async function readParameters(
  cloud: Cloud,
  principal: Principal,
  names: readonly string[],
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (let at = 0; at < names.length; at += NAMES_AT_ONCE) {
    const asked = names.slice(at, at + NAMES_AT_ONCE);
    let answer: Members;
    try {
      answer = await cloud.as(
        principal,
        "ssm",
        "GetParameters",
        { Names: asked, WithDecryption: true },
        CODEBUILD_PRINCIPAL,
      );
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      throw new PhaseFailure("Decrypted Variables Error", `${error.code}: ${error.message}`);
    }
    for (const { Name, ARN, Value } of (answer.Parameters ?? []) as Members[])
      for (const name of asked) if (name === Name || name === ARN) found.set(name, String(Value));
    const missing = asked.find((name) => !found.has(name));
    if (missing !== undefined)
      throw new PhaseFailure("Decrypted Variables Error", `parameter does not exist: ${missing}`);
  }
  return found;
}

/** The variables that CodeBuild itself sets (User Guide, "Environment variables in build environments"). */
export function builtInVariables(build: BuildRecord, sourceFolder: string, projectArn: string): Record<string, string> {
  const { type, location } = build.source as { type: string; location?: string };
  const s3 = type === "S3" && location !== undefined ? location.replace(/^arn:aws:s3:::/, "") : undefined;
  return {
    CODEBUILD_BUILD_ID: build.id,
    CODEBUILD_BUILD_ARN: build.arn,
    CODEBUILD_BUILD_NUMBER: String(build.number),
    CODEBUILD_BUILD_IMAGE: String(build.environment.image),
    CODEBUILD_BUILD_SUCCEEDING: "1",
    CODEBUILD_CI: "true",
    CODEBUILD_INITIATOR: build.initiator,
    CODEBUILD_KMS_KEY_ID: String(build.recorded.encryptionKey ?? ""),
    ...(build.logs ? { CODEBUILD_LOG_PATH: build.logs.stream } : {}),
    CODEBUILD_PROJECT_ARN: projectArn,
    CODEBUILD_SRC_DIR: sourceFolder,
    CODEBUILD_START_TIME: String(Math.floor(build.startMs)),
    ...(s3 === undefined
      ? {}
      : { CODEBUILD_SOURCE_REPO_URL: s3, CODEBUILD_SOURCE_VERSION: build.sourceVersion ?? `arn:aws:s3:::${s3}` }),
    ...(build.resolvedSourceVersion === undefined
      ? {}
      : { CODEBUILD_RESOLVED_SOURCE_VERSION: build.resolvedSourceVersion }),
  };
}
